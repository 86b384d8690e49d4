using System.Runtime.CompilerServices;
using Kennel.Tracing.D;
using Kennel.Tracing.D.Syntax;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.Tests.D;

/// <summary>Scripts with something wrong in them: a clean diagnosis, or none, and nothing else.</summary>
public sealed class DFuzzTests
{
    private static string[] Pieces =>
    [
        "{", "}", "(", ")", "[", "]", ";", ",", "/", "*", "@", "\"", "'", "`", "$", "$1", "$$2", "->", ".", "=", "==", "?", ":", "&&", "++", "#", "##", "\\", "\n", "#define A(x) x\n", "#if 1\n", "#endif\n",
        "self->x", "this->y", "@a[1]", "count()", "printf(\"%d\")", "syscall:::entry", "int", "struct s", "sizeof", "xlate<", "inline", "translator", "0x", "99999999999999999999", "\u00ff", "\0", "/*", "*/", "BEGIN", "tick-1s", "if (", "else",
    ];

    [Fact]
    public void The_parser_diagnoses_100000_mutated_scripts()
    {
        string[] scripts = Scripts();
        var random = new Random(12345);
        for (int i = 0; i < 100_000; i++)
        {
            string script = Mutate(scripts[random.Next(scripts.Length)], random);
            try
            {
                var types = new TypeTable();
                var text = new CText(256);
                types.AddBuiltIn("string", text);
                string source = i % 2 == 0 ? script : new Preprocessor([]).Run(script, null);
                new Parser(new Lexer(source, new ScriptArguments(["f", "1", "x"], new Dictionary<string, long>(), false), types), types, true) { Text = text }.Program();
            }
            catch (DCompileException)
            {
                // That is what it is for.
            }
        }
    }

    [Fact]
    public void The_compiler_diagnoses_mutated_scripts()
    {
        string[] scripts = Scripts();
        var random = new Random(54321);
        for (int i = 0; i < 1000; i++)
        {
            (_, string errors, int status) = DScript.Run(Mutate(scripts[random.Next(scripts.Length)], random), "quiet", ["1"], static _ => { });
            Assert.False(status == 1 && errors.Length == 0);
        }
    }

    [Fact]
    public void Nesting_without_end_is_diagnosed()
    {
        foreach (string script in new[]
        {
            "BEGIN { x = " + new string('(', 100_000), "BEGIN { x = " + new string('!', 100_000) + "1; }", "int " + new string('*', 100_000) + "x;", "int x" + string.Concat(Enumerable.Repeat("[1]", 100_000)) + ";", "BEGIN { x = 1" + string.Concat(Enumerable.Repeat(" + 1", 100_000)) + "; }",
            "BEGIN { " + string.Concat(Enumerable.Repeat("if (1) ", 100_000)), string.Concat(Enumerable.Repeat("struct { ", 100_000)),
            "#define A(x) x x x x x x x x\nBEGIN { A(A(A(A(A(A(A(A(A(A(1)))))))))); }",
        })
        {
            (_, string errors, int status) = DScript.Run(script, "cpp", null, static _ => { });
            Assert.Equal(1, status);
            Assert.StartsWith("dtrace: failed to compile script test.d: ", errors, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("(y[", "] = 1)")]
    [InlineData("(y[", "] += 1)")]
    [InlineData("y[", "]++")]
    [InlineData("(x = ", ")")]
    [InlineData("(pid ? ", " : 2)")]
    [InlineData("strlen(lltostr(", "))")]
    public void Nested_expressions_are_compiled_once(string before, string after)
    {
        string nested = string.Concat(Enumerable.Repeat(before, 50)) + "1" + string.Concat(Enumerable.Repeat(after, 50));
        (string output, string errors, _) = DScript.Run($"int64_t y[int64_t]; BEGIN {{ x = 0; y[1] = 1; trace({nested}); exit(0); }}", "quiet", null, static _ => { });
        Assert.Equal("", errors);
        Assert.NotEqual("", output);
    }

    private static string Mutate(string script, Random random)
    {
        for (int n = random.Next(1, 4); n > 0 && script.Length > 0; n--)
        {
            int at = random.Next(script.Length), length = Math.Min(random.Next(1, 12), script.Length - at);
            script = random.Next(4) switch
            {
                0 => script.Remove(at, length),
                1 => script.Insert(at, Pieces[random.Next(Pieces.Length)]),
                2 => script.Insert(at, script.Substring(random.Next(script.Length - length + 1), length)),
                _ => script.Remove(at, 1).Insert(at, Pieces[random.Next(Pieces.Length)]),
            };
        }
        return script;
    }

    private static string[] Scripts([CallerFilePath] string path = "") =>
    [
        .. Directory.GetFiles(Path.Combine(Path.GetDirectoryName(path)!, "Cases"), "*.txt").Order()
            .SelectMany(f => ("\n" + File.ReadAllText(f)).Split("\n=== ", StringSplitOptions.RemoveEmptyEntries))
            .Select(c => c[(c.IndexOf('\n') + 1)..] is var s && s.IndexOf("--- ", StringComparison.Ordinal) is var end && end >= 0 ? s[..end] : c),
    ];
}
