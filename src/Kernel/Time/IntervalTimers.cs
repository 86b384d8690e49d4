using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Time;

/// <summary>A timer of setitimer. Nanoseconds; an interval of 0 fires once.</summary>
internal interface IIntervalTimer
{
    /// <summary>Time left, and the interval; (0, interval) when it does not run.</summary>
    (long Left, long Interval) Get();

    /// <summary>Starts it to fire after a time; 0 stops it.</summary>
    void Set(long value, long interval);
}

/// <summary>ITIMER_REAL: SIGALRM after a time. With an interval it starts again when the signal is taken, not when it is sent.</summary>
internal sealed class RealIntervalTimer : IIntervalTimer
{
    private const long LeastLeft = 1000;

    private readonly KernelTimer _timer;
    private readonly Timekeeper _time;
    private long _interval;

    public RealIntervalTimer(ThreadGroup owner)
    {
        _time = owner.Kernel.Time;
        _timer = new KernelTimer(_time, () => owner.Send(SignalInfo.FromKernel(Signal.SIGALRM)));
    }

    public (long Left, long Interval) Get() => (_timer.IsActive ? Math.Max(_timer.Deadline - _time.Monotonic, LeastLeft) : 0, _interval);

    public void Set(long value, long interval)
    {
        _interval = value == 0 ? 0 : interval;
        if (value == 0) _timer.Cancel();
        else _timer.Start(_time.DeadlineIn(value));
    }

    public void Stop() => _timer.Cancel();

    /// <summary>A SIGALRM was taken. Linux: kernel/signal.c, dequeue_signal.</summary>
    public void OnSignalTaken()
    {
        if (_interval == 0 || _timer.IsActive) return;
        long now = _time.Monotonic;
        long missed = Math.Max(0, (now - _timer.Deadline) / _interval);
        _timer.Start(_timer.Deadline + ((missed + 1) * _interval));
    }
}

/// <summary>ITIMER_VIRTUAL and ITIMER_PROF: a signal after so much CPU time.</summary>
internal sealed class CpuIntervalTimer(ThreadGroup owner, Signal signal, Func<UsageCounters, long> clock) : IIntervalTimer
{
    private long _expires;
    private long _interval;

    public bool IsActive => _expires != 0;

    public (long Left, long Interval) Get()
    {
        owner.Kernel.Current?.SettleAccounting();
        return (IsActive ? Math.Max(_expires - clock(owner.Usage), 1000) : 0, _interval);
    }

    public void Set(long value, long interval)
    {
        owner.Kernel.Current?.SettleAccounting();
        _interval = interval;
        _expires = value == 0 ? 0 : clock(owner.Usage) + value;
    }

    public void Stop() => _expires = 0;

    public void Check(in UsageCounters usage)
    {
        if (!IsActive || clock(usage) < _expires) return;
        _expires = _interval == 0 ? 0 : _expires + _interval;
        owner.Send(SignalInfo.FromKernel(signal));
    }
}
