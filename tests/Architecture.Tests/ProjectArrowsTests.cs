using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Xunit;

namespace Kennel.Architecture.Tests;

/// <summary>The arrows of docs/architecture.md: which project may refer to which.</summary>
public sealed class ProjectArrowsTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Abi"] = [],
        ["Machine"] = [],
        ["Cpu"] = ["Machine"],
        ["Probes"] = ["Abi"],
        ["Kernel"] = ["Abi", "Machine", "Probes"],
        ["FileSystems"] = ["Kernel"],
        ["Tracing"] = ["Abi", "Probes"],
        ["Hosting"] = ["Kernel", "FileSystems", "Cpu", "Tracing"],
        ["Cli"] = ["Hosting"],
    };

    public static TheoryData<string> Projects => [.. Directory.GetDirectories(Source).Select(d => Path.GetFileName(d)!)];

    private static string Source => Path.GetFullPath(Path.Combine(Here(), "../../src"));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Refers_only_to_what_the_map_shows(string project)
    {
        Assert.True(Allowed.ContainsKey(project), $"{project} is not on the map: add it to docs/architecture.md and here");
        string[] references = [.. XDocument.Load(Path.Combine(Source, project, project + ".csproj"))
            .Descendants("ProjectReference")
            .Where(r => r.Attribute("OutputItemType")?.Value != "Analyzer")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value))];
        Assert.Equal(Allowed[project].Order(), references.Order());
    }

    // Project references are transitive for the compiler, so look at what the code really names.
    [Theory]
    [InlineData("Kernel", "Kennel.Cpu")]
    [InlineData("Kernel", "Kennel.FileSystems")]
    [InlineData("Cpu", "Kennel.Tasks")]
    [InlineData("Cpu", "Kennel.Files")]
    [InlineData("FileSystems", "Kennel.Cpu")]
    [InlineData("Cli", "Kennel.Tasks")]
    [InlineData("Cli", "Kennel.Files")]
    [InlineData("Cli", "Kennel.Machine")]
    [InlineData("Cli", "Kennel.FileSystems")]
    public void Does_not_use_what_it_must_not_know(string project, string banned)
    {
        string[] files = Directory.GetFiles(Path.Combine(Source, project), "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        string[] guilty = [.. files.Where(f => !f.Contains("/obj/") && File.ReadLines(f).Any(l => l.StartsWith($"using {banned}", StringComparison.Ordinal)))];
        Assert.Empty(guilty);
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
