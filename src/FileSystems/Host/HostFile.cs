using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Host;

/// <summary>
/// An open regular file of the host. It stays with its inode, even when <see cref="OpenFile.Path"/> is a place of an overlay whose
/// file has been copied up since.
/// </summary>
internal sealed class HostFile : OpenFile
{
    private readonly HostInode _inode;

    public HostFile(HostInode inode, OpenFlags flags)
        : base(flags)
    {
        _inode = inode;
        inode.Hold();
    }

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <inheritdoc/>
    public override PageCache? Pages => _inode.Pages;

    /// <inheritdoc/>
    public override long Length => _inode.CurrentSize();

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset) =>
        _inode.Read(destination, offset);

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        Errno error = FileLimits.CheckWrite(current, source, offset);
        if (error != Errno.None) return new(error);
        RegularFile.RemovePrivileges(_inode, current);
        return _inode.Write(source, offset);
    }

    /// <inheritdoc/>
    public override Errno Sync() => _inode.Sync();

    /// <inheritdoc/>
    protected override void OnReleased() => _inode.Drop();
}
