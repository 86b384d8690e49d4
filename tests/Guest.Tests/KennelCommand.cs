using System.Text;

namespace Kennel.Guest.Tests;

/// <summary>The command line of Kennel as a process.</summary>
/// <param name="command">The program and its first arguments.</param>
public sealed class KennelCommand(string[] command)
{
    private Task? _built;

    /// <summary>Runs it with these arguments in exactly this environment (and what .NET itself needs).</summary>
    public async Task<ProcessOutcome> RunAsync(
        string[] arguments, string workingDirectory, Dictionary<string, string> environment, string? input, TimeSpan timeout, CancellationToken cancel)
    {
        await LazyInitializer.EnsureInitialized(ref _built, BuildAsync);
        environment = new(environment) { ["KENNEL_NO_BUILD"] = "1", ["KENNEL_CODE_CACHE"] = "none" };
        foreach (string name in (string[])["DOTNET_ROOT", "DOTNET_gcServer", "DOTNET_TieredCompilation", "KENNEL_ENGINE", "KENNEL_CPU_LEVEL", "KENNEL_CODE_CACHE"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                environment[name] = value;
        }
        return await ProcessRunner.RunAsync(
            new ProcessRequest(command[0], [.. command[1..], .. arguments])
            {
                WorkingDirectory = workingDirectory,
                Environment = environment,
                InputPath = input,
            },
            timeout, cancel);
    }

    // The launcher builds when sources are newer; once is enough, and no guest's time limit pays for it.
    private async Task BuildAsync()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(
            new ProcessRequest(command[0], [.. command[1..], "--version"]), TimeSpan.FromMinutes(10), CancellationToken.None);
        if (outcome.Status != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} --version: status {outcome.Status}\n{Encoding.UTF8.GetString(outcome.Error)}");
    }
}
