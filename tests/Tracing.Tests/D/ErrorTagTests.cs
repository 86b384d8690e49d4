using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Kennel.Tracing.Tests.D;

/// <summary>Which of D's names of mistakes a wrong script gets. The cases are lines of Cases/tags.list; "#setting" behind a script sets an option.</summary>
public sealed partial class ErrorTagTests
{
    [Fact]
    public void Mistakes_have_their_tags()
    {
        List<string> wrong = [];
        foreach (string line in File.ReadAllLines(Path.Combine(Here(), "Cases", "tags.list")).Where(l => l.Length > 0 && !l.StartsWith('#')))
        {
            string expected = line[..line.IndexOf(' ')], script = line[(expected.Length + 1)..].Replace("\\n", "\n");
            string settings = "";
            int hash = script.LastIndexOf(" #", StringComparison.Ordinal);
            if (hash > 0) (script, settings) = (script[..hash], script[(hash + 2)..]);
            (_, string errors, int status) = DScript.Run(script + "\n", $"errtags {settings}".Trim());
            string actual = Tag().Match(errors) is { Success: true } m ? m.Groups[1].Value : status == 0 ? "OK" : errors;
            if (actual != expected) wrong.Add($"{expected} not {actual}: {line[(expected.Length + 1)..]}");
        }
        Assert.True(wrong.Count == 0, "\n" + string.Join('\n', wrong));
    }

    [GeneratedRegex(@"\[(D_\w+)\]")]
    private static partial Regex Tag();

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
