using Kennel.Abi;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Timeouts of poll, select and epoll_wait as points of monotonic time.</summary>
internal static class Deadlines
{
    /// <summary>Do not wait.</summary>
    public const long Now = 0;

    /// <summary>No limit.</summary>
    public const long Never = long.MaxValue;

    /// <summary>Milliseconds from now; negative for never.</summary>
    public static long FromMilliseconds(LinuxTask current, int timeout) => timeout switch
    {
        < 0 => Never,
        0 => Now,
        _ => current.Kernel.Time.Monotonic + (timeout * 1_000_000L),
    };

    /// <summary>Nanoseconds from now.</summary>
    public static long FromNanoseconds(LinuxTask current, long nanoseconds)
    {
        if (nanoseconds == 0) return Now;
        long now = current.Kernel.Time.Monotonic;
        return nanoseconds >= Never - now ? Never : now + nanoseconds;
    }

    /// <summary>A timespec from now; a null pointer for never.</summary>
    public static Errno Read(LinuxTask current, UserPtr<TimeSpec> timeout, out long deadline)
    {
        deadline = Never;
        if (timeout.IsNull) return Errno.None;
        if (!timeout.TryRead(current.Memory, out TimeSpec value)) return Errno.EFAULT;
        if (!value.IsValid) return Errno.EINVAL;
        deadline = FromNanoseconds(current, value.ToNanoseconds());
        return Errno.None;
    }

    /// <summary>Nanoseconds until a deadline, for calls that tell how much was left.</summary>
    public static long Left(LinuxTask current, long deadline) => deadline == Now ? 0 : Math.Max(0, deadline - current.Kernel.Time.Monotonic);
}
