namespace Kennel.Machine;

/// <summary>
/// The virtual CPUs of a machine, and the way to change what they may have cached.
/// </summary>
/// <remarks>
/// Translations are used without any lock, so whoever takes one away must know that no processor is using it.
/// <see cref="Quiesce"/> raises <see cref="Stopping"/>, waits until every other processor has left guest mode, works on the
/// caches directly, and lets them go on. A processor looks at the flag between slices of guest code, and after it has
/// announced guest mode (with a full fence between the two), so one of the two sides always sees the other. A machine with one
/// processor is no exception, as other host threads may hold the kernel lock while it runs guest code; they are few, so they
/// bring the fence for both sides.
/// </remarks>
public sealed class ProcessorSet : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Processor[] _processors;
    private volatile bool _stopping;

    /// <param name="count">Virtual CPUs, at least 1.</param>
    public ProcessorSet(int count)
    {
        _processors = new Processor[count];
        for (int i = 0; i < count; i++) _processors[i] = new Processor(this, i);
    }

    public int Count => _processors.Length;

    public Processor this[int id] => _processors[id];

    /// <summary>Whether processors are asked to leave guest mode for a moment.</summary>
    public bool Stopping => _stopping;

    /// <summary>Forgets translations of one address space on all processors.</summary>
    /// <param name="code">Whether a page that could be executed is among them.</param>
    public void Invalidate(PageTable memory, ulong start, ulong end, bool code) =>
        Quiesce(static (p, a) => p.Forget(a.Memory, a.Start, a.End, a.Code), new Range(memory, start, end, code));

    /// <summary>Makes every next store in one address space look its page up again, on all processors.</summary>
    public void InvalidateWrites(PageTable memory) => Quiesce(static (p, m) => p.ForgetWrites(m), memory);

    /// <summary>Forgets an address space that is about to go.</summary>
    public void Drop(PageTable memory) => Quiesce(static (p, m) => p.Drop(m), memory);

    /// <summary>Makes every next store look its page up again, on all processors (a frame now holds decoded code).</summary>
    public void FlushWrites() => Quiesce(static (p, _) => p.ForEachCache(static c => c.FlushWrites()), 0);

    /// <summary>Forgets all entry points of decoded code, on all processors.</summary>
    public void FlushJumps() => Quiesce(static (p, _) => p.FlushJumps(), 0);

    internal void Rekey(PageTable memory) => Quiesce(static (p, m) => p.Rekey(m), memory);

    /// <summary>
    /// Runs <paramref name="action"/> for each processor while none runs guest code. To be called from the kernel, or from
    /// an engine whose processor has called <see cref="Processor.LeaveGuest"/>.
    /// </summary>
    public void Quiesce<T>(Action<Processor, T> action, T argument)
    {
        bool isAlone = _processors.Length == 1;
        lock (_gate)
        {
            if (isAlone && _processors[0].IsOwn)
            {
                action(_processors[0], argument); // the usual case: its thread is here, and so not in guest code
                return;
            }
            _stopping = true;
            if (isAlone) Interlocked.MemoryBarrierProcessWide();
            else Interlocked.MemoryBarrier();
            foreach (Processor p in _processors)
            {
                if (p.IsInGuest) p.RequestAttention();
            }
            var spin = new SpinWait();
            foreach (Processor p in _processors)
            {
                while (p.IsInGuest) spin.SpinOnce(sleep1Threshold: -1);
            }
            foreach (Processor p in _processors) action(p, argument);
            _stopping = false;
        }
    }

    internal void WaitUntilReleased()
    {
        lock (_gate)
        {
            // Whoever held the gate has finished.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Processor p in _processors) p.Dispose();
    }

    private readonly record struct Range(PageTable Memory, ulong Start, ulong End, bool Code);
}
