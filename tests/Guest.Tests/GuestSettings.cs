using System.Globalization;
using System.Runtime.CompilerServices;

namespace Kennel.Guest.Tests;

/// <summary>
/// What the environment may change:
/// KENNEL_GUEST_FILTER (words; a guest runs when its name contains one), KENNEL_GUEST_COMMAND (the command to run instead of
/// the repository's launcher), KENNEL_GUEST_CPUS (virtual CPUs; 1), KENNEL_ENGINE (the execution engine, handed on), KENNEL_CPU_LEVEL, KENNEL_CODE_CACHE (the same; without, none), KENNEL_GUEST_NATIVE=N (no Kennel: N native runs must agree), KENNEL_GUEST_PATIENCE (a factor on
/// all time limits), KENNEL_GUEST_BUILD (where compiled guests are kept), KENNEL_GUEST_KEEP=1 (keep the scratch directories).
/// </summary>
public static class GuestSettings
{
    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = Path.GetFullPath(Path.Combine(Here(), "../.."));

    /// <summary>Where the guests' sources are.</summary>
    public static string GuestDirectory { get; } = Path.Combine(Repository, "tests", "Guest");

    /// <summary>Words of which one must be in a guest's name; empty for all guests.</summary>
    public static string[] Filter { get; } =
        (Variable("KENNEL_GUEST_FILTER") ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>How many native runs must agree; 0 to compare with Kennel.</summary>
    public static int NativeOnly { get; } = int.Parse(Variable("KENNEL_GUEST_NATIVE") ?? "0", CultureInfo.InvariantCulture);

    /// <summary>A factor on each guest's time limit.</summary>
    public static double Patience { get; } = double.Parse(Variable("KENNEL_GUEST_PATIENCE") ?? "1", CultureInfo.InvariantCulture);

    /// <summary>Virtual CPUs that guests get inside.</summary>
    public static string Processors { get; } = Variable("KENNEL_GUEST_CPUS") ?? "1";

    /// <summary>Whether all guests get a processor of level x86-64-v3.</summary>
    public static bool IsV3 { get; } = Variable("KENNEL_CPU_LEVEL") == "v3";

    /// <summary>Whether scratch directories stay for a look at them.</summary>
    public static bool KeepScratch { get; } = Variable("KENNEL_GUEST_KEEP") == "1";

    /// <summary>Where compiled guests are kept between runs, outside the source tree.</summary>
    public static string BuildDirectory { get; } =
        Variable("KENNEL_GUEST_BUILD") ?? Path.Combine(Path.GetTempPath(), $"kennel-guest-build-{Environment.UserName}");

    /// <summary>The command that is Kennel.</summary>
    public static KennelCommand Command { get; } =
        new((Variable("KENNEL_GUEST_COMMAND") ?? Path.Combine(Repository, "kennel")).Split(' '));

    /// <summary>How guests are run inside.</summary>
    public static IGuestRunner Kennel { get; } = new KennelCommandRunner(Command);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
