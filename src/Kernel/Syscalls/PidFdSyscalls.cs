using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Descriptors that refer to processes (man 2 pidfd_open).</summary>
public static class PidFdSyscalls
{
    private const uint NonBlock = (uint)OpenFlags.NonBlock, Thread = (uint)OpenFlags.Exclusive;

    [Syscall(434, "pidfd_open")]
    public static SyscallResult Open(LinuxTask current, int pid, uint flags)
    {
        if ((flags & ~(NonBlock | Thread)) != 0 || pid <= 0) return Errno.EINVAL;
        LinuxTask? task = current.Find(pid);
        if (task == null) return Errno.ESRCH;
        if ((flags & Thread) == 0 && !task.IsGroupLeader) return Errno.EINVAL;
        var file = new PidFile(task, OpenFlags.ReadWrite | (OpenFlags)(flags & NonBlock));
        Errno error = current.Files!.Install(file, closeOnExec: true, current.Group.Limits.OpenFiles, out Fd fd);
        return error != Errno.None ? error : fd.Value;
    }

    [Syscall(438, "pidfd_getfd")]
    public static SyscallResult GetFd(LinuxTask current, Fd pidFd, Fd target, uint flags)
    {
        if (flags != 0) return Errno.EINVAL;
        if (current.Files![pidFd] is not PidFile file) return Errno.EBADF;
        if (!current.MayInspect(file.Process)) return Errno.EPERM;
        if (file.Process.Files == null) return Errno.ESRCH;
        OpenFile? wanted = file.Process.Files[target];
        if (wanted == null) return Errno.EBADF;
        Errno error = current.Files.Install(wanted.AddReference(), closeOnExec: true, current.Group.Limits.OpenFiles, out Fd fd);
        if (error == Errno.None) return fd.Value;
        wanted.Release();
        return error;
    }
}
