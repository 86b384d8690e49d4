using System.Runtime.CompilerServices;
using System.Text;

namespace Kennel.Tracing.Tests.D;

/// <summary>
/// Scripts and what they print. Each file of Cases holds many: "=== name [settings] [| arguments]", the script, "--- out" and the output,
/// "--- err" and the messages; a "--- status N" other than 0. To write the expectations anew: KENNEL_UPDATE=1, and look at each difference.
/// </summary>
public sealed class DCaseTests
{
    public static TheoryData<string, string> Cases =>
        [.. Directory.GetFiles(Folder, "*.txt").Order().SelectMany(f => Read(f).Select(c => (Path.GetFileNameWithoutExtension(f), c.Name)))];

    private static string Folder => Path.Combine(Here(), "Cases");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Prints(string file, string name)
    {
        Case c = Read(Path.Combine(Folder, file + ".txt")).Single(c => c.Name == name);
        Assert.Equal(c.Expected, Actual(c));
    }

    [Fact]
    public void Expectations_are_written_on_demand()
    {
        if (Environment.GetEnvironmentVariable("KENNEL_UPDATE") != "1") return;
        foreach (string file in Directory.GetFiles(Folder, "*.txt"))
        {
            File.WriteAllText(file, string.Concat(Read(file).Select(c => $"=== {c.Header}\n{c.Script}{Actual(c)}")));
        }
    }

    private static string Actual(Case c)
    {
        string[] halves = c.Header.Split('|', 2);
        string settings = halves[0].Trim() is var h && h.Contains(' ') ? h[(h.IndexOf(' ') + 1)..] : "";
        string[] arguments = halves.Length > 1 ? halves[1].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        (string output, string errors, int status) = DScript.Run(c.Script, settings, arguments);
        errors = string.Concat(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.Contains(" matched ")).Select(l => l + "\n"));
        var text = new StringBuilder();
        // A dollar sign shows where a line with blanks at its end does end.
        if (output.Length > 0) text.Append("--- out\n").Append(string.Join('\n', output.Split('\n').Select(l => l.EndsWith(' ') ? l + "$" : l))).Append(output.EndsWith('\n') ? "" : "\\\n");
        if (errors.Length > 0) text.Append("--- err\n").Append(errors);
        if (status != 0) text.Append($"--- status {status}\n");
        return text.ToString();
    }

    private static IEnumerable<Case> Read(string file)
    {
        string text = "\n" + File.ReadAllText(file);
        // What divides two cases takes the new line before it along; the last one keeps its own.
        foreach (string part in text[..^1].Split("\n=== ", StringSplitOptions.RemoveEmptyEntries))
        {
            int end = part.IndexOf('\n');
            string header = part[..end], rest = part[(end + 1)..] + "\n";
            int body = ("\n" + rest).IndexOf("\n--- ", StringComparison.Ordinal);
            yield return new Case(header, body < 0 ? rest : rest[..body], body < 0 ? "" : rest[body..]);
        }
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    private sealed record Case(string Header, string Script, string Expected)
    {
        public string Name => Header.Split(' ')[0];
    }
}
