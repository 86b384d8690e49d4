using Kennel.Files;

namespace Kennel.FileSystems.Host;

/// <summary>
/// A tree put together from directories of the host, and from directories and links that exist only here. Nothing in it can be
/// changed: it is made to lie under an overlay. <see cref="HostViewBuilder"/> makes it.
/// </summary>
public sealed class HostView : FileSystem
{
    private const ulong FirstNumber = 1UL << 47; // behind any inode number of a host

    private readonly List<HostFileSystem> _parts = [];
    private ulong _lastNumber = FirstNumber;

    internal HostView(DeviceNumber device, long now)
        : base("hostview", device)
    {
        Now = now;
        RootInode = new ViewInode(this, null, null) { Permissions = 0x1ed };
    }

    /// <inheritdoc/>
    public override Inode Root => RootInode;

    /// <inheritdoc/>
    public override long Magic => 0x00c0ffee;

    internal ViewInode RootInode { get; }

    /// <summary>When the directories that exist only here were made.</summary>
    internal long Now { get; }

    internal ulong NextNumber() => ++_lastNumber;

    internal void Own(HostFileSystem part) => _parts.Add(part);

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (HostFileSystem part in _parts) part.Dispose();
        _parts.Clear();
    }
}
