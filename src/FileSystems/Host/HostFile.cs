using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Host;

/// <summary>An open regular file of the host.</summary>
internal sealed class HostFile(HostInode inode, OpenFlags flags) : OpenFile(flags)
{
    /// <inheritdoc/>
    public override Inode Inode => inode;

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset) =>
        inode.Read(destination, offset);

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        if ((Flags & OpenFlags.Append) != 0) offset = inode.CurrentSize();
        return inode.Write(source, offset);
    }

    /// <inheritdoc/>
    public override Errno Sync() => inode.Sync();
}
