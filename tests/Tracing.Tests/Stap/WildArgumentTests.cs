using System.Text;
using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Functions;
using Kennel.Tracing.Stap.Syntax;
using Kennel.Tracing.Tests.Timeline;

namespace Kennel.Tracing.Tests.Stap;

/// <summary>Every function of scripts with arguments that make no sense, on memory that makes none: a value or a script's error, and nothing else.</summary>
public sealed class WildArgumentTests
{
    private static readonly string[] _numbers = ["0", "1", "-1", "7", "4096", "0x7fffffff", "0x80000000", "0x7fffffffffffffff", "(-0x7fffffffffffffff - 1)"];
    private static readonly string[] _texts = ["\"\"", "\"a\"", "\"%s%n%d\"", "\"-99999999999999999999\"", "\"/../..//.\"", "\"[\"", "\"(*\"", "\"\\377\\001\"", "lots"];

    // What ends the session, or the host's commands.
    private static readonly string[] _left = ["exit", "abort", "system", "error"];

    [Fact]
    public void Wild_arguments_do_no_harm()
    {
        Function[] functions = [.. NativeFunctions.All().Where(static f => !_left.Contains(f.Name))];
        List<string> failures = [];
        foreach (Function function in functions)
        {
            var fixture = new StapFixture { Guru = true, NoWarnings = true };
            try
            {
                fixture.Start(Script(function));
                var task = new FakeTask(7, "wild") { Garbage = new Random(2) };
                for (int i = 0; i < 20; i++) fixture.Machine.Fire(EventKind.SyscallEntered, task, number: i == 0 ? 0 : 999);
                fixture.Stop();
                if (fixture.Output.Length == 0 || fixture.Errors.Contains("error: ", StringComparison.Ordinal)) failures.Add($"{function.Name}: {fixture.Errors}");
            }
            catch (Exception e)
            {
                failures.Add($"{function.Name}: {e}");
            }
        }
        Assert.True(functions.Length > 200);
        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    private static string Script(Function function)
    {
        var script = new StringBuilder("global lots = \"\", kept = 0, texts = \"\"\nprobe __syscall(\"*\") { lots = \"\" for (i = 0; i < 11; i++) lots = (lots == \"\" ? \"x\" : lots . lots)\n");
        var random = new Random(1);
        for (int i = 0; i < (function.Parameters.Count == 0 ? 1 : 20); i++)
        {
            string call = $"{function.Name}({string.Join(", ", function.Parameters.Select(p => Pick(p.Type == StapType.String ? _texts : _numbers, random)))})";
            script.Append($"try {{ {(function.ReturnType == StapType.String ? "texts = " : "kept = ")}{call} }} catch {{ }}\n");
        }
        return script.Append("kept += 0 texts .= \"\" println(kept, texts) }\n").ToString();
    }

    private static string Pick(string[] from, Random random) => from[random.Next(from.Length)];
}
