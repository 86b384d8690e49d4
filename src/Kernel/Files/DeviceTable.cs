using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>Which driver opens a device number, wherever its node lies (Linux: cdev_map).</summary>
public sealed class DeviceTable
{
    private readonly Dictionary<(FileType, DeviceNumber), DeviceOpener> _drivers = [];

    /// <summary>Makes a device known.</summary>
    public void Register(FileType type, DeviceNumber number, DeviceOpener open) => _drivers[(type, number)] = open;

    /// <summary>Opens the device that a node stands for: ENXIO when nothing answers to its number.</summary>
    public ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, VfsPath path, OpenFlags flags)
    {
        Errno e = path.Inode.GetAttributes(out InodeAttributes attributes);
        if (e != Errno.None) return new((e, null));
        return _drivers.TryGetValue((attributes.Type, attributes.RawDevice), out DeviceOpener? open)
            ? open(current, path, flags)
            : new((Errno.ENXIO, null));
    }
}

/// <summary>Opens a device.</summary>
public delegate ValueTask<(Errno Error, OpenFile? File)> DeviceOpener(LinuxTask current, VfsPath path, OpenFlags flags);
