using Kennel.Abi;

namespace Kennel;

/// <summary>A process that a <see cref="Sandbox"/> started. It lives in the sandbox; this is the handle on it.</summary>
public sealed class SandboxProcess
{
    private readonly Sandbox _sandbox;
    private readonly TaskCompletionSource<SandboxExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal SandboxProcess(Sandbox sandbox) => _sandbox = sandbox;

    /// <summary>Its process id in the sandbox.</summary>
    public int Id { get; internal set; }

    /// <summary>What is written here is its standard input; closing it is its end of file. Null unless started with <see cref="StandardStreams.Pipes"/>.</summary>
    public Stream? StandardInput { get; internal set; }

    /// <summary>Its standard output. Null unless started with <see cref="StandardStreams.Pipes"/>.</summary>
    public Stream? StandardOutput { get; internal set; }

    /// <summary>Its error output. Null unless started with <see cref="StandardStreams.Pipes"/>.</summary>
    public Stream? StandardError { get; internal set; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _exit.Task.IsCompleted;

    /// <summary>Waits until it has ended. Cancelling the wait does not end the process.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<SandboxExit> WaitForExitAsync(CancellationToken cancellationToken = default) => _exit.Task.WaitAsync(cancellationToken);

    /// <summary>Sends it a signal; nothing happens if it has ended.</summary>
    public void Kill(Signal signal = Signal.SIGKILL) => _sandbox.SendSignal(this, signal, wholeGroup: false);

    /// <summary>Sends a signal to the foreground process group of its terminal, or to its own group if it has none.</summary>
    public void SignalForegroundGroup(Signal signal) => _sandbox.SendSignal(this, signal, wholeGroup: true);

    internal void SetExited(WaitStatus status) => _exit.TrySetResult(new SandboxExit(status));

    internal void SetLost() => _exit.TrySetResult(new SandboxExit(WaitStatus.Killed(Signal.SIGKILL, core: false)));
}
