using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>From descriptors to files and back, for all system calls.</summary>
internal static class Descriptors
{
    /// <summary>The open file behind a descriptor, unless it is only a path (O_PATH); null means EBADF. Linux: fdget.</summary>
    public static OpenFile? FileAt(this LinuxTask current, Fd fd)
    {
        OpenFile? file = current.Files![fd];
        return file != null && (file.Flags & OpenFlags.Path) == 0 ? file : null;
    }

    /// <summary>Gives a new file the lowest free descriptor; takes over the reference, also when it fails with EMFILE.</summary>
    public static SyscallResult Install(LinuxTask current, OpenFile file, bool closeOnExec, int from = 0)
    {
        Errno e = current.Files!.Install(file, closeOnExec, FileLimits.OpenFiles(current), out Fd fd, from);
        if (e == Errno.None) return fd.Value;
        file.Release();
        return e;
    }
}
