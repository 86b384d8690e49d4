using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Signals;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Descriptors from which signals are read (man 2 signalfd).</summary>
public static class SignalFdSyscalls
{
    private const ulong SetSize = 8;

    [Syscall(282, "signalfd")]
    public static SyscallResult Create(LinuxTask current, Fd fd, UserPtr<ulong> mask, ulong size) => Create4(current, fd, mask, size, 0);

    /// <summary>With a descriptor that is a signalfd already, changes its mask.</summary>
    [Syscall(289, "signalfd4")]
    public static SyscallResult Create4(LinuxTask current, Fd fd, UserPtr<ulong> mask, ulong size, OpenFlags flags)
    {
        if ((flags & ~(OpenFlags.NonBlock | OpenFlags.CloseOnExec)) != 0 || size != SetSize) return Errno.EINVAL;
        if (!mask.TryRead(current.Memory, out ulong set)) return Errno.EFAULT;
        if (fd.Value != -1)
        {
            OpenFile? existing = current.Files![fd];
            if (existing == null) return Errno.EBADF;
            if (existing is not SignalFile file) return Errno.EINVAL;
            file.Mask = set & ~SignalSet.KernelOnly;
            current.Handlers!.NotifyListeners();
            return fd.Value;
        }
        var made = new SignalFile(current.Kernel, set, OpenFlags.ReadWrite | (flags & OpenFlags.NonBlock));
        Errno error = current.Files!.Install(made, (flags & OpenFlags.CloseOnExec) != 0, current.Group.Limits.OpenFiles, out Fd result);
        return error != Errno.None ? error : result.Value;
    }
}
