using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Time;

/// <summary>The timers of a process: three interval timers, POSIX timers, and the limit on CPU time.</summary>
/// <remarks>Linux: kernel/time/itimer.c, posix-timers.c, posix-cpu-timers.c. guard-note: the kernel lock.</remarks>
public sealed class ProcessTimers
{
    private const long Second = 1_000_000_000;

    private readonly ThreadGroup _owner;
    private RealIntervalTimer? _real;
    private CpuIntervalTimer? _virtual, _profile;
    private Dictionary<int, PosixTimer>? _posix;
    private int _nextId;
    private long _nextLimitSignal = -1;

    internal ProcessTimers(ThreadGroup owner) => _owner = owner;

    /// <summary>ITIMER_REAL.</summary>
    internal RealIntervalTimer Real => _real ??= new RealIntervalTimer(_owner);

    /// <summary>The interval timer of a kind (ITIMER_*); null when there is no such kind.</summary>
    internal IIntervalTimer? Interval(int which) => which switch
    {
        0 => Real,
        1 => _virtual ??= new CpuIntervalTimer(_owner, Signal.SIGVTALRM, static u => u.UserTime),
        2 => _profile ??= new CpuIntervalTimer(_owner, Signal.SIGPROF, static u => u.CpuTime),
        _ => null,
    };

    /// <summary>POSIX timers in the order of their ids (/proc/PID/timers).</summary>
    internal IEnumerable<PosixTimer> Posix => _posix?.Values ?? Enumerable.Empty<PosixTimer>();

    internal PosixTimer? Find(int id) => _posix?.GetValueOrDefault(id);

    internal int Add(Func<int, PosixTimer> make)
    {
        _posix ??= [];
        while (_posix.ContainsKey(_nextId)) _nextId = (_nextId + 1) & int.MaxValue;
        int id = _nextId;
        _nextId = (_nextId + 1) & int.MaxValue;
        _posix.Add(id, make(id));
        return id;
    }

    internal bool Delete(int id)
    {
        if (_posix == null || !_posix.Remove(id, out PosixTimer? timer)) return false;
        timer.Delete();
        return true;
    }

    /// <summary>A SIGALRM was taken.</summary>
    internal void OnAlarmTaken() => _real?.OnSignalTaken();

    /// <summary>The process ends.</summary>
    internal void StopAll()
    {
        _real?.Stop();
        _virtual?.Stop();
        _profile?.Stop();
        OnExec();
    }

    /// <summary>Another program: POSIX timers are gone, interval timers go on.</summary>
    internal void OnExec()
    {
        if (_posix == null) return;
        foreach (PosixTimer timer in _posix.Values) timer.Delete();
        _posix = null;
    }

    /// <summary>Looks at what counts CPU time; at every tick of a thread.</summary>
    internal void CheckCpuTime()
    {
        bool hasLimit = _owner.Limits.Soft(Resource.Cpu) != ResourceLimit.Infinity;
        if (!hasLimit && _virtual is not { IsActive: true } && _profile is not { IsActive: true } && _posix == null) return;
        UsageCounters usage = _owner.Usage;
        _virtual?.Check(usage);
        _profile?.Check(usage);
        if (_posix != null)
        {
            foreach (PosixTimer timer in _posix.Values) timer.CheckCpuTime();
        }
        if (hasLimit) CheckLimit(usage.CpuTime);
    }

    // SIGXCPU at the soft limit and every second behind it, SIGKILL at the hard one. Linux: check_process_timers.
    private void CheckLimit(long used)
    {
        ResourceLimit limit = _owner.Limits[Resource.Cpu];
        if (limit.Hard != ResourceLimit.Infinity && used / Second >= (long)limit.Hard)
        {
            _owner.Send(SignalInfo.FromKernel(Signal.SIGKILL));
            return;
        }
        long next = Math.Max(_nextLimitSignal, (long)Math.Min(limit.Soft, long.MaxValue / Second) * Second);
        if (used < next) return;
        _owner.Send(SignalInfo.FromKernel(Signal.SIGXCPU));
        _nextLimitSignal = next + Second;
    }
}
