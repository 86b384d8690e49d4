using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Copying and closing descriptors (man 2 dup, man 2 close_range).</summary>
public static class DescriptorSyscalls
{
    [Syscall(32, "dup")]
    public static SyscallResult Dup(LinuxTask current, Fd fd)
    {
        OpenFile? file = current.Files![fd];
        return file == null ? Errno.EBADF : Descriptors.Install(current, file.AddReference(), closeOnExec: false);
    }

    [Syscall(33, "dup2")]
    public static SyscallResult Dup2(LinuxTask current, Fd from, Fd to)
    {
        if (from != to) return DupTo(current, from, to, closeOnExec: false);
        return current.Files![from] == null ? Errno.EBADF : to.Value;
    }

    [Syscall(292, "dup3")]
    public static SyscallResult Dup3(LinuxTask current, Fd from, Fd to, OpenFlags flags)
    {
        if ((flags & ~OpenFlags.CloseOnExec) != 0 || from == to) return Errno.EINVAL;
        return DupTo(current, from, to, flags == OpenFlags.CloseOnExec);
    }

    [Syscall(436, "close_range")]
    public static SyscallResult CloseRange(LinuxTask current, uint first, uint last, uint flags)
    {
        const uint unshare = 2, closeOnExec = 4;
        if ((flags & ~(unshare | closeOnExec)) != 0 || first > last) return Errno.EINVAL;
        if ((flags & unshare) != 0) current.UnshareFiles();
        FileTable files = current.Files!;
        for (uint i = first; i <= last && i < files.Capacity; i++)
        {
            if ((flags & closeOnExec) != 0) files.SetCloseOnExec(new Fd((int)i), true);
            else files.Close(new Fd((int)i));
        }
        return 0;
    }

    private static SyscallResult DupTo(LinuxTask current, Fd from, Fd to, bool closeOnExec)
    {
        OpenFile? file = current.Files![from];
        if (file == null || (uint)to.Value >= (uint)FileLimits.OpenFiles(current)) return Errno.EBADF;
        current.Files.Replace(to, file.AddReference(), closeOnExec);
        return to.Value;
    }
}
