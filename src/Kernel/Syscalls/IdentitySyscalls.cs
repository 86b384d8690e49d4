using Kennel.Abi;
using Kennel.Memory;
using Kennel.Namespaces;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Who am I: process, thread, parent, group and session ids.</summary>
public static class IdentitySyscalls
{
    [Syscall(39, "getpid")]
    public static SyscallResult GetPid(LinuxTask current) => current.Group.Leader.Numbers.Innermost;

    [Syscall(186, "gettid")]
    public static SyscallResult GetTid(LinuxTask current) => current.Numbers.Innermost;

    [Syscall(110, "getppid")]
    public static SyscallResult GetParentPid(LinuxTask current) =>
        current.RealParent!.Group.Leader.Numbers.In(current.Numbers.Owner).Value;

    [Syscall(111, "getpgrp")]
    public static SyscallResult GetProcessGroup(LinuxTask current) => current.Group.ProcessGroup.Numbers.In(current.Numbers.Owner).Value;

    [Syscall(121, "getpgid")]
    public static SyscallResult GetProcessGroupOf(LinuxTask current, int pid) =>
        Find(current, pid) is { } task ? task.Group.ProcessGroup.Numbers.In(current.Numbers.Owner).Value : Errno.ESRCH;

    [Syscall(124, "getsid")]
    public static SyscallResult GetSession(LinuxTask current, int pid) =>
        Find(current, pid) is { } task ? task.Group.Session.Numbers.In(current.Numbers.Owner).Value : Errno.ESRCH;

    /// <remarks>Linux: kernel/sys.c, setpgid.</remarks>
    [Syscall(109, "setpgid")]
    public static SyscallResult SetProcessGroup(LinuxTask current, int pid, int group)
    {
        if (group < 0) return Errno.EINVAL;
        LinuxTask? task = pid == 0 ? current.Group.Leader : Find(current, pid);
        if (task == null) return Errno.ESRCH;
        if (!task.IsGroupLeader) return Errno.EINVAL;
        if (task.RealParent?.Group == current.Group)
        {
            if (task.Group.Session != current.Group.Session) return Errno.EPERM;
            if (task.Group.HasExeced) return Errno.EACCES;
        }
        else if (task.Group != current.Group)
        {
            return Errno.ESRCH;
        }
        if (task.Group.IsSessionLeader) return Errno.EPERM;
        PidNumbers own = task.Numbers;
        PidNumbers? wanted = group == 0 ? own : current.Numbers.Owner.Find(group);
        if (wanted == own)
        {
            task.Group.MoveTo(own.ProcessGroup ?? new ProcessGroup(own, task.Group.Session));
            return 0;
        }
        if (wanted?.ProcessGroup == null || wanted.ProcessGroup.Session != current.Group.Session) return Errno.EPERM;
        task.Group.MoveTo(wanted.ProcessGroup);
        return 0;
    }

    /// <remarks>Linux: kernel/sys.c, ksys_setsid.</remarks>
    [Syscall(112, "setsid")]
    public static SyscallResult SetSession(LinuxTask current)
    {
        ThreadGroup group = current.Group;
        PidNumbers own = group.Leader.Numbers;
        if (group.IsSessionLeader || own.ProcessGroup != null) return Errno.EPERM;
        group.MoveTo(current.Kernel.Tasks.NewSession(group));
        return own.Innermost;
    }

    private static LinuxTask? Find(LinuxTask current, int pid) => pid == 0 ? current : current.Find(pid);
}
