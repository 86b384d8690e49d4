using Kennel.Abi;
using Kennel.Files;
using Kennel.FileSystems.Tmp;

namespace Kennel.FileSystems.Overlay;

/// <summary>
/// A tree that can be changed over one that cannot: changes stay in memory and go with the sandbox. Linux: fs/overlayfs.
/// </summary>
/// <remarks>
/// Each lower inode has one <see cref="OverlayInode"/>, made when it is first met and kept. It stands for the lower inode until
/// something about it changes; then it gets an inode of its own in memory ("copy-up") and the lower one is not asked again.
/// Differs from Linux: the upper side is no file system that could be looked at by itself, so names, whiteouts and
/// renamed directories need no representation on it, hard links stay linked after a copy-up, and a descriptor that was
/// opened before the copy-up sees the new content.
/// </remarks>
public sealed class OverlayFileSystem : FileSystem
{
    private const ulong FirstOwnNumber = 1UL << 48; // behind any inode number of a host
    private const int RangeShift = 50;

    private readonly Dictionary<Inode, OverlayInode> _byLower = [];
    private readonly List<DeviceNumber> _devices = []; // below, in the order met
    private ulong _lastNumber = FirstOwnNumber;

    /// <param name="upper">Holds what is new or changed; disposed with the overlay.</param>
    /// <param name="lower">The root of the tree below; never changed.</param>
    /// <param name="device">st_dev of the inodes.</param>
    public OverlayFileSystem(TmpFileSystem upper, Inode lower, DeviceNumber device)
        : base("overlay", device)
    {
        Upper = upper;
        Root = ForLower(lower);
    }

    /// <inheritdoc/>
    public override Inode Root { get; }

    /// <inheritdoc/>
    public override long Magic => 0x794c7630;

    /// <inheritdoc/>
    public override (long BlockSize, long Blocks, long Free, long Files, long FreeFiles) Usage => Upper.Usage;

    /// <summary>Holds what is new or changed.</summary>
    internal TmpFileSystem Upper { get; }

    internal OverlayInode ForLower(Inode lower)
    {
        if (_byLower.TryGetValue(lower, out OverlayInode? known)) return known;
        return _byLower[lower] = new OverlayInode(this, lower);
    }

    /// <summary>
    /// The number here of what has a number on a device below. All inodes of an overlay say that they are on one device, so each
    /// device below but the first one met gets a range of its own; 0:0 stands for no device, whose numbers are unique anyway.
    /// </summary>
    internal ulong NumberOf(DeviceNumber device, ulong number)
    {
        if (device == default) return number;
        int index = 0;
        while (index < _devices.Count && _devices[index] != device) index++;
        if (index == _devices.Count) _devices.Add(device);
        return number + ((ulong)index << RangeShift);
    }

    /// <summary>A number that no other inode of this file system has.</summary>
    internal ulong NextNumber() => ++_lastNumber;

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (OverlayInode inode in _byLower.Values) inode.FreeTree();
        _byLower.Clear();
        Upper.Dispose();
    }
}
