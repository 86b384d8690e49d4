using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Signals;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Sending signals: to processes, groups, threads, and by pidfd.</summary>
public static class KillSyscalls
{
    private const int ThreadFlag = 1, GroupFlag = 2, ProcessGroupFlag = 4; // PIDFD_SIGNAL_*

    /// <remarks>Linux: kernel/signal.c, kill_something_info.</remarks>
    [Syscall(62, "kill")]
    public static SyscallResult Kill(LinuxTask current, int pid, int signal)
    {
        SignalInfo info = From(current, signal, SignalCode.User);
        if (pid == int.MinValue) return Errno.ESRCH;
        if (pid > 0) return current.Find(pid) is { } task ? SendToProcess(current, task.Group, info) : Errno.ESRCH;
        if (pid == -1) return SendToAll(current, info);
        ProcessGroup? group = pid == 0 ? current.Group.ProcessGroup : current.Numbers.Owner.Find(-pid)?.ProcessGroup;
        return SendToGroup(current, group, info);
    }

    [Syscall(200, "tkill")]
    public static SyscallResult ThreadKill(LinuxTask current, int tid, int signal) =>
        tid <= 0 ? Errno.EINVAL : SendToThread(current, null, tid, From(current, signal, SignalCode.Tkill));

    [Syscall(234, "tgkill")]
    public static SyscallResult ThreadGroupKill(LinuxTask current, int pid, int tid, int signal) =>
        pid <= 0 || tid <= 0 ? Errno.EINVAL : SendToThread(current, pid, tid, From(current, signal, SignalCode.Tkill));

    [Syscall(129, "rt_sigqueueinfo")]
    public static SyscallResult Queue(LinuxTask current, int pid, int signal, UserPtr<SignalInfo> data)
    {
        if (!data.TryRead(current.Memory, out SignalInfo info)) return Errno.EFAULT;
        info.Number = signal;
        if (IsForged(info) && pid != current.Numbers.Innermost) return Errno.EPERM;
        return current.Find(pid) is { } task ? SendToProcess(current, task.Group, info) : Errno.ESRCH;
    }

    [Syscall(297, "rt_tgsigqueueinfo")]
    public static SyscallResult QueueToThread(LinuxTask current, int pid, int tid, int signal, UserPtr<SignalInfo> data)
    {
        if (!data.TryRead(current.Memory, out SignalInfo info)) return Errno.EFAULT;
        if (pid <= 0 || tid <= 0) return Errno.EINVAL;
        info.Number = signal;
        if (IsForged(info) && tid != current.Numbers.Innermost) return Errno.EPERM;
        return SendToThread(current, pid, tid, info);
    }

    [Syscall(424, "pidfd_send_signal")]
    public static SyscallResult PidFdSend(LinuxTask current, Fd fd, int signal, UserPtr<SignalInfo> data, uint flags)
    {
        if (flags > ProcessGroupFlag || (flags & (flags - 1)) != 0) return Errno.EINVAL;
        if (current.Files![fd] is not PidFile file) return Errno.EBADF;
        if (current.Numbers.In(file.Process.Numbers.Owner).Value == 0 && file.Process.Numbers.In(current.Numbers.Owner).Value == 0) return Errno.EINVAL;
        SignalInfo info = From(current, signal, SignalCode.User);
        if (!data.IsNull)
        {
            if (!data.TryRead(current.Memory, out info)) return Errno.EFAULT;
            if (info.Number != signal) return Errno.EINVAL;
            if (IsForged(info) && file.Process != current) return Errno.EPERM;
        }
        LinuxTask process = file.Process;
        if (process.State == TaskState.Dead) return Errno.ESRCH;
        if (flags == ProcessGroupFlag) return SendToGroup(current, process.Numbers.ProcessGroup, info);
        bool toThread = flags == ThreadFlag || (flags != GroupFlag && !process.IsGroupLeader);
        return toThread ? SendToThread(current, process, info) : SendToProcess(current, process.Group, info);
    }

    private static SignalInfo From(LinuxTask current, int signal, int code) =>
        SignalInfo.FromUser((Signal)signal, code, current.Group.Leader.Numbers.Innermost, current.Credential.Uid);

    // Nobody may pretend to be the kernel or kill; a process may tell itself what it likes.
    private static bool IsForged(in SignalInfo info) => info.Code is >= 0 or SignalCode.Tkill;

    // Linux: check_kill_permission.
    private static Errno Check(LinuxTask current, LinuxTask target, int signal)
    {
        if (signal != 0 && !SignalSet.IsValid(signal)) return Errno.EINVAL;
        return current.MaySignal(target, (Signal)signal) ? Errno.None : Errno.EPERM;
    }

    private static SyscallResult SendToProcess(LinuxTask current, ThreadGroup group, in SignalInfo info)
    {
        Errno error = Check(current, group.Leader, info.Number);
        return error != Errno.None || info.Number == 0 ? error : group.Send(info);
    }

    private static SyscallResult SendToThread(LinuxTask current, int? pid, int tid, in SignalInfo info)
    {
        LinuxTask? task = current.Find(tid);
        if (task == null || (pid != null && task.Group.Leader.Numbers.In(current.Numbers.Owner).Value != pid)) return Errno.ESRCH;
        return SendToThread(current, task, info);
    }

    private static SyscallResult SendToThread(LinuxTask current, LinuxTask task, in SignalInfo info)
    {
        Errno error = Check(current, task, info.Number);
        if (error != Errno.None || info.Number == 0) return error;
        // Linux: do_send_specific: a thread that vanished meanwhile counts as reached.
        return task.Send(info);
    }

    // Success if anybody could be reached; else the last error.
    private static SyscallResult SendToGroup(LinuxTask current, ProcessGroup? group, in SignalInfo info)
    {
        if (group == null) return Errno.ESRCH;
        Errno error = Errno.ESRCH;
        bool reached = false;
        foreach (ThreadGroup member in group.Members.ToArray())
        {
            SyscallResult result = SendToProcess(current, member, info);
            if (result.IsError) error = result.Error;
            else reached = true;
        }
        return reached ? 0 : error;
    }

    private static SyscallResult SendToAll(LinuxTask current, in SignalInfo info)
    {
        int count = 0;
        Errno error = Errno.None;
        foreach (LinuxTask leader in current.Kernel.Tasks.Processes.ToArray())
        {
            int id = leader.Numbers.In(current.Numbers.Owner).Value;
            if (id <= 1 || leader.Group == current.Group) continue;
            Errno one = SendToProcess(current, leader.Group, info).Error;
            count++;
            if (one != Errno.EPERM) error = one;
        }
        return count > 0 ? error : Errno.ESRCH;
    }
}
