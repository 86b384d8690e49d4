using Kennel.Abi;
using Kennel.Files;
using Kennel.FileSystems.Dev.Terminals;

namespace Kennel.FileSystems.Dev.Devices;

/// <summary>The devices that every machine has, by number (Linux: Documentation/admin-guide/devices.txt).</summary>
internal static class StandardDevices
{
    private const uint MemoryMajor = 1, TerminalMajor = 5;

    /// <summary>Name, number and rights of the nodes in /dev.</summary>
    public static IReadOnlyList<DeviceNode> Nodes { get; } =
    [
        new("null", new(MemoryMajor, 3), 0x1b6),
        new("zero", new(MemoryMajor, 5), 0x1b6),
        new("full", new(MemoryMajor, 7), 0x1b6),
        new("random", new(MemoryMajor, 8), 0x1b6),
        new("urandom", new(MemoryMajor, 9), 0x1b6),
        new("kmsg", new(MemoryMajor, 11), 0x1a4),
        new("tty", new(TerminalMajor, 0), 0x1b6),
        new("console", new(TerminalMajor, 1), 0x180),
        new("ptmx", new(TerminalMajor, 2), 0x1b6),
    ];

    /// <summary>Makes the drivers known.</summary>
    public static void Register(Kernel kernel, PtsFileSystem terminals)
    {
        Register(kernel, MemoryMajor, 3, (path, flags) => new MemoryDeviceFile(MemoryDevice.Null, flags) { Path = path });
        Register(kernel, MemoryMajor, 5, (path, flags) => new MemoryDeviceFile(MemoryDevice.Zero, flags) { Path = path });
        Register(kernel, MemoryMajor, 7, (path, flags) => new MemoryDeviceFile(MemoryDevice.Full, flags) { Path = path });
        Register(kernel, MemoryMajor, 8, (path, flags) => new RandomFile(flags) { Path = path });
        Register(kernel, MemoryMajor, 9, (path, flags) => new RandomFile(flags) { Path = path });
        Register(kernel, MemoryMajor, 11, (path, flags) => new KernelLogFile(flags, isConsole: false) { Path = path });
        Register(kernel, TerminalMajor, 1, (path, flags) => new KernelLogFile(flags, isConsole: true) { Path = path });
        Register(kernel, TerminalMajor, 0, terminals.OpenControlling);
        Register(kernel, TerminalMajor, 2, terminals.OpenMaster);
    }

    private static void Register(Kernel kernel, uint major, uint minor, Func<VfsPath, OpenFlags, OpenFile> make) =>
        Register(kernel, major, minor, (_, path, flags) => new((Errno.None, make(path, flags).HoldingInode<OpenFile>())));

    private static void Register(Kernel kernel, uint major, uint minor, DeviceOpener open) =>
        kernel.Vfs.Devices.Register(FileType.CharacterDevice, new DeviceNumber(major, minor), open);
}

/// <summary>A node in /dev.</summary>
internal sealed record DeviceNode(string Name, DeviceNumber Number, uint Permissions);
