using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>ioctl: what is the same for all files, then what the file itself knows (Linux: fs/ioctl.c, do_vfs_ioctl).</summary>
public static class IoctlSyscalls
{
    [Syscall(16, "ioctl")]
    public static ValueTask<SyscallResult> IoCtl(LinuxTask current, Fd fd, uint command, ulong argument)
    {
        OpenFile? file = current.FileAt(fd);
        if (file == null) return new(Errno.EBADF);
        switch (command)
        {
            case Ioctl.SetCloseOnExec:
                current.Files!.SetCloseOnExec(fd, true);
                return new(0);
            case Ioctl.ClearCloseOnExec:
                current.Files!.SetCloseOnExec(fd, false);
                return new(0);
            case Ioctl.SetNonBlocking:
                return new(SetFlag(current, file, OpenFlags.NonBlock, argument));
            case Ioctl.SetAsync:
                return new(SetFlag(current, file, OpenFlags.Async, argument));
        }
        bool isStored = file.Inode is { Type: FileType.Regular or FileType.Directory };
        if (isStored && Stored(current, file, command, argument) is { } answer) return new(answer);
        ValueTask<SyscallResult> call = file.IoctlAsync(current, command, argument);
        return call.IsCompletedSuccessfully ? call : KeepAsync(file, call);
    }

    private static SyscallResult SetFlag(LinuxTask current, OpenFile file, OpenFlags flag, ulong argument)
    {
        if (!new UserPtr<int>(argument).TryRead(current.Memory, out int on)) return Errno.EFAULT;
        file.Flags = on != 0 ? file.Flags | flag : file.Flags & ~flag;
        return 0;
    }

    private static SyscallResult? Stored(LinuxTask current, OpenFile file, uint command, ulong argument)
    {
        bool isRegular = file.Inode!.Type == FileType.Regular;
        switch (command)
        {
            case Ioctl.BytesToRead when isRegular:
                return Answer(current, argument, (int)(file.Length - file.Position));
            case Ioctl.BlockSize:
                return file.GetAttributes(out InodeAttributes a) == Errno.None ? Answer(current, argument, (int)a.BlockSize) : Errno.EIO;
            case Ioctl.QuerySize:
                return new UserPtr<long>(argument).TryWrite(current.Memory, file.Length) ? 0 : Errno.EFAULT;
            case Ioctl.Clone or Ioctl.CloneRange:
                return isRegular ? Errno.EOPNOTSUPP : Errno.EISDIR;
            default:
                return null;
        }
    }

    private static SyscallResult Answer(LinuxTask current, ulong argument, int value) =>
        new UserPtr<int>(argument).TryWrite(current.Memory, value) ? 0 : Errno.EFAULT;

    private static async ValueTask<SyscallResult> KeepAsync(OpenFile file, ValueTask<SyscallResult> call)
    {
        file.AddReference();
        SyscallResult result = await call;
        file.Release();
        return result;
    }
}
