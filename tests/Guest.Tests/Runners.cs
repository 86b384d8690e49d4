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
/// <param name="kennel">The command and its first arguments.</param>
public sealed class KennelCommandRunner(string[] kennel) : IGuestRunner
{
    private Task? _built;

    /// <inheritdoc/>
    public async Task<GuestResult> RunAsync(GuestCommand command, TimeSpan timeout, CancellationToken cancel)
    {
        await (LazyInitializer.EnsureInitialized(ref _built, () => BuildAsync()));
        Dictionary<string, string> environment = command.Environment;
        environment.Remove("TMPDIR", out string? temporary);
        environment.Remove("GLIBC_TUNABLES", out string? tunables);
        environment["KENNEL_NO_BUILD"] = "1";
        foreach (string name in (string[])["DOTNET_ROOT", "DOTNET_gcServer", "DOTNET_TieredCompilation"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                environment[name] = value;
        }

        var request = new ProcessRequest(kennel[0],
            [
                .. kennel[1..], "run",
                "--mount", command.Bin,
                "--mount", $"{command.Work}:{command.Work}:rw",
                "--mount", command.WriteThroughTemporary ? $"{command.Temporary}:{command.Temporary}:rw" : command.Temporary,
                "--workdir", command.Work,
                "--env", $"TMPDIR={temporary}",
                "--env", $"GLIBC_TUNABLES={tunables}",
                "--log", command.KernelLog,
                "--", command.Program, .. command.Arguments,
            ])
        {
            WorkingDirectory = command.Work,
            Environment = environment,
            InputPath = command.InputPath,
        };
        return GuestResult.From(command, await ProcessRunner.RunAsync(request, timeout, cancel));
    }

    // The launcher builds when sources are newer; once is enough, and no guest's time limit pays for it.
    private async Task BuildAsync()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(
            new ProcessRequest(kennel[0], [.. kennel[1..], "--version"]), TimeSpan.FromMinutes(10), CancellationToken.None);
        if (outcome.Status != 0)
            throw new InvalidOperationException($"{string.Join(' ', kennel)} --version: status {outcome.Status}\n{System.Text.Encoding.UTF8.GetString(outcome.Error)}");
    }
}
