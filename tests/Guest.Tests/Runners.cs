namespace Kennel.Guest.Tests;

/// <summary>Runs a guest on the host's own kernel, from a known state: no terminal, default signals, no core files, umask 022.</summary>
public sealed class NativeRunner : IGuestRunner
{
    /// <inheritdoc/>
    public async Task<GuestResult> RunAsync(GuestCommand command, TimeSpan timeout, CancellationToken cancel)
    {
        var request = new ProcessRequest("setsid",
            // The .NET runtime ignores SIGPIPE, and its children inherit that.
            ["env", "--default-signal", "/bin/sh", "-c", "ulimit -c 0; umask 022; exec \"$@\"", "sh", command.Program, .. command.Arguments])
        {
            WorkingDirectory = command.Work,
            Environment = command.Environment,
            InputPath = command.InputPath,
            LeadsSession = true,
        };
        return GuestResult.From(command, await ProcessRunner.RunAsync(request, timeout, cancel));
    }
}

/// <summary>Runs a guest by <c>kennel run</c> in a process of its own.</summary>
/// <param name="kennel">The command.</param>
public sealed class KennelCommandRunner(KennelCommand kennel) : IGuestRunner
{
    /// <inheritdoc/>
    public async Task<GuestResult> RunAsync(GuestCommand command, TimeSpan timeout, CancellationToken cancel)
    {
        Dictionary<string, string> environment = command.Environment;
        environment.Remove("TMPDIR", out string? temporary);
        environment.Remove("GLIBC_TUNABLES", out string? tunables);
        ProcessOutcome outcome = await kennel.RunAsync(
            [
                "run",
                "--mount", command.Bin,
                "--mount", $"{command.Work}:{command.Work}:rw",
                "--mount", command.WriteThroughTemporary ? $"{command.Temporary}:{command.Temporary}:rw" : command.Temporary,
                "--workdir", command.Work,
                "--env", $"TMPDIR={temporary}",
                "--env", $"GLIBC_TUNABLES={tunables}",
                "--log", command.KernelLog,
                "--cpus", GuestSettings.Processors,
                .. command.NeedsV3 ? (string[])["--cpu-level", "v3"] : [],
                "--", command.Program, .. command.Arguments,
            ],
            command.Work, environment, command.InputPath, timeout, cancel);
        return GuestResult.From(command, outcome);
    }
}
