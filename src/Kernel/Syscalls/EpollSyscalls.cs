using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>epoll (man 7 epoll). The meaning is in <see cref="EpollFile"/>.</summary>
public static class EpollSyscalls
{
    private const int EventSize = 12;

    [Syscall(213, "epoll_create")]
    public static SyscallResult Create(LinuxTask current, int size) => size <= 0 ? Errno.EINVAL : Create1(current, OpenFlags.ReadOnly);

    [Syscall(291, "epoll_create1")]
    public static SyscallResult Create1(LinuxTask current, OpenFlags flags)
    {
        if ((flags & ~OpenFlags.CloseOnExec) != 0) return Errno.EINVAL;
        return Descriptors.Install(current, new EpollFile(), flags == OpenFlags.CloseOnExec);
    }

    // Linux: fs/eventpoll.c, do_epoll_ctl.
    [Syscall(233, "epoll_ctl")]
    public static SyscallResult Control(LinuxTask current, Fd set, int operation, Fd fd, UserPtr<EpollEventStruct> argument)
    {
        const int add = 1, delete = 2, modify = 3;
        EpollEventStruct value = default;
        if (operation != delete && !argument.TryRead(current.Memory, out value)) return Errno.EFAULT;
        OpenFile? setFile = current.FileAt(set), file = current.FileAt(fd);
        if (setFile == null || file == null) return Errno.EBADF;
        if (!file.CanPoll) return Errno.EPERM;
        if (setFile is not EpollFile epoll || file == setFile) return Errno.EINVAL;
        if (operation != delete && (value.Events & EpollItem.Exclusive) != 0)
        {
            const uint allowed = EpollItem.Exclusive | EpollItem.EdgeTriggered | EpollItem.WakeUp
                | (uint)(PollEvents.In | PollEvents.Out | PollEvents.Error | PollEvents.HangUp);
            if (operation == modify || file is EpollFile || (value.Events & ~allowed) != 0) return Errno.EINVAL;
        }
        return operation switch
        {
            add => epoll.Add(file, fd.Value, value.Events, value.Data),
            modify => epoll.Modify(file, fd.Value, value.Events, value.Data),
            delete => epoll.Remove(file, fd.Value),
            _ => Errno.EINVAL,
        };
    }

    [Syscall(232, "epoll_wait")]
    public static ValueTask<SyscallResult> Wait(LinuxTask current, Fd set, UserPtr<byte> events, int most, int timeout) =>
        WaitUntil(current, set, events, most, Deadlines.FromMilliseconds(current, timeout));

    [Syscall(281, "epoll_pwait")]
    public static ValueTask<SyscallResult> PWait(LinuxTask current, Fd set, UserPtr<byte> events, int most, int timeout, UserPtr<ulong> mask, ulong size)
    {
        long deadline = Deadlines.FromMilliseconds(current, timeout);
        return TemporaryMask.Run(current, mask, size, () => WaitUntil(current, set, events, most, deadline));
    }

    [Syscall(441, "epoll_pwait2")]
    public static ValueTask<SyscallResult> PWait2(
        LinuxTask current, Fd set, UserPtr<byte> events, int most, UserPtr<TimeSpec> timeout, UserPtr<ulong> mask, ulong size)
    {
        Errno e = Deadlines.Read(current, timeout, out long deadline);
        return e != Errno.None ? new(e) : TemporaryMask.Run(current, mask, size, () => WaitUntil(current, set, events, most, deadline));
    }

    private static ValueTask<SyscallResult> WaitUntil(LinuxTask current, Fd set, UserPtr<byte> events, int most, long deadline)
    {
        if (most <= 0 || most > int.MaxValue / EventSize) return new(Errno.EINVAL);
        if (!UserRange.IsPossible(events.Address, (ulong)most * EventSize)) return new(Errno.EFAULT);
        OpenFile? file = current.FileAt(set);
        if (file == null) return new(Errno.EBADF);
        if (file is not EpollFile epoll) return new(Errno.EINVAL);
        if (!epoll.IsIdle)
        {
            SyscallResult now = Collect(current, epoll, events, most);
            if (now.Value != 0) return new(now);
        }
        return deadline == Deadlines.Now ? new(0) : SleepAsync(current, epoll, events, most, deadline);
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private static async ValueTask<SyscallResult> SleepAsync(LinuxTask current, EpollFile epoll, UserPtr<byte> events, int most, long deadline)
    {
        epoll.AddReference();
        SyscallResult result;
        while (true)
        {
            Errno e = await epoll.WaitAsync(current, deadline);
            result = Collect(current, epoll, events, most);
            if (result.Value != 0) break;
            if (e == Errno.None) continue;
            result = e == Errno.ETIMEDOUT ? 0 : Errno.EINTR; // epoll_wait is never restarted (man 7 signal)
            break;
        }
        epoll.Release();
        return result;
    }

    private static SyscallResult Collect(LinuxTask current, EpollFile epoll, UserPtr<byte> events, int most)
    {
        int count = epoll.Collect(
            most,
            (i, value) => new UserPtr<EpollEventStruct>(events.Address + ((ulong)i * EventSize)).TryWrite(current.Memory, value),
            out Errno error);
        return count > 0 ? count : error;
    }
}
