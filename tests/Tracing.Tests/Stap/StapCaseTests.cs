using System.Runtime.CompilerServices;
using System.Text;

namespace Kennel.Tracing.Tests.Stap;

/// <summary>
/// The scripts of Cases/*.txt: what each prints, says on standard error, and ends with. A case begins with "=== name"; "--- out", "--- err",
/// "--- status", "--- args" and "--- defines" begin its parts. KENNEL_UPDATE=1 writes what came out into the files, to be looked at.
/// </summary>
public sealed class StapCaseTests
{
    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (string file in Files())
        {
            foreach (StapCase item in StapCase.Read(file)) data.Add(Path.GetFileNameWithoutExtension(file), item.Name);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Behaves(string file, string name)
    {
        StapCase item = StapCase.Read(Files().Single(f => Path.GetFileNameWithoutExtension(f) == file)).Single(c => c.Name == name);
        var fixture = new StapFixture { Arguments = item.Arguments, Defines = item.Defines, Guru = item.Guru };
        fixture.Start(item.Script);
        int status = fixture.Stop();
        Assert.Equal(item.Output, fixture.Output);
        Assert.Equal(item.Errors, fixture.Errors);
        Assert.Equal(item.Status, status);
    }

    [Fact]
    public void Files_are_up_to_date()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("KENNEL_UPDATE") == "1", "KENNEL_UPDATE=1 writes them");
        List<string> failures = [];
        foreach (string file in Files())
        {
            var text = new StringBuilder();
            foreach (StapCase item in StapCase.Read(file))
            {
                var fixture = new StapFixture { Arguments = item.Arguments, Defines = item.Defines, Guru = item.Guru };
                int status = 99;
                try
                {
                    fixture.Start(item.Script);
                    status = fixture.Stop();
                }
                catch (Exception e)
                {
                    failures.Add($"{item.Name}: {e}");
                }
                item.Write(text, fixture.Output, fixture.Errors, status);
            }
            File.WriteAllText(file, text.ToString(), Encoding.Latin1);
        }
        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    private static string[] Files() => [.. Directory.GetFiles(Path.Combine(Here(), "Cases"), "*.txt").Order(StringComparer.Ordinal)];

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

/// <summary>A script and what is expected of it.</summary>
internal sealed record StapCase(string Name, string Script, string Output, string Errors, int Status, string[] Arguments, Dictionary<string, string> Defines, bool Guru)
{
    public static IEnumerable<StapCase> Read(string file)
    {
        string[] blocks = File.ReadAllText(file, Encoding.Latin1).Split("=== ", StringSplitOptions.RemoveEmptyEntries);
        foreach (string block in blocks)
        {
            int line = block.IndexOf('\n');
            var parts = new Dictionary<string, string>();
            string name = "script";
            var text = new StringBuilder();
            foreach (string row in block[(line + 1)..].Split('\n').SkipLast(1))
            {
                if (row.StartsWith("--- ", StringComparison.Ordinal))
                {
                    parts[name] = text.ToString();
                    text.Clear();
                    name = row[4..];
                }
                else text.Append(row).Append('\n');
            }
            parts[name] = text.ToString();
            string status = parts.GetValueOrDefault("status", "0").Trim();
            string[] defines = parts.GetValueOrDefault("defines", "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
            yield return new StapCase(
                block[..line], parts["script"], parts.GetValueOrDefault("out", ""), parts.GetValueOrDefault("err", ""), int.Parse(status),
                parts.GetValueOrDefault("args", "").Split('\n', StringSplitOptions.RemoveEmptyEntries),
                defines.ToDictionary(d => d.Split('=')[0], d => d.Split('=')[1]), parts.ContainsKey("guru"));
        }
    }

    public void Write(StringBuilder text, string output, string errors, int status)
    {
        text.Append("=== ").Append(Name).Append('\n').Append(Script);
        if (Arguments.Length > 0) text.Append("--- args\n").AppendJoin('\n', Arguments).Append('\n');
        if (Defines.Count > 0) text.Append("--- defines\n").AppendJoin('\n', Defines.Select(d => $"{d.Key}={d.Value}")).Append('\n');
        if (Guru) text.Append("--- guru\n");
        if (output.Length > 0) text.Append("--- out\n").Append(output);
        if (errors.Length > 0) text.Append("--- err\n").Append(errors);
        if (status != 0) text.Append("--- status\n").Append(status).Append('\n');
    }
}
