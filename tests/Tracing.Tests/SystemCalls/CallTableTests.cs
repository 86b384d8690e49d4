using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Kennel.Tracing.SystemCalls;
using Kennel.Tracing.SystemCalls.Calls;

namespace Kennel.Tracing.Tests.SystemCalls;

/// <summary>The table of calls against the list of those that the kernel has.</summary>
public sealed partial class CallTableTests
{
    [Fact]
    public void Every_call_that_the_kernel_has_is_in_the_table_under_its_name()
    {
        string document = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/syscalls.md"));
        List<string> missing = [];
        int count = 0;
        foreach (Match row in Row().Matches(document))
        {
            count++;
            CallShape shape = CallTable.Find(int.Parse(row.Groups[1].Value));
            if (shape.Name != row.Groups[2].Value) missing.Add($"{row.Groups[1].Value} {row.Groups[2].Value}: {shape.Name}");
        }
        Assert.True(count > 300, $"{count} rows found");
        Assert.Empty(missing);
    }

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"^\| (\d+) \| `(\w+)`", RegexOptions.Multiline)]
    private static partial Regex Row();
}
