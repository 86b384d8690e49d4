using System.Runtime.InteropServices;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// One processor's side of generated code: its context, its own jump table, and the keys by which address spaces use that.
/// </summary>
/// <remarks>Used by the processor's thread only.</remarks>
internal sealed unsafe class ProcessorContext : IDisposable
{
    private const int LastGeneration = 0x7fff, JumpEntries = TranslatorContext.JumpEntries, KnownKeys = 256;

    private readonly HostMemory _memory = HostMemory.Reserve(TranslatorContext.WholeSize);
    private readonly Key[] _keys = new Key[KnownKeys]; // by the generation of the processor's jump key

    private readonly Dictionary<TranslationCache, KnownRanges> _knownRanges = [];
    private readonly ConstantPages _constantPages;
    private int _generation;
    private TranslationCache? _cache;
    private KnownRanges? _ranges;
    private bool _isRunning;
    private long _era;
    private int _forgotten;

    /// <param name="constantPages">Whose numbers the tables of pages go by.</param>
    /// <param name="noCall">Host address of <see cref="SharedRoutines.Base"/>.</param>
    public ProcessorContext(ConstantPages constantPages, nint noCall)
    {
        _constantPages = constantPages;
        Context = (TranslatorContext*)_memory.Address;
        var sites = (ulong*)((byte*)Context + TranslatorContext.SitesAt);
        for (int site = 0; site < TranslatorContext.Sites; site++) sites[site] = (ulong)Context + TranslatorContext.NoRangeAt; // Span.Fill is compiled at run time
        for (int slot = 0; slot < TranslatorContext.SlotCount; slot++) SetSlot(TranslatorContext.SlotAt(slot), RangeSlot.None.ForGroups);
        *(RangeSlot*)((byte*)Context + TranslatorContext.NoRangeAt) = RangeSlot.None;
        Context->PageRange = (RangeSlot*)((byte*)Context + TranslatorContext.PageAt);
        *Context->PageRange = RangeSlot.None;
        // A call that nobody made: where it returns to, and the guest's address, which is 0.
        nint* first = (nint*)((byte*)Context + TranslatorContext.WholeSize) - 3;
        *first = noCall;
        Context->StackBase = (ulong)first;
        Clear();
    }

    public TranslatorContext* Context { get; }

    private ulong* Tags => (ulong*)((byte*)Context + TranslatorContext.JumpTagsAt);

    private nint* Codes => (nint*)((byte*)Context + TranslatorContext.JumpCodesAt);

    /// <summary>An instruction that faulted in the middle of a block, to be gone on with there.</summary>
    public Restart Restart { get; set; }

    /// <summary>A jump that led to a page which was not there, to be linked when it is.</summary>
    public Unlinked Unlinked { get; set; }

    /// <summary>Instructions that the block about to be gone on with will count, though they have been counted.</summary>
    public int Credit { get; set; }

    // How far down generated code may use its stack.
    private ulong StackLimit => (ulong)Context + TranslatorContext.StackAt + TranslatorContext.SignalRoom;

    /// <summary>Whether <see cref="IExecutionEngine.Run"/> is inside, for the ticker.</summary>
    public bool IsRunning
    {
        get => Volatile.Read(ref _isRunning);
        set => Volatile.Write(ref _isRunning, value);
    }

    /// <summary>Before looking at what others want: from now on, they get attention by asking again.</summary>
    public void HeedAttention()
    {
        if (Context->StackLimit != StackLimit) Interlocked.Exchange(ref Context->StackLimit, StackLimit);
    }

    /// <summary>Before generated code is entered: forgets what others have changed since the last time.</summary>
    /// <param name="cache">Of the address space that is to run.</param>
    /// <param name="epoch"><see cref="TranslationStore.Epoch"/>.</param>
    /// <param name="era"><see cref="TranslationStore.Era"/>.</param>
    public void Prepare(TranslationCache cache, long epoch, long era)
    {
        if (era != _era)
        {
            Clear(); // entries, even those that no key fits any more, would lead into the middle of other code
            _era = era;
        }
        if (cache != _cache) Switch(cache);
        if (_ranges!.IsStale)
        {
            _forgotten++;
            _ranges.Update();
        }
        ref Key key = ref _keys[(cache.JumpKey >> 48) & (KnownKeys - 1)];
        if (key.JumpKey != cache.JumpKey || key.Round != cache.JumpRound || key.Epoch != epoch)
        {
            if (_generation == LastGeneration) Clear();
            ulong generation = (ulong)++_generation;
            key = new Key(cache.JumpKey, cache.JumpRound, epoch, (generation << 48) | (generation * 0x9e50 & (JumpEntries - 1)));
        }
        if (Context->Key != key.Value || Context->Calls < StackLimit) ForgetCalls();
        Context->Key = key.Value;
    }

    /// <summary>Forgets the calls that the guest has not returned from. Their return addresses are good for as long as the jump table's entries.</summary>
    public void ForgetCalls() => Context->Calls = Context->StackBase;

    /// <summary>The code of an address, if the jump table knows it.</summary>
    public nint Lookup(ulong rip)
    {
        ulong tag = rip ^ Context->Key;
        ulong slot = tag & (JumpEntries - 1), second = SecondSlot(tag);
        return Tags[slot] == tag ? Codes[slot] : Tags[second] == tag ? Codes[second] : 0;
    }

    /// <summary>Enters code in the jump table. What was in its place goes to its second one.</summary>
    public void Remember(ulong rip, nint code)
    {
        ulong tag = rip ^ Context->Key;
        ulong slot = tag & (JumpEntries - 1), other = Tags[slot];
        if (other != tag && (other & (JumpEntries - 1)) == slot)
        {
            ulong second = SecondSlot(other);
            Codes[second] = Codes[slot];
            Tags[second] = other;
        }
        Codes[slot] = code;
        Tags[slot] = tag;
    }

    private static ulong SecondSlot(ulong tag) => (tag >> TranslatorContext.JumpSecondShift ^ tag) & (JumpEntries - 1);

    /// <summary>Whether the x87 registers are to be loaded before generated code is entered.</summary>
    public bool NeedsX87 { get; set; }

    /// <summary>Whether generated code is about to be gone on with in the middle of a block, which may have noted already that upper halves are in use.</summary>
    public bool IsInMiddle { get; set; }

    /// <summary>Which registers are to be in each other's places when generated code is entered: <see cref="ExitRecord.Exchange"/>.</summary>
    public int Exchange { get; set; }

    /// <summary>What is known of the ranges of the address space that runs.</summary>
    public KnownRanges Ranges => _ranges!;

    /// <summary>Before generated code is entered with another base of FS.</summary>
    public void ChangeThread(ulong thread)
    {
        Context->Thread = thread;
        Context->ThreadRead = Context->ThreadWrite = 0;
    }

    /// <summary>Makes the slot at an offset of the context serve a range.</summary>
    public void SetSlot(int slot, in RangeSlot range) => *(RangeSlot*)((byte*)Context + slot) = range;

    /// <summary>Makes a place, whose entry is at an offset of the context, use a range.</summary>
    public void SetSite(int site, RangeSlot* range) => *(RangeSlot**)((byte*)Context + site) = range;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (KnownRanges ranges in _knownRanges.Values) ranges.Dispose();
        _memory.Dispose();
    }

    /// <summary>Changes when checks made before may hold no more.</summary>
    public int Forgotten => _forgotten + (_ranges?.Replaced ?? 0);

    private void Switch(TranslationCache cache)
    {
        _forgotten++;
        _cache = cache;
        KnownRanges? before = _ranges;
        if (!_knownRanges.TryGetValue(cache, out _ranges)) _knownRanges[cache] = _ranges = new KnownRanges(cache, Context, _constantPages);
        _ranges.Load(before);
    }

    private void Clear()
    {
        new Span<ulong>(Tags, JumpEntries).Clear();
        Tags[0] = 1; // a guest may well jump to its key, for which the tag is zero; but this tag is none of slot 0's
        Array.Clear(_keys);
        _generation = 0;
        ForgetCalls();
    }

    private readonly record struct Key(ulong JumpKey, int Round, long Epoch, ulong Value);
}

/// <summary>A jump that is not linked yet.</summary>
/// <param name="Rip">Where it leads.</param>
/// <param name="Place">Its place in code memory.</param>
/// <param name="Page">Number of the page that it belongs to; 0 for none.</param>
/// <param name="Entry">The way in that it takes.</param>
internal readonly record struct Unlinked(ulong Rip, int Place, int Page, EntryKind Entry);

/// <summary>Where to go on with a block that an instruction left in its middle.</summary>
/// <param name="Rip">The instruction.</param>
/// <param name="Page">Number of its page; 0 for none.</param>
/// <param name="Place">Its place in code memory; flags are in the context there, as far as they matter.</param>
/// <param name="Count">Instructions before it in the block.</param>
/// <param name="X87">Whether the x87 registers have to be in the processor there.</param>
/// <param name="Address">What it could not access.</param>
/// <param name="Access">How: <see cref="ExitRecord.Access"/>.</param>
/// <param name="Range">The slot that is to serve it: <see cref="ExitRecord.Range"/>.</param>
/// <param name="Exchange">Which registers are in each other's places there.</param>
/// <param name="CanResume">Whether nothing is relied on there that was checked before.</param>
internal readonly record struct Restart(ulong Rip, int Page, int Place, int Count, bool X87, ulong Address, byte Access, int Range, int Exchange, bool CanResume);
