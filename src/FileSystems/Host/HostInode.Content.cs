using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Probes;
using Kennel.Tasks;

namespace Kennel.FileSystems.Host;

/// <summary>A host file's content: opening it, its bytes, its pages.</summary>
public sealed partial class HostInode
{
    private HostPageCache? _pages;
    private (long Size, long ModifyTime) _pagesAsOf; // what the file was like when its pages were read

    /// <inheritdoc/>
    public override PageCache? Pages => Type == FileType.Regular ? _pages ??= new HostPageCache(this, _host) : null;

    internal long Size => _attributes.Size;

    /// <inheritdoc/>
    public override ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, VfsPath path, OpenFlags flags)
    {
        if (Type is FileType.Directory or FileType.Fifo) return base.OpenAsync(current, path, flags); // a pipe's bytes stay inside
        Errno error = Open(path, flags, out OpenFile? file);
        return new((error, file));
    }

    private Errno Open(VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        if (Type != FileType.Regular) return Errno.ENXIO; // devices and sockets of the host stay the host's
        bool write = (flags & OpenFlags.AccessMode) != OpenFlags.ReadOnly;
        if (write && !_host.Options.IsWritable) return Errno.EROFS;
        Errno error = PrepareToOpen(write);
        if (error == Errno.None) file = new HostFile(this, flags) { Path = path }.HoldingInode<HostFile>();
        return error;
    }

    private Errno PrepareToOpen(bool write)
    {
        Errno error = Reach(out int _, write);
        return error != Errno.None || _host.Options.IsStable ? error : Refresh();
    }

    /// <summary>The first to hold it makes sure that cached pages are what the host has now.</summary>
    protected override void OnHeld()
    {
        if (_host.Options.IsStable || Type != FileType.Regular) return;
        if (Refresh() == Errno.None && _pages != null && _pagesAsOf != (_attributes.Size, _attributes.ModifyTime)) _pages.Clear();
        _pagesAsOf = (_attributes.Size, _attributes.ModifyTime);
    }

    /// <summary>Whether the host lets us read it now: EACCES where whoever runs us may not, ENOENT when it is gone.</summary>
    internal Errno CheckReadable() => Reach(out _);

    /// <summary>Reads the host's bytes, not the cache's.</summary>
    internal Errno ReadHost(Span<byte> buffer, long offset, out int bytes)
    {
        bytes = 0;
        Errno error = Reach(out int fd);
        if (error != Errno.None) return error;
        FileTransfer? transfer = BeginTransfer(offset, buffer.Length, isWrite: false);
        error = HostCalls.ReadAt(fd, buffer, offset, out bytes);
        EndTransfer(transfer, error, bytes);
        return error;
    }

    internal Errno ReadHost(ReadOnlySpan<IoVector> pieces, long offset, out long bytes)
    {
        bytes = 0;
        Errno error = Reach(out int fd);
        if (error != Errno.None) return error;
        FileTransfer? transfer = IsTransferWatched ? BeginTransfer(offset, pieces.Length * (long)FramePool.FrameSize, isWrite: false) : null;
        error = HostCalls.ReadAt(fd, pieces, offset, out bytes);
        EndTransfer(transfer, error, bytes);
        return error;
    }

    /// <summary>The size as the host has it now.</summary>
    internal long CurrentSize()
    {
        if (!_host.Options.IsStable) _ = Refresh(); // should the host fail, the last known size stands
        return _attributes.Size;
    }

    /// <inheritdoc/>
    protected override void OnUnused()
    {
        _pages?.WriteBack();
        if (_attributes.Links != 0) return;
        _pages?.Clear();
        CloseHandle();
    }
}
