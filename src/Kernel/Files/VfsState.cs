using Kennel.Abi;
using Kennel.Files.Sockets;
using Kennel.Tasks;
using Kennel.Time;

namespace Kennel.Files;

/// <summary>What the file layer keeps for a whole machine.</summary>
public sealed class VfsState(Timekeeper time, long memoryLimit)
{
    private ulong _lastNameless;
    private uint _lastDevice = 20;
    private int _lastAutoName;

    /// <summary>
    /// Bytes of the host's own memory that guests' messages and attributes take; frames are counted elsewhere. Limited to a
    /// quarter of the machine's memory, so that no guest can exhaust the host.
    /// </summary>
    public long HostBytes { get; private set; }

    /// <summary>Takes bytes of host memory, if there are any left.</summary>
    public bool TryCharge(long bytes)
    {
        if (HostBytes + bytes > memoryLimit / 4) return false;
        HostBytes += bytes;
        return true;
    }

    /// <summary>Gives bytes of host memory back.</summary>
    public void Uncharge(long bytes) => HostBytes -= bytes;

    /// <summary>Drivers by device number.</summary>
    public DeviceTable Devices { get; } = new();

    /// <summary>Where pipes live.</summary>
    public NamelessFileSystem PipeFileSystem => field ??= new NamelessFileSystem("pipefs", new DeviceNumber(0, 14), 0x50495045, time);

    /// <summary>Where memfds live (Linux: the internal tmpfs mount, shm_mnt).</summary>
    public NamelessFileSystem MemoryFileSystem => field ??= new NamelessFileSystem("tmpfs", new DeviceNumber(0, 1), 0x01021994, time);

    /// <summary>What mount can make, by name (Linux: register_filesystem).</summary>
    public Dictionary<string, FileSystemMaker> FileSystemTypes { get; } = [];

    /// <summary>Where sockets live.</summary>
    public NamelessFileSystem SocketFileSystem => field ??= new NamelessFileSystem("sockfs", new DeviceNumber(0, 8), 0x534f434b, time);

    /// <summary>Sockets with abstract names (man 7 unix).</summary>
    internal Dictionary<(SocketType, string), UnixSocket> AbstractSockets { get; } = [];

    /// <summary>Sockets that are in messages on their way.</summary>
    internal HashSet<UnixSocket> SocketsInFlight { get; } = [];

    /// <summary>Sockets in whose queues sockets are on their way.</summary>
    internal HashSet<UnixSocket> SocketsWithRights { get; } = [];

    /// <summary>The next abstract name to try for a socket that asks for any.</summary>
    internal int NextAutoName() => _lastAutoName++;

    /// <summary>POSIX message queues that have a name.</summary>
    internal Dictionary<string, PosixQueue> PosixQueues { get; } = [];

    /// <summary>Who waits for whose POSIX lock, for finding circles.</summary>
    internal Dictionary<object, object> BlockedLockOwners { get; } = [];

    /// <summary>A number for a pipe or socket, as stat and "pipe:[N]" show it.</summary>
    public ulong NextNamelessInode() => ++_lastNameless;

    /// <summary>A device number for a mounted file system that lies on no device (Linux: get_anon_bdev).</summary>
    public DeviceNumber NextDevice() => new(0, ++_lastDevice);
}

/// <summary>Makes a file system for mount.</summary>
/// <param name="current">The task that mounts.</param>
/// <param name="source">mount's first argument, such as "tmpfs".</param>
/// <param name="options">mount's last argument: "size=1m,mode=700".</param>
public delegate (Errno Error, FileSystem? FileSystem) FileSystemMaker(LinuxTask current, string source, string options);
