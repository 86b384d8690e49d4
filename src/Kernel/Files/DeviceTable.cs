using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>Which driver opens a device number, wherever its node lies (Linux: cdev_map).</summary>
public sealed class DeviceTable
{
    private readonly Dictionary<ulong, DeviceOpener> _characters = [], _blocks = [];

    /// <summary>Makes a device known.</summary>
    public void Register(FileType type, DeviceNumber number, DeviceOpener open) => DriversOf(type)[number.Encoded] = open;

    /// <summary>Opens the device that a node stands for: ENXIO when nothing answers to its number.</summary>
    public ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, VfsPath path, OpenFlags flags)
    {
        Errno e = path.Inode.GetAttributes(out InodeAttributes attributes);
        if (e != Errno.None) return new((e, null));
        return DriversOf(attributes.Type).TryGetValue(attributes.RawDevice.Encoded, out DeviceOpener? open)
            ? open(current, path, flags)
            : new((Errno.ENXIO, null));
    }

    private Dictionary<ulong, DeviceOpener> DriversOf(FileType type) => type == FileType.BlockDevice ? _blocks : _characters;
}

/// <summary>Opens a device.</summary>
public delegate ValueTask<(Errno Error, OpenFile? File)> DeviceOpener(LinuxTask current, VfsPath path, OpenFlags flags);
