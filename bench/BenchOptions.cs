using System.Runtime.CompilerServices;

namespace Kennel.Bench;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchOptions
{
    /// <summary>Words of which one must be in a row's name; none for all rows.</summary>
    public List<string> Names { get; } = [];

    /// <summary>Shorter measurements: enough to see an order of magnitude.</summary>
    public bool Quick { get; private set; }

    /// <summary>Whether the table goes into docs/performance.md.</summary>
    public bool Write { get; private set; }

    /// <summary>Whether qemu is left out.</summary>
    public bool NoQemu { get; private set; }

    /// <summary>The command that runs Kennel.</summary>
    public string Kennel { get; private set; } = Path.Combine(Root(), "kennel");

    /// <summary>How many processes; null for the standard number.</summary>
    public int? Count { get; private set; }

    /// <summary>Whether these are made by the C library's fork.</summary>
    public bool WithLibrary { get; private set; }

    /// <summary>The repository's root.</summary>
    public string Repository { get; } = Root();

    /// <summary>Milliseconds to spend on one operation.</summary>
    public int OperationTime => Quick ? 60 : 400;

    /// <summary>Per cent of its standard size that a CPU kernel runs.</summary>
    public int KernelSize => Quick ? 20 : 100;

    /// <summary>The options, or null when there is something unknown among them.</summary>
    public static BenchOptions? Parse(string[] args)
    {
        var options = new BenchOptions();
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--quick":
                    options.Quick = true;
                    break;
                case "--write":
                    options.Write = true;
                    break;
                case "--no-qemu":
                    options.NoQemu = true;
                    break;
                case "--kennel" when i + 1 < args.Length:
                    options.Kennel = args[++i];
                    break;
                case "--count" when i + 1 < args.Length && int.TryParse(args[i + 1], out int count) && count > 0:
                    options.Count = count;
                    i++;
                    break;
                case "--libc":
                    options.WithLibrary = true;
                    break;
                case ['-', ..]:
                    return null;
                default:
                    options.Names.Add(args[i]);
                    break;
            }
        }
        return options;
    }

    /// <summary>Whether a row is wanted.</summary>
    public bool Wants(string row, string part) =>
        Names.Count == 0 || Names.Any(name => name == part || row.Contains(name, StringComparison.Ordinal));

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, ".."));
}
