using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Signals;
using Kennel.Tasks;
using Kennel.Time;

namespace Kennel.Syscalls;

/// <summary>Interval timers, POSIX timers, timer descriptors.</summary>
public static class TimerSyscalls
{
    private const int Absolute = 1; // TIMER_ABSTIME, TFD_TIMER_ABSTIME
    private const int CancelOnSet = 2;

    [Syscall(36, "getitimer")]
    public static SyscallResult GetInterval(LinuxTask current, int which, UserPtr<IntervalTimeVal> value)
    {
        IIntervalTimer? timer = current.Group.Timers.Interval(which);
        if (timer == null) return Errno.EINVAL;
        return value.TryWrite(current.Memory, ToTimeVal(timer.Get())) ? 0 : Errno.EFAULT;
    }

    [Syscall(38, "setitimer")]
    public static SyscallResult SetInterval(LinuxTask current, int which, UserPtr<IntervalTimeVal> value, UserPtr<IntervalTimeVal> old)
    {
        IntervalTimeVal wanted = default;
        if (!value.IsNull && !value.TryRead(current.Memory, out wanted)) return Errno.EFAULT;
        IIntervalTimer? timer = current.Group.Timers.Interval(which);
        if (timer == null || !wanted.Value.IsValid || !wanted.Interval.IsValid) return Errno.EINVAL;
        (long, long) before = timer.Get();
        timer.Set(wanted.Value.ToNanoseconds(), wanted.Interval.ToNanoseconds());
        return old.IsNull || old.TryWrite(current.Memory, ToTimeVal(before)) ? 0 : Errno.EFAULT;
    }

    /// <remarks>Linux: kernel/time/itimer.c, alarm_setitimer: seconds are rounded, but never to none.</remarks>
    [Syscall(37, "alarm")]
    public static SyscallResult Alarm(LinuxTask current, uint seconds)
    {
        const long Second = 1_000_000_000;
        RealIntervalTimer timer = current.Group.Timers.Real;
        long left = timer.Get().Left;
        timer.Set(Math.Min(seconds, int.MaxValue) * Second, 0);
        long whole = left / Second;
        bool roundUp = (whole == 0 && left > 0) || left % Second >= Second / 2;
        return whole + (roundUp ? 1 : 0);
    }

    /// <remarks>Linux: kernel/time/posix-timers.c, do_timer_create.</remarks>
    [Syscall(222, "timer_create")]
    public static SyscallResult Create(LinuxTask current, ClockId clock, UserPtr<SignalEvent> how, UserPtr<int> id)
    {
        CpuClock cpuClock = default;
        Errno error = Clocks.IsCpuClock(clock) ? Clocks.FindCpuClock(current, clock, out cpuClock) : Clocks.CheckTimer(clock);
        if (error != Errno.None) return error;
        SignalEvent e = default;
        if (!how.IsNull && !how.TryRead(current.Memory, out e)) return Errno.EFAULT;
        LinuxTask? target = null;
        if (!how.IsNull && !IsValid(current, e, out target)) return Errno.EINVAL;
        if (current.Kernel.Users[current.Credential.Uid].PendingSignals >= (long)Math.Min(current.Group.Limits.Soft(Resource.PendingSignals), long.MaxValue)) return Errno.EAGAIN;
        int made = current.Group.Timers.Add(number => new PosixTimer(number, current.Group, clock, cpuClock)
        {
            Notification = (TimerNotification)e.Notify,
            Signal = how.IsNull ? Signal.SIGALRM : (Signal)e.Signal,
            Value = how.IsNull ? (ulong)number : e.Value,
            Target = target,
        });
        if (id.TryWrite(current.Memory, made)) return 0;
        current.Group.Timers.Delete(made);
        return Errno.EFAULT;
    }

    [Syscall(223, "timer_settime")]
    public static SyscallResult SetTime(
        LinuxTask current, int id, int flags, UserPtr<IntervalTimeSpec> value, UserPtr<IntervalTimeSpec> old)
    {
        if (value.IsNull) return Errno.EINVAL;
        if (!value.TryRead(current.Memory, out IntervalTimeSpec wanted)) return Errno.EFAULT;
        if (!wanted.Value.IsValid || !wanted.Interval.IsValid) return Errno.EINVAL;
        PosixTimer? timer = current.Group.Timers.Find(id);
        if (timer == null) return Errno.EINVAL;
        IntervalTimeSpec before = ToTimeSpec((timer.Left(), timer.Interval));
        timer.Set(Expiry(current, timer.Clock, wanted.Value.ToNanoseconds(), (flags & Absolute) != 0), wanted.Interval.ToNanoseconds());
        return old.IsNull || old.TryWrite(current.Memory, before) ? 0 : Errno.EFAULT;
    }

    [Syscall(224, "timer_gettime")]
    public static SyscallResult GetTime(LinuxTask current, int id, UserPtr<IntervalTimeSpec> value)
    {
        PosixTimer? timer = current.Group.Timers.Find(id);
        if (timer == null) return Errno.EINVAL;
        return value.TryWrite(current.Memory, ToTimeSpec((timer.Left(), timer.Interval))) ? 0 : Errno.EFAULT;
    }

    [Syscall(225, "timer_getoverrun")]
    public static SyscallResult GetOverrun(LinuxTask current, int id) =>
        current.Group.Timers.Find(id) is { } timer ? timer.Overrun : Errno.EINVAL;

    [Syscall(226, "timer_delete")]
    public static SyscallResult Delete(LinuxTask current, int id) => current.Group.Timers.Delete(id) ? 0 : Errno.EINVAL;

    [Syscall(283, "timerfd_create")]
    public static SyscallResult CreateFile(LinuxTask current, ClockId clock, OpenFlags flags)
    {
        if ((flags & ~(OpenFlags.NonBlock | OpenFlags.CloseOnExec)) != 0) return Errno.EINVAL;
        if (clock is not (ClockId.Monotonic or ClockId.Realtime or ClockId.BootTime or ClockId.RealtimeAlarm or ClockId.BootTimeAlarm)) return Errno.EINVAL;
        if (clock is ClockId.RealtimeAlarm or ClockId.BootTimeAlarm && !current.Credential.Has(Credentials.Capability.WakeAlarm)) return Errno.EPERM;
        var file = new TimerFile(current.Kernel.Time, clock, OpenFlags.ReadWrite | (flags & OpenFlags.NonBlock));
        Errno error = current.Files!.Install(file, (flags & OpenFlags.CloseOnExec) != 0, current.Group.Limits.OpenFiles, out Fd fd);
        return error != Errno.None ? error : fd.Value;
    }

    [Syscall(286, "timerfd_settime")]
    public static SyscallResult SetFileTime(
        LinuxTask current, Fd fd, int flags, UserPtr<IntervalTimeSpec> value, UserPtr<IntervalTimeSpec> old)
    {
        if (!value.TryRead(current.Memory, out IntervalTimeSpec wanted)) return Errno.EFAULT;
        if ((flags & ~(Absolute | CancelOnSet)) != 0 || !wanted.Value.IsValid || !wanted.Interval.IsValid) return Errno.EINVAL;
        Errno error = FindFile(current, fd, out TimerFile? timer);
        if (error != Errno.None) return error;
        IntervalTimeSpec before = ToTimeSpec(timer!.Get());
        timer.Set(Expiry(current, timer.Clock, wanted.Value.ToNanoseconds(), (flags & Absolute) != 0), wanted.Interval.ToNanoseconds());
        return old.IsNull || old.TryWrite(current.Memory, before) ? 0 : Errno.EFAULT;
    }

    [Syscall(287, "timerfd_gettime")]
    public static SyscallResult GetFileTime(LinuxTask current, Fd fd, UserPtr<IntervalTimeSpec> value)
    {
        Errno error = FindFile(current, fd, out TimerFile? timer);
        if (error != Errno.None) return error;
        return value.TryWrite(current.Memory, ToTimeSpec(timer!.Get())) ? 0 : Errno.EFAULT;
    }

    private static Errno FindFile(LinuxTask current, Fd fd, out TimerFile? timer)
    {
        OpenFile? file = current.Files![fd];
        timer = file as TimerFile;
        if (file == null) return Errno.EBADF;
        return timer == null ? Errno.EINVAL : Errno.None;
    }

    // Linux: good_sigevent.
    private static bool IsValid(LinuxTask current, in SignalEvent e, out LinuxTask? target)
    {
        target = null;
        var kind = (TimerNotification)e.Notify;
        if (kind == TimerNotification.None) return true;
        if (!SignalSet.IsValid(e.Signal)) return false;
        if (kind != TimerNotification.ThreadId) return kind is TimerNotification.Signal or TimerNotification.Thread;
        target = current.Find(e.ThreadId);
        return target != null && target.Group == current.Group;
    }

    // 0 stops a timer, so a time in the past becomes the first instant.
    private static long Expiry(LinuxTask current, ClockId clock, long value, bool isAbsolute)
    {
        if (value == 0) return 0;
        Timekeeper time = current.Kernel.Time;
        if (Clocks.IsCpuClock(clock))
        {
            _ = Clocks.Read(current, clock, out long used);
            return isAbsolute ? value : used + value;
        }
        return isAbsolute ? Math.Max(1, Clocks.ToMonotonic(time, clock, value)) : time.DeadlineIn(value);
    }

    private static IntervalTimeVal ToTimeVal((long Left, long Interval) timer) =>
        new() { Value = TimeVal.From(timer.Left), Interval = TimeVal.From(timer.Interval) };

    private static IntervalTimeSpec ToTimeSpec((long Left, long Interval) timer) =>
        new() { Value = TimeSpec.From(timer.Left), Interval = TimeSpec.From(timer.Interval) };
}

/// <summary>struct sigevent.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
public struct SignalEvent
{
    [FieldOffset(0)] public ulong Value;
    [FieldOffset(8)] public int Signal;
    [FieldOffset(12)] public int Notify;
    [FieldOffset(16)] public int ThreadId;
}
