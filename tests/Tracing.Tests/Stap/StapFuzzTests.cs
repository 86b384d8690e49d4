using System.Runtime.CompilerServices;

namespace Kennel.Tracing.Tests.Stap;

/// <summary>Scripts with something changed at random: each compiles or is refused with a message; nothing else may happen.</summary>
public sealed class StapFuzzTests
{
    private static readonly string[] _pieces =
    [
        "{", "}", "(", ")", "[", "]", "probe ", "global ", "function ", "foreach (", " in ", "if (", "else ", "try ", "catch ", "\"", "\\", "%(", "%?", "%:", "%)", "%{", "%}",
        "@count(", "@cast(", "@defined(", "@define ", "$x", "->", "<<<", "=~", "?", "!", ".", ",", ";", "1", "0x", "09", "begin", "return ", "delete ", "limit ", "next", "\n", "#", "/*", "*/", "\0", "\u00ff",
    ];

    [Fact]
    public void Every_script_ends_with_a_clean_answer()
    {
        int rounds = Environment.GetEnvironmentVariable("KENNEL_FUZZ") is { } text ? int.Parse(text) : 1500;
        string[] scripts = [.. Directory.GetFiles(Path.Combine(Here(), "Cases"), "*.txt").Order(StringComparer.Ordinal).SelectMany(StapCase.Read).Select(c => c.Script)];
        var random = new Random(1);
        for (int i = 0; i < rounds; i++)
        {
            string script = Mutate(scripts[random.Next(scripts.Length)], scripts, random);
            var fixture = new StapFixture { LastPass = 2, NoWarnings = true, Arguments = ["1", "two"] };
            try
            {
                fixture.Start(script);
            }
            catch (Exception e)
            {
                Assert.Fail($"{e}\nby the script:\n{script}");
            }
            int status = fixture.Stop();
            Assert.True(status == 0 || fixture.Errors.Contains("failed.", StringComparison.Ordinal), script);
        }
    }

    [Theory]
    [InlineData("println(1", "+1", ")")]
    [InlineData("println(\"a\"", ".\"a\"", ")")]
    [InlineData("if (1", "||x", ") next")]
    [InlineData("x = 1", "<<1", "")]
    [InlineData("if (\"a\"", "=~\"a\"", ") next")]
    public void Expressions_without_end_are_too_long(string start, string more, string end)
    {
        (_, string errors, int status) = StapFixture.Run("global x\nprobe begin { x = 1; " + start + string.Concat(Enumerable.Repeat(more, 100_000)) + end + " }");
        Assert.Equal(1, status);
        Assert.StartsWith("parse error: expression too long", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_expressions_and_many_of_them_compile()
    {
        string sum = "1" + string.Concat(Enumerable.Repeat("+1", 900));
        (string output, string errors, int status) = StapFixture.Run("probe begin { " + string.Concat(Enumerable.Repeat($"println({sum}) ", 3)) + "}");
        Assert.Equal(("901\n901\n901\n", "", 0), (output, errors, status));
    }

    [Fact]
    public void Nested_choices_are_made_once()
    {
        string choices = string.Concat(Enumerable.Repeat("@choose_defined(", 100)) + "@choose_defined($nosuch, 7)" + string.Concat(Enumerable.Repeat(", 1)", 100));
        Assert.Equal(("7\n", 0), StapFixture.Run($"probe begin {{ println({choices}) }}") is var (output, _, status) ? (output, status) : default);
    }

    [Fact]
    public void Functions_that_call_many_others_are_looked_at_once()
    {
        string functions = string.Concat(Enumerable.Range(0, 60).Select(static i => $"function f{i}(n) {{ return n ? f{i + 1}(0) + f{i + 2}(0) + n : 0 }}\n"));
        (string output, string errors, int status) = StapFixture.Run($"{functions}function f60(n) {{ return n }} function f61(n) {{ return n }}\nprobe begin {{ println(f0(5)) }}");
        Assert.Equal(("5\n", "", 0), (output, errors, status));
    }

    [Theory]
    [InlineData("@define a %( @b @b %) @define b %( @a @a %)", "@a")]
    [InlineData("@define a(x) %( @x @x @x @x @x @x @x @x %)", "@a(@a(@a(@a(@a(@a(@a(@a(@a(@a(@a(@a(1))))))))))))")]
    public void Macros_that_expand_without_end_are_refused(string macros, string use)
    {
        (_, string errors, int status) = StapFixture.Run($"{macros}\nprobe begin {{ println({use}) }}");
        Assert.Equal(1, status);
        Assert.StartsWith("parse error: macro", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_over_two_lines_is_shown_where_it_begins()
    {
        var fixture = new StapFixture { LastPass = 2 };
        fixture.Start("probe begin { println(\"one \\\n/*) exit() }");
        Assert.Equal(1, fixture.Stop());
        Assert.Contains(":1:23", fixture.Errors);
    }

    private static string Mutate(string script, string[] scripts, Random random)
    {
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            int at = random.Next(script.Length + 1);
            int length = Math.Min(random.Next(1, 12), script.Length - at);
            script = random.Next(5) switch
            {
                0 => script.Remove(at, length),
                1 => script.Insert(at, _pieces[random.Next(_pieces.Length)]),
                2 => script.Insert(at, script.Substring(at, length)),
                3 => script[..at] + scripts[random.Next(scripts.Length)],
                _ => script.Remove(at, length).Insert(at, _pieces[random.Next(_pieces.Length)]),
            };
        }
        return script;
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
