using System.Globalization;

namespace Kennel.Guest.Tests;

/// <summary>
/// One guest. Directives stand in the comment lines that open its file, as <c>// key: value</c> or <c># key: value</c>:
/// args (words), cflags (each such line is a variant of its own), stdin (a file beside it), needs (programs, or "root"),
/// timeout (seconds inside Kennel), status (what it ends with natively; 0 if not given), also: write-through (run once more with
/// TMPDIR in a directory that Kennel writes through to the host instead of in its overlay), level (v3: of the processor that it needs).
/// </summary>
public sealed record GuestCase(string Name, string SourcePath)
{
    private static readonly string[] Keys = ["args", "cflags", "stdin", "needs", "timeout", "status", "also", "level"];

    /// <summary>Arguments of the program.</summary>
    public string[] Arguments { get; private init; } = [];

    /// <summary>Options for the compiler, beside the standard ones.</summary>
    public string[] CompilerOptions { get; private init; } = [];

    /// <summary>The file that is its standard input; null for none.</summary>
    public string? InputPath { get; private init; }

    /// <summary>Programs that must be installed, or "root".</summary>
    public string[] Needs { get; private init; } = [];

    /// <summary>How long it may take inside Kennel.</summary>
    public TimeSpan Timeout { get; private init; } = TimeSpan.FromSeconds(60);

    /// <summary>The exit status that it ends with natively.</summary>
    public int Status { get; private init; }

    /// <summary>Whether its TMPDIR is written through to the host.</summary>
    public bool WriteThrough { get; private init; }

    /// <summary>Whether it needs a processor of level x86-64-v3.</summary>
    public bool NeedsV3 { get; private init; }

    /// <summary>Whether it has to be compiled.</summary>
    public bool IsCompiled => Path.GetExtension(SourcePath) is ".c" or ".cc" or ".S";

    /// <summary>Whether it is a directory of files with a run.sh.</summary>
    public bool IsDirectory => Name.StartsWith("cases/", StringComparison.Ordinal);

    /// <summary>The guest in a file, in all its variants.</summary>
    public static IEnumerable<GuestCase> Read(string name, string path)
    {
        ILookup<string, string> directives = Directives(path);
        string? One(string key) => directives[key].FirstOrDefault();
        var guest = new GuestCase(name, path)
        {
            Arguments = Words(One("args")),
            InputPath = One("stdin") is { } input ? Path.Combine(Path.GetDirectoryName(path)!, input) : null,
            Needs = Words(One("needs")),
            Timeout = TimeSpan.FromSeconds(int.Parse(One("timeout") ?? "60", CultureInfo.InvariantCulture)),
            NeedsV3 = One("level") == "v3",
            Status = int.Parse(One("status") ?? "0", CultureInfo.InvariantCulture),
        };
        string[] variants = [.. directives["cflags"]];
        foreach (string flags in variants.DefaultIfEmpty(""))
        {
            GuestCase variant = guest with
            {
                Name = variants.Length > 1 ? $"{name} [{flags}]" : name,
                CompilerOptions = Words(flags),
            };
            yield return variant;
            if (directives["also"].Contains("write-through"))
                yield return variant with { Name = $"{variant.Name} [write-through]", WriteThrough = true };
        }
    }

    /// <summary>What it needs and is not there; null when it can run.</summary>
    public string? Missing()
    {
        if (NeedsV3 && !System.Runtime.Intrinsics.X86.Avx2.IsSupported) return "a host with AVX2";
        if (NeedsV3 && Environment.GetEnvironmentVariable("KENNEL_ENGINE") == "interpreter") return "the translator";
        string[] path = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
        return Needs.FirstOrDefault(need => need == "root" ? Environment.UserName != "root"
            : !path.Any(directory => File.Exists(Path.Combine(directory, need))));
    }

    private static ILookup<string, string> Directives(string path)
    {
        string mark = Path.GetExtension(path) is ".c" or ".cc" or ".S" ? "//" : "#";
        return File.ReadLines(path)
            .TakeWhile(line => line.StartsWith(mark, StringComparison.Ordinal))
            .Select(line => line[mark.Length..].Split(':', 2, StringSplitOptions.TrimEntries))
            .Where(parts => parts.Length == 2 && Keys.Contains(parts[0]))
            .ToLookup(parts => parts[0], parts => parts[1]);
    }

    private static string[] Words(string? text) => (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
