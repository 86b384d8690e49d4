using System.Text;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.FileSystems.Dev;
using Kennel.FileSystems.Dev.Streams;
using Kennel.Tasks;
using HostPipe = System.IO.Pipelines.Pipe;

namespace Kennel;

/// <summary>One start of a program: finds it, gives it its descriptors, and learns what became of it.</summary>
internal sealed class ProcessLaunch(
    Kernel kernel, SandboxRoot root, DeviceTree devices, HostStreams streams, SandboxOptions options, ProcessStartOptions start, Credential credential,
    IReadOnlyDictionary<string, string> environment)
{
    private const int DescriptorLimit = 1024;

    private HostTerminal? _terminal;
    private readonly TaskCompletionSource<SandboxProcess> _executed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The process, once the program runs; or it fails with the reason why it does not.</summary>
    public Task<SandboxProcess> Executed => _executed.Task;

    /// <summary>Inside the kernel lock.</summary>
    public void Start(SandboxProcess process)
    {
        var fs = new FsContext { Root = Place("/"), WorkingDirectory = WorkingDirectory() };
        string path = FindProgram(fs);
        byte[][] arguments = [Bytes(start.Program), .. start.Arguments.Select(Bytes)];
        var variables = new List<byte[]>();
        foreach ((string name, string value) in environment) variables.Add(Bytes($"{name}={value}"));
        var request = new SpawnRequest(path, arguments, variables)
        {
            Fs = fs,
            Files = Descriptors(process),
            Credential = credential,
            Prepare = task => _terminal?.Terminal.Control(task),
            Ended = result => Ended(process, result),
            Executed = () => _executed.TrySetResult(process),
        };
        Errno error = kernel.Spawn(request, out LinuxTask? task);
        if (error != Errno.None) throw new SandboxException($"cannot make a process for {start.Program}: {error}");
        process.Id = task!.Id.Value;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private VfsPath Place(string path) => root.TryFind(path) ?? throw new SandboxException($"there is no {path} in the sandbox");

    private VfsPath WorkingDirectory()
    {
        string? wanted = start.WorkingDirectory ?? options.WorkingDirectory;
        if (wanted == null)
        {
            string current = SandboxRoot.ToGuest(Directory.GetCurrentDirectory());
            return options.Root == null ? root.TryFind(current) ?? Place("/") : Place("/");
        }
        VfsPath place = root.TryFind(SandboxRoot.ToGuest(wanted))
            ?? throw new SandboxException($"the working directory {wanted} does not exist in the sandbox: let it in with --mount, or give another");
        return place.Inode.IsDirectory ? place : throw new SandboxException($"the working directory {wanted} is not a directory");
    }

    // As execvp does: a name without a slash is looked for in PATH.
    private string FindProgram(FsContext fs)
    {
        string program = SandboxRoot.ToGuest(start.Program);
        if (program.Length == 0) throw new SandboxException("no program is named", SandboxError.NotFound);
        if (program.Contains('/')) return program;
        string search = environment.TryGetValue("PATH", out string? path) ? path : "/usr/local/bin:/usr/bin:/bin";
        var context = new WalkContext(fs.Root, fs.WorkingDirectory, credential, root.Mounts, null);
        bool denied = false;
        foreach (string directory in search.Split(':'))
        {
            string candidate = (directory.Length == 0 ? "." : SandboxRoot.ToGuest(directory)) + "/" + program;
            if (PathWalk.Resolve(context, candidate, WalkFlags.Follow, out VfsPath place) != Errno.None || place.Inode.IsDirectory) continue;
            if (place.Inode.GetAttributes(out InodeAttributes a) == Errno.None && Permissions.Check(a, credential, AccessMode.Execute) == Errno.None) return candidate;
            denied = true;
        }
        throw denied
            ? new SandboxException($"{start.Program}: permission denied", SandboxError.NotExecutable)
            : new SandboxException($"{start.Program}: command not found in the sandbox's PATH", SandboxError.NotFound);
    }

    private FileTable Descriptors(SandboxProcess process)
    {
        OpenFile[] files = start.Streams switch
        {
            StandardStreams.Inherit => Inherited(),
            StandardStreams.Null => [Null(), Null(), Null()],
            _ => Piped(process),
        };
        var table = new FileTable();
        foreach (OpenFile file in files) table.Install(file, closeOnExec: false, DescriptorLimit, out _);
        return table;
    }

    // Where the host has its terminal, the guest has its controlling terminal; everything else is passed through.
    private OpenFile[] Inherited()
    {
        bool[] isTerminal = [HostStreams.IsTerminal(0), HostStreams.IsTerminal(1), HostStreams.IsTerminal(2)];
        OpenFile? slave = isTerminal.Contains(true) ? Terminal(isTerminal) : null;
        var files = new OpenFile[isTerminal.Length];
        for (int fd = 0; fd < files.Length; fd++) files[fd] = isTerminal[fd] ? slave!.AddReference() : Inherited(fd);
        slave?.Release();
        return files;
    }

    private OpenFile Terminal(bool[] isTerminal)
    {
        int output = isTerminal[1] ? 1 : isTerminal[2] ? 2 : 0;
        Errno error = streams.ConnectTerminal(devices.Terminals, credential, isTerminal[0] ? 0 : -1, output, out _terminal);
        if (error == Errno.None)
        {
            VfsPath place = Place($"/dev/pts/{_terminal!.Terminal.Number}");
            error = devices.Terminals.OpenSlave(_terminal.Terminal, null, place, OpenFlags.ReadWrite, out OpenFile? slave);
            if (slave != null) return slave;
        }
        throw new SandboxException($"cannot make a terminal in the sandbox: {error}");
    }

    private OpenFile Inherited(int fd) => streams.FromDescriptor(fd, out OpenFile? file) == Errno.None ? file! : Null();

    private OpenFile Null() => streams.FromInput(Stream.Null);

    private OpenFile[] Piped(SandboxProcess process)
    {
        HostPipe input = new(), output = new(), error = new();
        process.StandardInput = input.Writer.AsStream();
        process.StandardOutput = output.Reader.AsStream();
        process.StandardError = error.Reader.AsStream();
        return [streams.FromInput(input.Reader.AsStream()), streams.FromOutput(output.Writer.AsStream()), streams.FromOutput(error.Writer.AsStream())];
    }

    private void Ended(SandboxProcess process, SpawnResult result)
    {
        if (result.ExecError != Errno.None)
        {
            _executed.TrySetException(Explain(result.ExecError));
        }
        else
        {
            _executed.TrySetResult(process);
        }
        if (_terminal == null) process.SetExited(result.Status);
        else _ = Task.Run(() => CloseTerminal(process, result.Status));
    }

    // Nobody is told that it has ended before all of it is on the screen, and the host has its terminal back.
    private void CloseTerminal(SandboxProcess process, WaitStatus status)
    {
        _terminal!.Flush();
        _terminal.Dispose();
        process.SetExited(status);
    }

    private SandboxException Explain(Errno error) => error switch
    {
        Errno.ENOENT => new SandboxException($"{start.Program}: no such file or directory", SandboxError.NotFound),
        Errno.EACCES => new SandboxException($"{start.Program}: permission denied", SandboxError.NotExecutable),
        Errno.ENOEXEC => new SandboxException($"{start.Program}: not a program for x86-64 Linux (exec format error)", SandboxError.NotExecutable),
        _ => new SandboxException($"{start.Program}: cannot be run: {error}", SandboxError.NotExecutable),
    };
}
