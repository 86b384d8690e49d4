using System.Runtime.InteropServices;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// One processor's side of generated code: its context, its own jump table, and the keys by which address spaces use that.
/// </summary>
/// <remarks>Used by the processor's thread only.</remarks>
internal sealed unsafe class ProcessorContext : IDisposable
{
    private const int LastGeneration = 0x7fff, JumpEntries = 1 << SharedRoutines.JumpIndexBits,
        FoundRanges = 8, FirstReach = 32, LargestReach = 1 << 18;

    private readonly HostMemory _jumps = HostMemory.Reserve(JumpEntries * sizeof(JumpEntry));
    private readonly Dictionary<TranslationCache, Key> _keys = [];

    // Ranges found since translations were last forgotten, and how far to look for the next one: further each time, so that what
    // is spent on looking stays in proportion to how much memory is used.
    private readonly HostRange[] _found = new HostRange[2 * FoundRanges];
    private readonly int[] _foundNext = new int[2];
    private int _reach = FirstReach;
    private int _generation;
    private TranslationCache? _cache;
    private int _version;

    public ProcessorContext()
    {
        Context = (TranslatorContext*)NativeMemory.AlignedAlloc(TranslatorContext.Size, 64);
        new Span<byte>(Context, TranslatorContext.Size).Clear();
        Context->Jumps = (JumpEntry*)_jumps.Address;
    }

    public TranslatorContext* Context { get; }

    /// <summary>An instruction that faulted in the middle of a block, to be gone on with there.</summary>
    public Restart Restart { get; set; }

    /// <summary>Instructions that the block about to be gone on with will count, though they have been counted.</summary>
    public int Credit { get; set; }

    /// <summary>Before generated code is entered: forgets what others have changed since the last time.</summary>
    public void Prepare(TranslationCache cache, long epoch)
    {
        if (cache != _cache || cache.Version != _version)
        {
            _cache = cache;
            _version = cache.Version;
            Context->Tlb = cache.Tlb;
            ForgetRanges();
        }
        if (!_keys.TryGetValue(cache, out Key key) || key.JumpKey != cache.JumpKey || key.Epoch != epoch)
        {
            if (_generation == LastGeneration) Clear();
            ulong generation = (ulong)++_generation;
            key = new Key(cache.JumpKey, epoch, (generation << 48) | (generation * 0x9e50 & (JumpEntries - 1)));
            _keys[cache] = key;
        }
        Context->Key = key.Value;
    }

    /// <summary>The code of an address, if the jump table knows it.</summary>
    public nint Lookup(ulong rip)
    {
        ulong tag = rip ^ Context->Key;
        JumpEntry* entry = Context->Jumps + (tag & (JumpEntries - 1));
        return entry->Tag == tag ? entry->Code : 0;
    }

    public void Remember(ulong rip, nint code)
    {
        ulong tag = rip ^ Context->Key;
        Context->Jumps[tag & (JumpEntries - 1)] = new JumpEntry { Tag = tag, Code = code };
    }

    /// <summary>A range around an address; empty as <see cref="HostRange.Around"/> says.</summary>
    public HostRange Range(PageTable table, ulong address, bool write)
    {
        Span<HostRange> found = _found.AsSpan(write ? FoundRanges : 0, FoundRanges);
        foreach (ref HostRange known in found)
        {
            if (address - known.Start < known.Length) return known;
        }
        HostRange range = HostRange.Around(table, address, write, _reach);
        if (range.Length == 0) return range;
        _reach = Math.Min(_reach * 2, LargestReach);
        ref int next = ref _foundNext[write ? 1 : 0];
        found[next] = range;
        next = (next + 1) % FoundRanges;
        return range;
    }

    /// <summary>Makes a slot serve a range; too short a one is not worth it.</summary>
    public void SetRange(int slot, in HostRange range)
    {
        if (range.Length < TranslatorContext.LargestAccess) return;
        var fields = (ulong*)((byte*)Context + TranslatorContext.SlotAt(slot));
        fields[0] = range.Start;
        fields[1] = range.Length - TranslatorContext.LargestAccess + 1;
        fields[2] = (ulong)range.Host;
        fields[3] = (ulong)range.Host - range.Start;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(Context);
        _jumps.Dispose();
    }

    /// <summary>How often all ranges have been forgotten.</summary>
    public int Forgotten { get; private set; }

    private void ForgetRanges()
    {
        Forgotten++;
        _found.AsSpan().Clear();
        _reach = FirstReach;
        for (int slot = 0; slot < TranslatorContext.SlotCount; slot++)
        {
            *(ulong*)((byte*)Context + TranslatorContext.SlotAt(slot) + TranslatorContext.LimitAt) = 0;
        }
    }

    private void Clear()
    {
        new Span<JumpEntry>(Context->Jumps, JumpEntries).Clear();
        _keys.Clear();
        _generation = 0;
    }

    private readonly record struct Key(ulong JumpKey, long Epoch, ulong Value);
}

/// <summary>Where to go on with a block that an instruction left in its middle.</summary>
/// <param name="Rip">The instruction.</param>
/// <param name="Page">Number of its page; 0 for none.</param>
/// <param name="Place">Its place in code memory; flags are in the context there, as far as they matter.</param>
/// <param name="Count">Instructions before it in the block.</param>
internal readonly record struct Restart(ulong Rip, int Page, int Place, int Count);
