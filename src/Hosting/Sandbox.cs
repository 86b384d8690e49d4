using System.Text;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.FileSystems.Dev;
using Kennel.FileSystems.Dev.Streams;
using Kennel.Machine;
using Kennel.Probes;
using Kennel.Tasks;
using Kennel.Tracing;

namespace Kennel;

/// <summary>
/// A Linux machine inside this .NET process: programs run in it under a kernel of their own, and nothing that they do reaches
/// the host but what the options let through.
/// </summary>
/// <example><code>
/// await using Sandbox sandbox = await Sandbox.CreateAsync();
/// CapturedText result = await sandbox.RunAndCaptureTextAsync("bash", ["-c", "echo hello | tr a-z A-Z"]);
/// </code></example>
public sealed class Sandbox : IAsyncDisposable
{
    private readonly SandboxOptions _options;
    private readonly Kernel _kernel;
    private readonly SandboxRoot _root;
    private readonly DeviceTree _devices;
    private readonly HostStreams _streams;
    private readonly Credential _credential;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly HashSet<SandboxProcess> _started = [];
    private readonly List<SandboxEventStream> _eventStreams = [];
    private readonly SandboxTracers _tracers;
    private readonly string? _codeCache;
    private bool _disposed;

    private Sandbox(SandboxOptions options)
    {
        if (options.Seed != null && options.Processors != 1) throw new SandboxException("a seed needs one virtual CPU");
        _options = options;
        _codeCache = OperatingSystem.IsLinux() ? CodeCacheFile.PathOf(options) : null;
        _environment = options.Environment ?? SandboxOptions.DefaultEnvironment();
        _credential = CredentialOf(options);
        var kernelOptions = new KernelOptions
        {
            Processors = options.Processors,
            MemoryLimit = options.MemoryLimit,
            TaskLimit = options.ProcessLimit,
            HostName = options.HostName,
            Seed = options.Seed,
        };
        IHostPlatform host = options.Seed is { } seed ? new SeededHostPlatform(seed) : new SystemHostPlatform();
        _kernel = new Kernel(kernelOptions, host, options.CustomEngine ?? EngineChoice.For(options.Engine, options.CpuLevel, options.Seed != null));
        try
        {
            _kernel.Log.Sink = options.Log;
            if (OperatingSystem.IsLinux() && _codeCache != null) CodeCacheFile.Load(_codeCache, options, _kernel);
            _root = new SandboxRoot(_kernel, options);
            _tracers = new SandboxTracers(_kernel, _root);
            _devices = SandboxFileSystems.Attach(_kernel, _root);
            _streams = new HostStreams(_kernel);
            var place = new VfsPath(_root.Mounts.Root, _root.Mounts.Root.Root);
            _kernel.CreateInit(_root.Mounts, new FsContext { Root = place, WorkingDirectory = place });
            _kernel.Start();
        }
        catch
        {
            _kernel.Dispose();
            throw;
        }
    }

    /// <summary>Makes a sandbox. No program runs in it yet.</summary>
    /// <exception cref="SandboxException">The options ask for what cannot be had.</exception>
    public static Task<Sandbox> CreateAsync(SandboxOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new Sandbox(options ?? new SandboxOptions()));
    }

    /// <summary>The name of the execution engine that it has got.</summary>
    public string EngineName => _kernel.Engine.Name;

    /// <summary>All processes, the kernel's own (init, kernel threads) left out.</summary>
    public IReadOnlyList<SandboxProcessInfo> Processes
    {
        get
        {
            lock (_kernel.Lock) return [.. _kernel.Tasks.Processes.Where(IsGuest).Select(Describe)];
        }
    }

    /// <summary>What it has done so far.</summary>
    public SandboxStatistics Statistics
    {
        get
        {
            lock (_kernel.Lock) return SandboxSummary.Of(_kernel, _kernel.Tasks.Processes.Count(IsGuest));
        }
    }

    /// <summary>Frames in use that are not cached pages of host files: none more after a program than before, if nothing leaks.</summary>
    internal int AnonymousFrames
    {
        get
        {
            lock (_kernel.Lock) return _kernel.Frames.InUse - _root.CachedHostPages;
        }
    }

    /// <summary>For benchmarks.</summary>
    internal IExecutionEngine Engine => _kernel.Engine;

    /// <summary>The last lines of the kernel log.</summary>
    public IReadOnlyList<string> KernelLog
    {
        get
        {
            lock (_kernel.Lock) return [.. _kernel.Log.Lines];
        }
    }

    /// <summary>
    /// Events of the kernel as they happen, from now on until the sandbox is disposed of or the loop is left. None is lost: if the reader is
    /// slow, so are the guests. To be read once.
    /// </summary>
    /// <param name="kinds">What to watch: <see cref="EventKind"/> says what each carries. The kinds of functions and breakpoints are not among these.</param>
    /// <example><code>
    /// await foreach (SandboxEvent e in sandbox.Events(EventKind.ProcessExited)) Console.WriteLine($"{e.Task.Name} has ended");
    /// </code></example>
    public IAsyncEnumerable<SandboxEvent> Events(params EventKind[] kinds)
    {
        var stream = new SandboxEventStream(this, kinds);
        Attach(stream);
        lock (_kernel.Lock) _eventStreams.Add(stream);
        return stream;
    }

    /// <summary>
    /// Has a tracer watch. Attach it before the first program is started, which is its target. Several may be attached; they are told of
    /// each event in the order of their attaching.
    /// </summary>
    public void Attach(ITracer tracer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!Probes.ProbeSet.AreBuilt) throw new SandboxException("this build has no probe points to watch");
        lock (_kernel.Lock) _tracers.Attach(tracer);
    }

    /// <summary>Ends a tracer's watching and has it write what it still holds. Tracers that nobody detaches are detached when the sandbox is disposed.</summary>
    /// <returns>The exit status that the tracer asks for; null to take the program's, or when it was detached before.</returns>
    public int? Detach(ITracer tracer)
    {
        lock (_kernel.Lock) return _tracers.Detach(tracer);
    }

    /// <summary>
    /// The first exception that a tracer threw while it was told of an event; null while there was none. It was not told of that kind of event again,
    /// and the guest went on.
    /// </summary>
    public Exception? TracerBug
    {
        get
        {
            lock (_kernel.Lock) return _kernel.TracerBug;
        }
    }

    /// <summary>Starts a program.</summary>
    /// <exception cref="SandboxException">There is no such program, it cannot be run, or no process can be made.</exception>
    public Task<SandboxProcess> StartAsync(ProcessStartOptions start, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<SandboxProcess>(cancellationToken);
        var process = new SandboxProcess(this);
        var launch = new ProcessLaunch(_kernel, _root, _devices, _streams, _options, start, _credential, start.Environment ?? _environment);
        try
        {
            lock (_kernel.Lock)
            {
                launch.Start(process);
                _started.Add(process);
                _tracers.OnStarted(process.Id);
            }
        }
        catch (SandboxException problem)
        {
            return Task.FromException<SandboxProcess>(problem);
        }
        return cancellationToken.CanBeCanceled ? StartedOrKilledAsync(launch.Executed, process, cancellationToken) : launch.Executed;
    }

    /// <summary>Runs a program to its end and returns what it printed. Cancelling kills it.</summary>
    /// <exception cref="SandboxException">It cannot be started.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the program has been killed.</exception>
    public async Task<CapturedText> RunAndCaptureTextAsync(
        string program, IReadOnlyList<string> arguments, string standardInput = "", CancellationToken cancellationToken = default)
    {
        SandboxProcess process = await StartAsync(new ProcessStartOptions(program, arguments), cancellationToken).ConfigureAwait(false);
        await using CancellationTokenRegistration kill = cancellationToken.Register(() => process.Kill());
        Task<string> output = ReadToEndAsync(process.StandardOutput!), error = ReadToEndAsync(process.StandardError!);
        await WriteInputAsync(process.StandardInput!, standardInput).ConfigureAwait(false);
        SandboxExit exit = await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return new CapturedText(exit.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
    }

    /// <summary>Kills all processes and frees everything.</summary>
    public ValueTask DisposeAsync()
    {
        if (_disposed) return ValueTask.CompletedTask;
        _disposed = true;
        // On a thread of its own, as waiting for the virtual CPUs blocks it: that begins sooner than the pool does.
        return new ValueTask(Task.Factory.StartNew(End, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    private void End()
    {
        lock (_kernel.Lock)
        {
            foreach (SandboxEventStream stream in _eventStreams) stream.Release();
        }
        _kernel.Halt();
        lock (_kernel.Lock)
        {
            _tracers.DetachAll();
            foreach (SandboxProcess process in _started) process.SetLost();
            if (OperatingSystem.IsLinux() && _codeCache != null) CodeCacheFile.Save(_codeCache, _options, _kernel);
        }
        _streams.Dispose();
        _root.Dispose();
        _kernel.Dispose();
    }

    internal void SendSignal(SandboxProcess process, Signal signal, bool wholeGroup)
    {
        if (_disposed) return;
        _kernel.Post(() =>
        {
            if (process.HasExited || _kernel.Tasks.Find(new Pid(process.Id)) is not { } task) return;
            SignalInfo info = SignalInfo.FromUser(signal, SignalCode.User, 0, 0);
            if (!wholeGroup) task.Group.Send(info);
            else (task.Group.Session.Terminal?.Foreground ?? task.Group.ProcessGroup).Send(info);
        });
    }

    private static async Task<SandboxProcess> StartedOrKilledAsync(Task<SandboxProcess> started, SandboxProcess process, CancellationToken cancellationToken)
    {
        try
        {
            return await started.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static bool IsGuest(LinuxTask task) => !task.IsKernelThread && task.Id.Value > 1;

    private static SandboxProcessInfo Describe(LinuxTask task) => SandboxSummary.Describe(task);

    private static async Task<string> ReadToEndAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
        return await reader.ReadToEndAsync().ConfigureAwait(false);
    }

    private static async Task WriteInputAsync(Stream stream, string text)
    {
        try
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text)).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The program did not read it all: as with a closed pipe, that is its business.
        }
    }

    private static Credential CredentialOf(SandboxOptions options)
    {
        uint uid = options.UserId ?? HostUser.Uid;
        uint gid = options.GroupId ?? options.UserId ?? HostUser.Gid;
        if (options.UserId != null) return Credential.For(uid, gid);
        ulong capabilities = HostUser.Capabilities & Capabilities.All;
        return Credential.For(uid, gid, HostUser.Groups) with
        {
            Permitted = capabilities,
            Effective = capabilities,
            Bounding = uid == 0 ? capabilities : Capabilities.All,
        };
    }
}
