using Kennel.Abi;
using Kennel.Credentials;
using Kennel.FileSystems.Dev.Terminals;
using Kennel.FileSystems.Host;
using Kennel.Files;

namespace Kennel.FileSystems.Dev.Streams;

/// <summary>Makes open files that connect guests to streams of the host: what descriptors 0, 1 and 2 of the first process are.</summary>
public sealed class HostStreams : IDisposable
{
    private readonly HostPoller _poller;
    private readonly NamelessFileSystem _names;
    private readonly List<StreamOutputFile> _outputs = [];
    private readonly List<HostTerminal> _connections = []; // guard-note: the kernel lock
    private readonly Kernel _kernel;

    /// <param name="kernel">The machine that the files are for.</param>
    public HostStreams(Kernel kernel)
    {
        _kernel = kernel;
        _poller = new HostPoller(kernel);
        _names = new NamelessFileSystem("hoststreams", kernel.Vfs.NextDevice(), 0x00c0ffee, kernel.Time);
    }

    /// <summary>
    /// A descriptor of this .NET process: a pipe, file, socket or device. The guest sees its kind, and reads and writes it as if it
    /// had inherited it. It is not closed here.
    /// </summary>
    /// <returns>EBADF if it is not open.</returns>
    public Errno FromDescriptor(int hostFd, out OpenFile? file)
    {
        file = null;
        Errno error = HostCalls.Stat(hostFd, out InodeAttributes attributes);
        OpenFlags flags = default;
        if (error == Errno.None) error = HostCalls.GetFlags(hostFd, out flags);
        if (error == Errno.None) file = Make(hostFd, flags, attributes);
        return error;
    }

    /// <summary>Bytes that a stream gives; read ahead of the guest.</summary>
    public OpenFile FromInput(Stream stream) => new StreamInputFile(_kernel, stream) { Path = NewPipePlace(OpenFlags.ReadOnly) };

    /// <summary>
    /// A stream that gets what the guest writes, in order; <see cref="FlushAsync"/> waits until it has. It is disposed when the
    /// last descriptor is closed.
    /// </summary>
    public OpenFile FromOutput(Stream stream)
    {
        var file = new StreamOutputFile(_kernel, stream) { Path = NewPipePlace(OpenFlags.WriteOnly) };
        _outputs.Add(file);
        return file;
    }

    /// <summary>What the guest writes, kept in memory.</summary>
    public CaptureFile Capture(long limit = long.MaxValue) => new(limit) { Path = NewPipePlace(OpenFlags.WriteOnly) };

    /// <summary>Whether a descriptor of this process is a terminal.</summary>
    public static bool IsTerminal(int hostFd) => HostCalls.IsTerminal(hostFd);

    /// <summary>
    /// Connects the host's terminal with a new pseudo-terminal of the guest. Inside the kernel lock, or before the machine runs.
    /// </summary>
    /// <param name="terminals">Where it gets its number.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="inputFd">The host's terminal for typing; -1 when only the screen is one. It becomes raw.</param>
    /// <param name="outputFd">The host's terminal for showing.</param>
    public Errno ConnectTerminal(PtsFileSystem terminals, Credential owner, int inputFd, int outputFd, out HostTerminal? connection)
    {
        connection = null;
        Errno error = terminals.Create(owner, out PseudoTerminal? terminal);
        if (error != Errno.None) return error;
        terminal!.IsLocked = false;
        connection = new HostTerminal(_kernel, _poller, terminal, inputFd, outputFd);
        _connections.Add(connection);
        return Errno.None;
    }

    /// <summary>Waits until all that guests have written has gone into the streams.</summary>
    public async Task FlushAsync()
    {
        foreach (StreamOutputFile output in _outputs) await output.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Closes what guests had open, and gives the host its terminal back.</summary>
    public void Dispose()
    {
        foreach (HostTerminal connection in _connections) connection.Dispose();
        _poller.Dispose();
        foreach (StreamOutputFile output in _outputs) output.Close();
    }

    private HostDescriptorFile Make(int hostFd, OpenFlags flags, in InodeAttributes attributes)
    {
        var inode = new HostStreamInode(_names, _poller, hostFd, attributes.Type);
        string description = attributes.Type switch
        {
            FileType.Fifo => $"pipe:[{attributes.Number}]",
            FileType.Socket => $"socket:[{attributes.Number}]",
            _ => HostCalls.ReadFdName(hostFd),
        };
        return new HostDescriptorFile(inode, _poller, hostFd, flags) { Path = _names.Place(description, inode) };
    }

    private VfsPath NewPipePlace(OpenFlags access)
    {
        ulong number = _kernel.Vfs.NextNamelessInode();
        uint permissions = access == OpenFlags.ReadOnly ? 0x100u : 0x80u;
        return _names.Place($"pipe:[{number}]", new StreamInode(_names, number, permissions, _kernel.Time.Realtime));
    }
}
