using System.Text;

namespace Kennel.Guest.Tests;

/// <summary>Runs a guest somewhere: on the host, or inside Kennel by whatever way.</summary>
public interface IGuestRunner
{
    /// <summary>Runs it to its end, or to the end of the time it has.</summary>
    Task<GuestResult> RunAsync(GuestCommand command, TimeSpan timeout, CancellationToken cancel);
}

/// <summary>What to run and where.</summary>
/// <param name="Program">Absolute path of the program or script.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record GuestCommand(string Program, string[] Arguments)
{
    /// <summary>The directory of the program.</summary>
    public required string Bin { get; init; }

    /// <summary>The working directory, written through to the host.</summary>
    public required string Work { get; init; }

    /// <summary>TMPDIR.</summary>
    public required string Temporary { get; init; }

    /// <summary>Whether writes to <see cref="Temporary"/> go to the host, too.</summary>
    public required bool WriteThroughTemporary { get; init; }

    /// <summary>The file that is standard input; null for an empty one.</summary>
    public required string? InputPath { get; init; }

    /// <summary>Whether the guest's processor is to be of level x86-64-v3.</summary>
    public bool NeedsV3 { get; init; }

    /// <summary>Where Kennel's kernel log goes.</summary>
    public required string KernelLog { get; init; }

    /// <summary>The whole environment of the guest.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        ["HOME"] = Work,
        ["LANG"] = "C",
        ["TZ"] = "UTC",
        ["TMPDIR"] = Temporary,

        // libm takes other code, with other last bits, where the processor has FMA. Both sides are to take the same.
        ["GLIBC_TUNABLES"] = NeedsV3 || GuestSettings.IsV3 ? "" : "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4",
    };
}

/// <summary>Everything that can be seen of a run.</summary>
/// <param name="Status">The exit status, 128 plus the number for a signal.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Files">The files left in the working directory: names, kinds, modes and contents, one line each.</param>
/// <param name="LeftInTemporary">Names left in TMPDIR on the host.</param>
/// <param name="TimedOut">Whether it was ended because its time was over.</param>
public sealed record GuestResult(int Status, byte[] Output, byte[] Error, byte[] Files, string LeftInTemporary, bool TimedOut)
{
    /// <summary>How it ended, in words.</summary>
    public string Ending => TimedOut ? "did not end in time" : $"ended with status {Status}";

    /// <summary>The last lines of both streams.</summary>
    public string Tail() => string.Join('\n',
        new[] { Output, Error }.SelectMany(bytes => Encoding.UTF8.GetString(bytes).TrimEnd('\n').Split('\n').TakeLast(15)));

    /// <summary>The result of a finished process, with what it left in the command's directories.</summary>
    public static GuestResult From(GuestCommand command, ProcessOutcome outcome) => new(
        outcome.Status, outcome.Output, outcome.Error, FileListing.Of(command.Work),
        string.Join(' ', Directory.EnumerateFileSystemEntries(command.Temporary).Select(Path.GetFileName)), outcome.TimedOut);
}
