using Kennel.Abi;
using Kennel.FileSystems.Host;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.FileSystems.Dev.Streams;

/// <summary>What lies behind a descriptor of the host. Opening it once more (/dev/stdout) has the host open it once more.</summary>
internal sealed class HostStreamInode(NamelessFileSystem names, HostPoller poller, int hostFd, FileType type) : Inode(names)
{
    /// <inheritdoc/>
    public override FileType Type => type;

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes) => HostCalls.Stat(hostFd, out attributes);

    /// <inheritdoc/>
    public override Errno SetAttributes(in AttributeChange change) =>
        change.Size is { } size && Type == FileType.Regular ? HostCalls.Truncate(hostFd, size) : Errno.EPERM;

    /// <inheritdoc/>
    public override ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, VfsPath path, OpenFlags flags)
    {
        Errno error = HostCalls.Reopen(hostFd, flags & (OpenFlags.AccessMode | OpenFlags.Append), out int fd);
        return new((error, error != Errno.None ? null : new HostDescriptorFile(this, poller, fd, flags, ownsFd: true) { Path = path }));
    }
}

/// <summary>The inode of a stream that the host holds as an object: a pipe to the guest.</summary>
internal sealed class StreamInode(NamelessFileSystem names, ulong number, uint permissions, long now) : Inode(names)
{
    /// <inheritdoc/>
    public override FileType Type => FileType.Fifo;

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes)
    {
        attributes = new InodeAttributes
        {
            Type = FileType.Fifo,
            Permissions = permissions,
            Links = 1,
            Number = number,
            Device = FileSystem.Device,
            AccessTime = now,
            ModifyTime = now,
            ChangeTime = now,
            BlockSize = 4096,
        };
        return Errno.None;
    }

    /// <inheritdoc/>
    public override ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, VfsPath path, OpenFlags flags) => new((Errno.ENXIO, null));
}
