using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Time;

/// <summary>How a POSIX timer tells: SIGEV_* (man 7 sigevent).</summary>
internal enum TimerNotification
{
    Signal = 0,
    None = 1,
    Thread = 2,
    ThreadId = 4,
}

/// <summary>
/// A timer made by timer_create. It has at most one signal under way; what it misses while that waits is its overrun count, and
/// with an interval it starts again when the signal is taken.
/// </summary>
/// <remarks>Linux: kernel/time/posix-timers.c. guard-note: the kernel lock.</remarks>
internal sealed class PosixTimer
{
    private readonly ThreadGroup _owner;
    private readonly Timekeeper _time;
    private readonly KernelTimer? _timer;
    private readonly CpuClock _cpuClock;
    private long _expires;
    private bool _isArmed;

    /// <param name="cpuClock">Its clock when it counts CPU time; else default.</param>
    public PosixTimer(int id, ThreadGroup owner, ClockId clock, CpuClock cpuClock)
    {
        Id = id;
        Clock = clock;
        _owner = owner;
        _time = owner.Kernel.Time;
        _cpuClock = cpuClock;
        if (cpuClock.Task == null) _timer = new KernelTimer(_time, Expire);
    }

    public int Id { get; }

    public ClockId Clock { get; }

    public TimerNotification Notification { get; init; }

    public Signal Signal { get; init; }

    public ulong Value { get; init; }

    /// <summary>SIGEV_THREAD_ID: whom the signal is for.</summary>
    public LinuxTask? Target { get; init; }

    public long Interval { get; private set; }

    /// <summary>timer_getoverrun: expirations that the last signal stands for, less one.</summary>
    public int Overrun { get; private set; }

    private long Now => _timer != null ? _time.Monotonic : _cpuClock.Read();

    /// <summary>Time left; 0 when it does not run.</summary>
    public long Left()
    {
        if (!_isArmed && Interval == 0) return 0;
        if (_expires == 0) return 0;
        long now = Now;
        // Without a signal nobody moves the deadline, so it is moved here.
        if (_expires <= now && Interval > 0) return Interval - ((now - _expires) % Interval);
        return _expires <= now ? (Notification == TimerNotification.None ? 0 : 1) : _expires - now;
    }

    /// <summary>Starts it; 0 stops it.</summary>
    /// <param name="expires">A time of its own clock (monotonic for all clocks but CPU time), or 0.</param>
    public void Set(long expires, long interval)
    {
        Disarm();
        Interval = expires == 0 ? 0 : interval;
        Overrun = 0;
        _expires = expires;
        if (expires != 0) Arm();
    }

    public void Delete()
    {
        Disarm();
        Interval = 0;
        _expires = 0;
    }

    /// <summary>CPU-time timers are looked at now and then.</summary>
    public void CheckCpuTime()
    {
        if (_timer != null || !_isArmed || _cpuClock.Read() < _expires) return;
        _isArmed = false;
        Expire();
    }

    /// <summary>Its signal is being delivered: counts what was missed and starts again.</summary>
    public void OnSignalTaken(ref SignalInfo info)
    {
        Overrun = Interval > 0 && _expires != 0 ? Forward() : 0;
        info.Overrun = Overrun;
    }

    private void Arm()
    {
        _isArmed = true;
        if (_timer == null) return;
        if (Notification == TimerNotification.None) return; // only read by timer_gettime
        _timer.Start(_expires);
    }

    private void Disarm()
    {
        _isArmed = false;
        _timer?.Cancel();
    }

    private void Expire()
    {
        _isArmed = false;
        if (Notification == TimerNotification.None) return;
        var info = new SignalInfo { Number = (int)Signal, Code = SignalCode.Timer, TimerId = Id, Value = Value };
        bool toProcess = Notification != TimerNotification.ThreadId;
        LinuxTask target = Target ?? _owner.Leader;
        if (target.HasExited && !toProcess) return;
        _owner.Send(target, info, toProcess, source: this);
        bool isQueued = (toProcess ? _owner.Pending : target.Pending).FindOf(this) != null;
        if (!isQueued && Interval > 0) Forward(); // ignored: it ticks on unseen
    }

    // Moves the deadline behind now; answers how many expirations were skipped.
    private int Forward()
    {
        long missed = Math.Max(0, (Now - _expires) / Interval);
        _expires += (missed + 1) * Interval;
        Arm();
        return (int)Math.Min(missed, int.MaxValue);
    }
}
