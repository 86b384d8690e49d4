using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Copies that never reach user memory (man 2 sendfile, copy_file_range, splice, tee, vmsplice).</summary>
public static class CopySyscalls
{
    private const uint NonBlocking = 2, KnownSpliceFlags = 15;

    [Syscall(40, "sendfile")]
    public static ValueTask<SyscallResult> SendFile(LinuxTask current, Fd to, Fd from, UserPtr<long> offset, ulong count)
    {
        long start = 0;
        if (!offset.IsNull && !offset.TryRead(current.Memory, out start)) return new(Errno.EFAULT);
        OpenFile? source = current.FileAt(from), target = current.FileAt(to);
        if (source is not { IsReadable: true } || target is not { IsWritable: true }) return new(Errno.EBADF);
        if (!source.IsSeekable) return new(offset.IsNull ? Errno.EINVAL : Errno.ESPIPE);
        if (source.Inode is { Type: FileType.Directory } || (target.Flags & OpenFlags.Append) != 0 || start < 0) return new(Errno.EINVAL);
        long most = (long)Math.Min(count, UserRange.TransferLimit);
        if (offset.IsNull) start = source.Position;
        long targetStart = target.IsSeekable ? target.Position : 0;
        return FinishAsync();

        async ValueTask<SyscallResult> FinishAsync()
        {
            SyscallResult result = await FileCopy.CopyAsync(current, source, start, target, targetStart, most);
            if (result.Value <= 0) return result;
            if (target.IsSeekable) target.Position = targetStart + result.Value;
            if (offset.IsNull) source.Position = start + result.Value;
            else if (!offset.TryWrite(current.Memory, start + result.Value)) return Errno.EFAULT;
            return result;
        }
    }

    // Linux: fs/read_write.c, vfs_copy_file_range.
    [Syscall(326, "copy_file_range")]
    public static ValueTask<SyscallResult> CopyFileRange(
        LinuxTask current, Fd from, UserPtr<long> fromOffset, Fd to, UserPtr<long> toOffset, ulong count, uint flags)
    {
        if (flags != 0) return new(Errno.EINVAL);
        OpenFile? source = current.FileAt(from), target = current.FileAt(to);
        if (source == null || target == null) return new(Errno.EBADF);
        long sourceStart = source.Position, targetStart = target.Position;
        if (!fromOffset.IsNull && !fromOffset.TryRead(current.Memory, out sourceStart)) return new(Errno.EFAULT);
        if (!toOffset.IsNull && !toOffset.TryRead(current.Memory, out targetStart)) return new(Errno.EFAULT);
        Errno e = CheckCopy(source, sourceStart, target, targetStart, ref count);
        if (e != Errno.None) return new(e);
        return count == 0 ? new(0) : FinishAsync();

        async ValueTask<SyscallResult> FinishAsync()
        {
            SyscallResult result = await FileCopy.CopyAsync(current, source, sourceStart, target, targetStart, (long)count);
            if (result.Value <= 0) return result;
            if (fromOffset.IsNull) source.Position = sourceStart + result.Value;
            else if (!fromOffset.TryWrite(current.Memory, sourceStart + result.Value)) return Errno.EFAULT;
            if (toOffset.IsNull) target.Position = targetStart + result.Value;
            else if (!toOffset.TryWrite(current.Memory, targetStart + result.Value)) return Errno.EFAULT;
            return result;
        }
    }

    [Syscall(275, "splice")]
    public static ValueTask<SyscallResult> Splice(
        LinuxTask current, Fd from, UserPtr<long> fromOffset, Fd to, UserPtr<long> toOffset, ulong count, uint flags)
    {
        if (count == 0) return new(0);
        if ((flags & ~KnownSpliceFlags) != 0) return new(Errno.EINVAL);
        OpenFile? source = current.FileAt(from), target = current.FileAt(to);
        if (source is not { IsReadable: true } || target is not { IsWritable: true }) return new(Errno.EBADF);
        bool nonBlocking = (flags & NonBlocking) != 0;
        long most = (long)Math.Min(count, UserRange.TransferLimit);
        switch (source, target)
        {
            case (PipeFile a, PipeFile b):
                if (!fromOffset.IsNull || !toOffset.IsNull) return new(Errno.ESPIPE);
                return a.Pipe == b.Pipe ? new(Errno.EINVAL) : Keep(a, b, Splicing.BetweenPipesAsync(current, a, b, most, nonBlocking, keep: false));
            case (PipeFile a, _):
                if (!fromOffset.IsNull || (!toOffset.IsNull && !target.IsSeekable)) return new(Errno.ESPIPE);
                if ((target.Flags & OpenFlags.Append) != 0 || target.Inode is { Type: FileType.Directory }) return new(Errno.EINVAL);
                return AtOffset(current, target, toOffset, source, at => Splicing.ToFileAsync(current, a, target, at, most, nonBlocking));
            case (_, PipeFile b):
                if (!toOffset.IsNull || (!fromOffset.IsNull && !source.IsSeekable)) return new(Errno.ESPIPE);
                if (source.Inode is { Type: FileType.Directory }) return new(Errno.EINVAL);
                return AtOffset(current, source, fromOffset, target, at => Splicing.FromFileAsync(current, source, at, b, most, nonBlocking));
            default:
                return new(Errno.EINVAL);
        }
    }

    [Syscall(276, "tee")]
    public static ValueTask<SyscallResult> Tee(LinuxTask current, Fd from, Fd to, ulong count, uint flags)
    {
        if ((flags & ~KnownSpliceFlags) != 0) return new(Errno.EINVAL);
        if (count == 0) return new(0);
        OpenFile? source = current.FileAt(from), target = current.FileAt(to);
        if (source is not { IsReadable: true } || target is not { IsWritable: true }) return new(Errno.EBADF);
        if (source is not PipeFile a || target is not PipeFile b || a.Pipe == b.Pipe) return new(Errno.EINVAL);
        long most = (long)Math.Min(count, UserRange.TransferLimit);
        return Keep(a, b, Splicing.BetweenPipesAsync(current, a, b, most, (flags & NonBlocking) != 0, keep: true));
    }

    // Differs from Linux: the pages are copied, not lent.
    [Syscall(278, "vmsplice")]
    public static ValueTask<SyscallResult> VmSplice(LinuxTask current, Fd fd, UserPtr<IoVec> vector, ulong count, uint flags)
    {
        if ((flags & ~KnownSpliceFlags) != 0) return new(Errno.EINVAL);
        OpenFile? file = current.FileAt(fd);
        if (file == null) return new(Errno.EBADF);
        if (file is not PipeFile) return new(Errno.EBADF);
        Errno e = UserRange.Vector(current, vector, count, out IoIterator iterator);
        if (e != Errno.None) return new(e);
        return file.IsWritable ? Transfers.Write(current, file, iterator, 0) : Transfers.Read(current, file, iterator, 0);
    }

    private static Errno CheckCopy(OpenFile source, long sourceStart, OpenFile target, long targetStart, ref ulong count)
    {
        if (source.Inode is { Type: FileType.Directory } || target.Inode is { Type: FileType.Directory }) return Errno.EISDIR;
        if (source.Inode is not { Type: FileType.Regular } || target.Inode is not { Type: FileType.Regular }) return Errno.EINVAL;
        if (!source.IsReadable || !target.IsWritable || (target.Flags & OpenFlags.Append) != 0) return Errno.EBADF;
        if (sourceStart < 0 || targetStart < 0) return Errno.EINVAL;
        if (source.Inode.FileSystem != target.Inode.FileSystem) return Errno.EXDEV;
        count = (ulong)Math.Min((long)Math.Min(count, UserRange.TransferLimit), Math.Max(0, source.Length - sourceStart));
        long length = (long)count;
        bool overlaps = source.Inode == target.Inode && targetStart + length > sourceStart && targetStart < sourceStart + length;
        return overlaps ? Errno.EINVAL : Errno.None;
    }

    // Runs a transfer at the offset that a pointer gives, or at the file's position, and moves that on.
    private static async ValueTask<SyscallResult> AtOffset(
        LinuxTask current, OpenFile file, UserPtr<long> pointer, OpenFile other, Func<long, ValueTask<SyscallResult>> transfer)
    {
        long at = file.Position;
        if (!pointer.IsNull && !pointer.TryRead(current.Memory, out at)) return Errno.EFAULT;
        if (at < 0) return Errno.EINVAL;
        SyscallResult result = await Keep(file, other, transfer(at));
        if (result.Value <= 0) return result;
        if (pointer.IsNull)
        {
            if (file.IsSeekable) file.Position = at + result.Value;
            return result;
        }
        return pointer.TryWrite(current.Memory, at + result.Value) ? result : Errno.EFAULT;
    }

    private static ValueTask<SyscallResult> Keep(OpenFile one, OpenFile two, ValueTask<SyscallResult> transfer)
    {
        return transfer.IsCompletedSuccessfully ? transfer : KeepAsync();

        async ValueTask<SyscallResult> KeepAsync()
        {
            one.AddReference();
            two.AddReference();
            SyscallResult result = await transfer;
            one.Release();
            two.Release();
            return result;
        }
    }
}
