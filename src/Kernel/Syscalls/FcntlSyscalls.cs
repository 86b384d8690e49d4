using System.Numerics;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Commands on descriptors and open files (man 2 fcntl; Linux: fs/fcntl.c).</summary>
public static class FcntlSyscalls
{
    private const OpenFlags Settable =
        OpenFlags.Append | OpenFlags.NonBlock | OpenFlags.Direct | OpenFlags.NoAccessTime | OpenFlags.Async;

    [Syscall(72, "fcntl")]
    public static ValueTask<SyscallResult> FCntl(LinuxTask current, Fd fd, FcntlCommand command, ulong argument)
    {
        OpenFile? file = current.Files![fd];
        if (file == null) return new(Errno.EBADF);
        bool onPath = command is FcntlCommand.DupFd or FcntlCommand.DupFdCloseOnExec or FcntlCommand.GetFd or FcntlCommand.SetFd
            or FcntlCommand.GetFlags or FcntlCommand.DupFdQuery;
        if ((file.Flags & OpenFlags.Path) != 0 && !onPath) return new(Errno.EBADF);
        var lockArgument = new UserPtr<FileLockStruct>(argument);
        return command switch
        {
            FcntlCommand.GetLock => new(LockSyscalls.Get(current, file, lockArgument, isOfd: false)),
            FcntlCommand.SetLock => LockSyscalls.Set(current, file, lockArgument, isOfd: false, wait: false),
            FcntlCommand.SetLockWait => LockSyscalls.Set(current, file, lockArgument, isOfd: false, wait: true),
            FcntlCommand.GetOfdLock => new(LockSyscalls.Get(current, file, lockArgument, isOfd: true)),
            FcntlCommand.SetOfdLock => LockSyscalls.Set(current, file, lockArgument, isOfd: true, wait: false),
            FcntlCommand.SetOfdLockWait => LockSyscalls.Set(current, file, lockArgument, isOfd: true, wait: true),
            _ => new(Simple(current, fd, file, command, argument)),
        };
    }

    private static SyscallResult Simple(LinuxTask current, Fd fd, OpenFile file, FcntlCommand command, ulong argument)
    {
        FileTable files = current.Files!;
        switch (command)
        {
            case FcntlCommand.DupFd or FcntlCommand.DupFdCloseOnExec:
                if (argument >= (ulong)FileLimits.OpenFiles(current)) return Errno.EINVAL;
                return Descriptors.Install(current, file.AddReference(), command == FcntlCommand.DupFdCloseOnExec, (int)argument);
            case FcntlCommand.DupFdQuery:
                return files[new Fd((int)argument)] is { } other ? (other == file ? 1 : 0) : Errno.EBADF;
            case FcntlCommand.GetFd:
                return files.IsCloseOnExec(fd) ? 1 : 0;
            case FcntlCommand.SetFd:
                files.SetCloseOnExec(fd, (argument & 1) != 0);
                return 0;
            case FcntlCommand.GetFlags:
                return (long)(uint)file.Flags;
            case FcntlCommand.SetFlags:
                return SetFlags(current, file, (OpenFlags)(uint)argument);
            case FcntlCommand.GetOwner:
                return file.SignalOwner;
            case FcntlCommand.SetOwner:
                if ((int)argument == int.MinValue) return Errno.EINVAL;
                file.SignalOwner = (int)argument;
                return 0;
            case FcntlCommand.GetSignal:
                return file.SignalNumber;
            case FcntlCommand.SetSignal:
                if (argument > 64) return Errno.EINVAL;
                file.SignalNumber = (int)argument;
                return 0;
            case FcntlCommand.GetOwnerEx:
                return new UserPtr<int>(argument).TryWrite(current.Memory, [file.SignalOwner < 0 ? 2 : 1, Math.Abs(file.SignalOwner)]) ? 0 : Errno.EFAULT;
            case FcntlCommand.SetOwnerEx:
                return SetOwner(current, file, new UserPtr<int>(argument));
            case FcntlCommand.GetLease:
                return 2; // F_UNLCK: there are no leases
            case FcntlCommand.SetLease or FcntlCommand.Notify:
                return Errno.EINVAL;
            case FcntlCommand.GetPipeSize or FcntlCommand.SetPipeSize:
                return PipeSize(current, file, command, argument);
            case FcntlCommand.AddSeals:
                if (file.Inode == null) return Errno.EINVAL;
                return file.IsWritable ? file.Inode.AddSeals((FileSeals)(uint)argument) : Errno.EPERM;
            case FcntlCommand.GetSeals:
                return file.Inode?.Seals is { } seals ? (long)(uint)seals : Errno.EINVAL;
            case FcntlCommand.GetWriteHint or FcntlCommand.GetFileWriteHint:
                return file.Inode is { Type: FileType.Regular } && new UserPtr<ulong>(argument).TryWrite(current.Memory, 0UL) ? 0 : Errno.EINVAL;
            default:
                return Errno.EINVAL;
        }
    }

    private static SyscallResult SetFlags(LinuxTask current, OpenFile file, OpenFlags flags)
    {
        if ((flags & ~file.Flags & OpenFlags.NoAccessTime) != 0)
        {
            Errno e = file.GetAttributes(out InodeAttributes a);
            if (e != Errno.None) return e;
            if (!Permissions.IsOwner(a, current.Credential)) return Errno.EPERM;
        }
        file.Flags = (file.Flags & ~Settable) | (flags & Settable);
        return 0;
    }

    private static SyscallResult SetOwner(LinuxTask current, OpenFile file, UserPtr<int> argument)
    {
        const int processGroup = 2;
        Span<int> value = stackalloc int[2];
        if (!argument.TryRead(current.Memory, value)) return Errno.EFAULT;
        if (value[0] is < 0 or > processGroup || value[1] < 0) return Errno.EINVAL;
        file.SignalOwner = value[0] == processGroup ? -value[1] : value[1];
        return 0;
    }

    // Linux: fs/pipe.c, pipe_set_size.
    private static SyscallResult PipeSize(LinuxTask current, OpenFile file, FcntlCommand command, ulong argument)
    {
        const uint unprivilegedLimit = 1 << 20;
        if (file is not PipeFile pipe) return Errno.EBADF;
        if (command == FcntlCommand.GetPipeSize) return pipe.Pipe.Capacity;
        uint size = (uint)argument;
        if (size > 1u << 31) return Errno.EINVAL;
        int slots = (int)BitOperations.RoundUpToPowerOf2(Math.Max(size, Pipe.SlotSize)) / Pipe.SlotSize;
        bool grows = slots > pipe.Pipe.Capacity / Pipe.SlotSize;
        if (grows && size > unprivilegedLimit && !current.Credential.Has(Capability.SysResource)) return Errno.EPERM;
        Errno e = pipe.Pipe.Resize(slots);
        return e != Errno.None ? e : pipe.Pipe.Capacity;
    }
}

/// <summary>F_* of man 2 fcntl.</summary>
public enum FcntlCommand
{
    DupFd = 0,
    GetFd = 1,
    SetFd = 2,
    GetFlags = 3,
    SetFlags = 4,
    GetLock = 5,
    SetLock = 6,
    SetLockWait = 7,
    SetOwner = 8,
    GetOwner = 9,
    SetSignal = 10,
    GetSignal = 11,
    SetOwnerEx = 15,
    GetOwnerEx = 16,
    GetOfdLock = 36,
    SetOfdLock = 37,
    SetOfdLockWait = 38,
    SetLease = 1024,
    GetLease = 1025,
    Notify = 1026,
    DupFdQuery = 1027,
    DupFdCloseOnExec = 1030,
    SetPipeSize = 1031,
    GetPipeSize = 1032,
    AddSeals = 1033,
    GetSeals = 1034,
    GetWriteHint = 1035,
    GetFileWriteHint = 1037,
}
