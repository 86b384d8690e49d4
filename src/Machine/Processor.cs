using System.Runtime.InteropServices;

namespace Kennel.Machine;

/// <summary>One virtual CPU: its translation caches and the flags by which others get its attention.</summary>
public sealed unsafe class Processor : IDisposable
{
    private const int CacheSlots = 16, KnownLayouts = 256;

    private readonly TranslationCache?[] _caches = new TranslationCache?[CacheSlots];

    // The jump keys of code layouts, each at a place given by its number.
    private readonly long[] _layouts = new long[KnownLayouts];
    private readonly ulong[] _layoutKeys = new ulong[KnownLayouts];
    private readonly GCHandle _handle;
    private readonly object _attentionGate = new();
    private ulong* _attention; // guard-note: _attentionGate
    private long _uses;

    // guard-note: _inGuest is written by this processor's thread only, read by whoever quiesces it.
    private volatile bool _inGuest;
    private volatile bool _preempt;

    // The thread that is in guest mode, or was last. guard-note: as _inGuest.
    private volatile int _thread;

    internal Processor(ProcessorSet set, int id)
    {
        Set = set;
        Id = id;
        _handle = GCHandle.Alloc(this);
    }

    /// <summary>0 to N-1.</summary>
    public int Id { get; }

    /// <summary>All processors of the machine.</summary>
    public ProcessorSet Set { get; }

    /// <summary>For <see cref="CpuState.ProcessorHandle"/>.</summary>
    public nint Handle => GCHandle.ToIntPtr(_handle);

    /// <summary>The address space that runs now; set by <see cref="EnterGuest"/>.</summary>
    public PageTable? Memory { get; private set; }

    /// <summary>The cache of <see cref="Memory"/>.</summary>
    public TranslationCache? Cache { get; private set; }

    /// <summary>Entry points of decoded code.</summary>
    public JumpTable Jumps { get; } = new();

    /// <summary>The time-stamp counter that guests read, in ticks of a nanosecond.</summary>
    public Func<ulong> ReadTimeStamp { get; set; } = static () => 0;

    /// <summary>Whether <see cref="IExecutionEngine.Run"/> should come back with Preempted soon.</summary>
    public bool PreemptRequested => _preempt;

    /// <summary>The processor behind a state's handle.</summary>
    public static Processor Of(CpuState* state) => (Processor)GCHandle.FromIntPtr(state->ProcessorHandle).Target!;

    /// <summary>Asks the engine to return; any thread.</summary>
    public void RequestPreemption()
    {
        _preempt = true;
        RequestAttention();
    }

    /// <summary>Has the engine look soon at what others want of this processor; any thread.</summary>
    public void RequestAttention()
    {
        lock (_attentionGate)
        {
            if (_attention != null) Volatile.Write(ref *_attention, ulong.MaxValue);
        }
    }

    /// <summary>Where an engine's code looks for attention: a word that becomes all ones. Null for an engine that looks by itself.</summary>
    public void ListenAt(ulong* attention)
    {
        lock (_attentionGate) _attention = attention;
    }

    /// <summary>Forgets an earlier request; this processor's thread, in the kernel.</summary>
    public void ClearPreemption() => _preempt = false;

    /// <summary>Announces that guest code of this address space is about to run; waits while others quiesce the machine.</summary>
    public TranslationCache EnterGuest(PageTable memory)
    {
        Resume(); // first: from here on nobody else touches what this processor has cached
        Memory = memory;
        return Cache = CacheFor(memory);
    }

    /// <summary>Announces that no guest code runs and no translation is held.</summary>
    public void LeaveGuest() => _inGuest = false;

    /// <summary>Whether somebody waits for this processor to pause; engines look every few thousand instructions.</summary>
    public bool PauseRequested => Set.Stopping;

    /// <summary>Lets whoever waits do its work, then goes on in guest mode. Cached translations may be gone afterwards.</summary>
    public void Pause()
    {
        LeaveGuest();
        Resume();
    }

    /// <summary>Goes (back) to guest mode once nobody quiesces the machine.</summary>
    public void Resume()
    {
        _thread = Environment.CurrentManagedThreadId;
        while (true)
        {
            _inGuest = true;
            if (Set.Count > 1) Interlocked.MemoryBarrier(); // one alone leaves the fence to whoever quiesces
            if (!Set.Stopping) return;
            _inGuest = false;
            Set.WaitUntilReleased();
        }
    }

    /// <summary>Whether it runs guest code; any thread.</summary>
    public bool IsInGuest => _inGuest;

    /// <summary>Whether the calling thread is the one that runs it.</summary>
    internal bool IsOwn => _thread == Environment.CurrentManagedThreadId;

    internal void Forget(PageTable memory, ulong start, ulong end, bool code)
    {
        foreach (TranslationCache? cache in _caches)
        {
            if (cache?.Owner == memory) cache.FlushRange(start, end, code);
        }
    }

    internal void ForgetWrites(PageTable memory)
    {
        foreach (TranslationCache? cache in _caches)
        {
            if (cache?.Owner == memory) cache.FlushWrites();
        }
    }

    internal void Drop(PageTable memory)
    {
        foreach (TranslationCache? cache in _caches)
        {
            if (cache?.Owner != memory) continue;
            cache.Flush();
            cache.FlushJumps();
            cache.Owner = null;
            cache.LastUse = 0;
        }
        if (Memory == memory) Memory = null;
    }

    internal void ForEachCache(Action<TranslationCache> action)
    {
        foreach (TranslationCache? cache in _caches)
        {
            if (cache != null) action(cache);
        }
    }

    /// <summary>An address space has another <see cref="PageTable.CodeLayout"/>.</summary>
    internal void Rekey(PageTable memory)
    {
        foreach (TranslationCache? cache in _caches)
        {
            if (cache?.Owner == memory) cache.JumpKey = KeyFor(memory);
        }
    }

    /// <summary>Forgets all entry points of decoded code.</summary>
    internal void FlushJumps()
    {
        Array.Clear(_layouts);
        ForEachCache(c => c.JumpKey = c.Owner == null ? NewJumpKey() : KeyFor(c.Owner));
    }

    internal ulong NewJumpKey()
    {
        if (Jumps.IsExhausted)
        {
            Jumps.Clear();
            Array.Clear(_layouts);
            ForEachCache(c => c.JumpKey = Jumps.NextKey());
        }
        return Jumps.NextKey();
    }

    // Address spaces with the same code find each other's entries; a layout that has lost its place here begins with none.
    private ulong KeyFor(PageTable memory)
    {
        if (memory.CodeLayout == 0) return NewJumpKey();
        int place = (int)(memory.CodeLayout & (KnownLayouts - 1));
        if (_layouts[place] == memory.CodeLayout) return _layoutKeys[place];
        ulong key = NewJumpKey();
        _layouts[place] = memory.CodeLayout;
        return _layoutKeys[place] = key;
    }

    private TranslationCache CacheFor(PageTable memory)
    {
        if (Cache?.Owner == memory) return Cache;
        int oldest = 0;
        for (int i = 0; i < CacheSlots; i++)
        {
            TranslationCache? cache = _caches[i];
            if (cache == null)
            {
                if (_caches[oldest]?.Owner != null) oldest = i; // one that was used before is warm
                break;
            }
            if (cache.Owner == memory)
            {
                cache.LastUse = ++_uses;
                return cache;
            }
            if (cache.LastUse < _caches[oldest]!.LastUse) oldest = i;
        }
        TranslationCache victim = _caches[oldest] ??= new TranslationCache(this);
        if (victim.Owner != null) victim.Flush();
        victim.JumpKey = KeyFor(memory);
        victim.Owner = memory;
        victim.LastUse = ++_uses;
        return victim;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TranslationCache? cache in _caches) cache?.Dispose();
        Jumps.Dispose();
        if (_handle.IsAllocated) _handle.Free();
    }
}
