using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Probes;
using Kennel.Syscalls;

namespace Kennel.FileSystems.Host;

/// <summary>Reading and writing a host file's bytes for a guest.</summary>
public sealed partial class HostInode
{
    /// <summary>
    /// read(): cached pages as they are, everything else straight from the host, without filling the cache: a guest that reads
    /// a large file does not push out programs.
    /// </summary>
    internal unsafe SyscallResult Read(IoIterator destination, long offset)
    {
        long start = destination.Transferred;
        while (destination.Remaining > 0)
        {
            long index = offset >> FramePool.FrameShift;
            int wanted, got, went;
            if (_pages != null && _pages.TryPeek(index, out int frame))
            {
                int inPage = (int)(offset & (FramePool.FrameSize - 1));
                wanted = (int)Math.Min(FramePool.FrameSize - inPage, destination.Remaining);
                got = (int)Math.Clamp(CurrentSize() - offset, 0, wanted);
                went = destination.CopyTo(new ReadOnlySpan<byte>(_host.Frames.Pointer(frame) + inPage, got));
            }
            else
            {
                wanted = (int)Math.Min(UncachedFrom(offset), destination.Remaining);
                Errno error = ReadHost(_host.Scratch.AsSpan(0, wanted), offset, out got);
                if (error != Errno.None) return Result(destination.Transferred - start, error);
                went = destination.CopyTo(_host.Scratch.AsSpan(0, got));
            }
            offset += went;
            if (went < got) return Result(destination.Transferred - start, Errno.EFAULT);
            if (got < wanted) break;
        }
        return destination.Transferred - start;
    }

    /// <summary>write(): to the host, and to pages that are cached.</summary>
    internal SyscallResult Write(IoIterator source, long offset)
    {
        Errno error = Reach(out int fd, write: true);
        if (error != Errno.None) return error;
        long done = 0;
        while (source.Remaining > 0)
        {
            int wanted = (int)Math.Min(_host.Scratch.Length, source.Remaining);
            int came = source.CopyFrom(_host.Scratch.AsSpan(0, wanted));
            ReadOnlySpan<byte> bytes = _host.Scratch.AsSpan(0, came);
            FileTransfer? transfer = BeginTransfer(offset, bytes.Length, isWrite: true);
            error = HostCalls.WriteAt(fd, bytes, offset, out int written);
            EndTransfer(transfer, error, written);
            _pages?.OnWritten(bytes[..written], offset);
            done += written;
            offset += written;
            if (written < came) source.Revert(came - written);
            if (error != Errno.None) return Result(done, error);
            if (written < came) break;
            if (came < wanted) return Result(done, Errno.EFAULT);
        }
        _attributes.Size = Math.Max(_attributes.Size, offset);
        return done;
    }

    /// <summary>Writes bytes of a page that a mapping changed.</summary>
    internal Errno WriteHost(ReadOnlySpan<byte> bytes, long offset, out int written)
    {
        written = 0;
        Errno error = Reach(out int fd, write: true);
        if (error != Errno.None) return error;
        FileTransfer? transfer = BeginTransfer(offset, bytes.Length, isWrite: true);
        error = HostCalls.WriteAt(fd, bytes, offset, out written);
        EndTransfer(transfer, error, written);
        return error;
    }

    internal Errno Sync()
    {
        Errno error = _pages?.WriteBack() ?? Errno.None;
        if (error != Errno.None || !_host.Options.IsWritable) return error;
        error = Reach(out int fd);
        return error != Errno.None ? error : HostCalls.Sync(fd);
    }

    // How far from an offset no page is cached, at most what the scratch buffer holds.
    private int UncachedFrom(long offset)
    {
        int most = _host.Scratch.Length;
        if (_pages == null || _pages.Count == 0) return most;
        long index = offset >> FramePool.FrameShift;
        long next = index + 1;
        while (((next << FramePool.FrameShift) - offset) < most && !_pages.TryPeek(next, out _)) next++;
        return (int)Math.Min((next << FramePool.FrameShift) - offset, most);
    }

    private static SyscallResult Result(long done, Errno error) => done > 0 ? done : error;
}
