using Kennel.Probes;
using Kennel.Tasks;
using Kennel.Time;

namespace Kennel;

/// <summary>A sandbox as tracers see it.</summary>
internal sealed class SandboxTraceTarget(Kernel kernel, SandboxRoot root) : ITraceTarget
{
    /// <inheritdoc/>
    public ProbeSet Probes => kernel.Probes;

    /// <inheritdoc/>
    public IKernelModel Model => kernel.Model;

    /// <inheritdoc/>
    public Lock Lock => kernel.Lock;

    /// <inheritdoc/>
    public long Now => kernel.Time.Monotonic;

    /// <inheritdoc/>
    public long WallClock => kernel.Time.Realtime;

    /// <inheritdoc/>
    public int Processors => kernel.Processors.Count;

    /// <inheritdoc/>
    public ITracedTask CurrentOn(int processor) => (ITracedTask?)kernel.Processors[processor].Current ?? kernel.Tasks.Idle;

    /// <inheritdoc/>
    public IDisposable StartTimer(long period, Action tick, bool samples = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 1);
        if (samples) kernel.Probes.Samplers++;
        return new PeriodicTimer(kernel, period, tick, samples);
    }

    /// <inheritdoc/>
    public IDisposable? WatchCode(string path, long offset, int processId, out int id)
    {
        id = 0;
        return root.TryFind(path) is { } place ? kernel.WatchCode(place.Inode, offset, processId, out id) : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ElfFunction> FunctionsOf(string path) => root.TryFind(path) is { } place ? kernel.FunctionsOf(place.Inode) : [];

    /// <inheritdoc/>
    public byte[] SectionOf(string path, string name) => root.TryFind(path) is { } place ? kernel.SectionOf(place.Inode, name) : [];

    /// <inheritdoc/>
    public long FileOffset(string path, ulong address) => root.TryFind(path) is { } place ? kernel.FileOffset(place.Inode, address) : -1;

    // A tick that comes late is not made up for: as hrtimer_forward, the next one is the first that still lies ahead.
    private sealed class PeriodicTimer : IDisposable
    {
        private readonly KernelTimer _timer;
        private readonly Kernel _kernel;
        private bool _samples;
        private bool _ended;

        public PeriodicTimer(Kernel kernel, long period, Action tick, bool samples)
        {
            (_kernel, _samples) = (kernel, samples);
            Timekeeper time = kernel.Time;
            _timer = new KernelTimer(time, () =>
            {
                long missed = Math.Max(0, (time.Monotonic - _timer!.Deadline) / period);
                _timer.Start(_timer.Deadline + ((missed + 1) * period));
                try
                {
                    tick();
                }
                catch (Exception bug)
                {
                    kernel.OnTracerBug(bug);
                    _ended = true;
                }
                if (_ended) _timer.Cancel();
            });
            _timer.Start(time.Monotonic + period);
            kernel.Post(static () => { }); // a processor that idles, or runs, until the timer that was first before, looks again
        }

        public void Dispose()
        {
            _ended = true;
            _timer.Cancel();
            if (_samples) _kernel.Probes.Samplers--;
            _samples = false;
        }
    }
}
