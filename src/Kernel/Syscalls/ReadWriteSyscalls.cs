using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Reading and writing (man 2 read, man 2 readv), and the position (man 2 lseek).</summary>
public static class ReadWriteSyscalls
{
    private const uint HighPriority = 1, DataSync = 2, Sync = 4, NoWait = 8, Append = 16, NoAppend = 32;

    [Syscall(0, "read")]
    public static ValueTask<SyscallResult> Read(LinuxTask current, Fd fd, UserPtr<byte> buffer, ulong count)
    {
        OpenFile? file = current.FileAt(fd);
        if (file is not { IsReadable: true }) return new(Errno.EBADF);
        Errno e = UserRange.Buffer(current, buffer.Address, count, out IoIterator destination);
        return e != Errno.None ? new(e) : Transfers.Read(current, file, destination, Transfers.AtPosition);
    }

    [Syscall(1, "write")]
    public static ValueTask<SyscallResult> Write(LinuxTask current, Fd fd, UserPtr<byte> buffer, ulong count)
    {
        OpenFile? file = current.FileAt(fd);
        if (file is not { IsWritable: true }) return new(Errno.EBADF);
        Errno e = UserRange.Buffer(current, buffer.Address, count, out IoIterator source);
        return e != Errno.None ? new(e) : Transfers.Write(current, file, source, Transfers.AtPosition);
    }

    [Syscall(17, "pread64")]
    public static ValueTask<SyscallResult> PRead(LinuxTask current, Fd fd, UserPtr<byte> buffer, ulong count, long offset)
    {
        Errno e = CheckPositioned(current, fd, offset, write: false, out OpenFile? file);
        if (e == Errno.None) e = UserRange.Buffer(current, buffer.Address, count, out _);
        return e != Errno.None ? new(e) : Transfers.Read(current, file!, current.Io, offset);
    }

    [Syscall(18, "pwrite64")]
    public static ValueTask<SyscallResult> PWrite(LinuxTask current, Fd fd, UserPtr<byte> buffer, ulong count, long offset)
    {
        Errno e = CheckPositioned(current, fd, offset, write: true, out OpenFile? file);
        if (e == Errno.None) e = UserRange.Buffer(current, buffer.Address, count, out _);
        return e != Errno.None ? new(e) : Transfers.Write(current, file!, current.Io, offset);
    }

    [Syscall(19, "readv")]
    public static ValueTask<SyscallResult> ReadV(LinuxTask current, Fd fd, UserPtr<IoVec> vector, ulong count)
    {
        OpenFile? file = current.FileAt(fd);
        if (file is not { IsReadable: true }) return new(Errno.EBADF);
        Errno e = UserRange.Vector(current, vector, count, out IoIterator destination);
        if (e != Errno.None) return new(e);
        return destination.Total == 0 ? new(0) : Transfers.Read(current, file, destination, Transfers.AtPosition);
    }

    [Syscall(20, "writev")]
    public static ValueTask<SyscallResult> WriteV(LinuxTask current, Fd fd, UserPtr<IoVec> vector, ulong count)
    {
        OpenFile? file = current.FileAt(fd);
        if (file is not { IsWritable: true }) return new(Errno.EBADF);
        Errno e = UserRange.Vector(current, vector, count, out IoIterator source);
        if (e != Errno.None) return new(e);
        return source.Total == 0 ? new(0) : Transfers.Write(current, file, source, Transfers.AtPosition);
    }

    [Syscall(295, "preadv")]
    public static ValueTask<SyscallResult> PReadV(LinuxTask current, Fd fd, UserPtr<IoVec> vector, ulong count, long offset, ulong high)
    {
        Errno e = CheckPositioned(current, fd, offset, write: false, out OpenFile? file);
        if (e != Errno.None) return new(e);
        e = UserRange.Vector(current, vector, count, out IoIterator destination);
        if (e != Errno.None) return new(e);
        return destination.Total == 0 ? new(0) : Transfers.Read(current, file!, destination, offset);
    }

    [Syscall(296, "pwritev")]
    public static ValueTask<SyscallResult> PWriteV(LinuxTask current, Fd fd, UserPtr<IoVec> vector, ulong count, long offset, ulong high)
    {
        Errno e = CheckPositioned(current, fd, offset, write: true, out OpenFile? file);
        if (e != Errno.None) return new(e);
        e = UserRange.Vector(current, vector, count, out IoIterator source);
        if (e != Errno.None) return new(e);
        return source.Total == 0 ? new(0) : Transfers.Write(current, file!, source, offset);
    }

    [Syscall(327, "preadv2")]
    public static ValueTask<SyscallResult> PReadV2(LinuxTask current, Fd fd, UserPtr<IoVec> vector, ulong count, long offset, ulong high, uint flags)
    {
        if ((flags & ~(HighPriority | NoWait)) != 0) return new(Errno.EOPNOTSUPP);
        return offset == -1 ? ReadV(current, fd, vector, count) : PReadV(current, fd, vector, count, offset, high);
    }

    [Syscall(328, "pwritev2")]
    public static ValueTask<SyscallResult> PWriteV2(LinuxTask current, Fd fd, UserPtr<IoVec> vector, ulong count, long offset, ulong high, uint flags)
    {
        if ((flags & ~(HighPriority | DataSync | Sync | NoWait | Append | NoAppend)) != 0) return new(Errno.EOPNOTSUPP);
        if ((flags & Append) == 0) return offset == -1 ? WriteV(current, fd, vector, count) : PWriteV(current, fd, vector, count, offset, high);
        OpenFile? file = current.FileAt(fd);
        if (file is not { IsWritable: true }) return new(Errno.EBADF);
        Errno e = UserRange.Vector(current, vector, count, out IoIterator source);
        return e != Errno.None ? new(e) : Transfers.Write(current, file, source, offset, append: true);
    }

    [Syscall(8, "lseek")]
    public static SyscallResult Seek(LinuxTask current, Fd fd, long offset, int whence)
    {
        OpenFile? file = current.FileAt(fd);
        if (file == null) return Errno.EBADF;
        return whence is < 0 or > 4 ? Errno.EINVAL : file.Seek(offset, whence);
    }

    private static Errno CheckPositioned(LinuxTask current, Fd fd, long offset, bool write, out OpenFile? file)
    {
        file = current.FileAt(fd);
        if (offset < 0) return Errno.EINVAL;
        if (file == null) return Errno.EBADF;
        if (!file.IsSeekable) return Errno.ESPIPE;
        return (write ? file.IsWritable : file.IsReadable) ? Errno.None : Errno.EBADF;
    }
}
