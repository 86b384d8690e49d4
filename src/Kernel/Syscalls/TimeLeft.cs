using Kennel.Abi;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>
/// Writing back how much of a timeout was left (Linux: fs/select.c, poll_select_finish). An interrupted call that is going
/// to be restarted then waits for the rest only.
/// </summary>
internal static class TimeLeft
{
    public static ValueTask<SyscallResult> Update(LinuxTask current, UserPtr<TimeSpec> timeout, long deadline, ValueTask<SyscallResult> waiting)
    {
        if (timeout.IsNull) return waiting;
        if (waiting.IsCompletedSuccessfully) return new(Write(waiting.Result));
        return FinishAsync();

        async ValueTask<SyscallResult> FinishAsync() => Write(await waiting);

        SyscallResult Write(SyscallResult result)
        {
            _ = timeout.TryWrite(current.Memory, TimeSpec.From(Deadlines.Left(current, deadline))); // a read-only timeout is no error
            return result;
        }
    }

    public static ValueTask<SyscallResult> Update(LinuxTask current, UserPtr<TimeVal> timeout, long deadline, ValueTask<SyscallResult> waiting)
    {
        if (timeout.IsNull) return waiting;
        if (waiting.IsCompletedSuccessfully) return new(Write(waiting.Result));
        return FinishAsync();

        async ValueTask<SyscallResult> FinishAsync() => Write(await waiting);

        SyscallResult Write(SyscallResult result)
        {
            TimeSpec left = TimeSpec.From(Deadlines.Left(current, deadline));
            _ = timeout.TryWrite(current.Memory, new TimeVal { Seconds = left.Seconds, Microseconds = left.Nanoseconds / 1000 });
            return result;
        }
    }
}
