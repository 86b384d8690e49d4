using System.Diagnostics;
using System.Text;
using Kennel.Tracing.Stap;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>$variables of functions that a C compiler described, and markers.</summary>
public sealed class StapDebugInfoTests
{
    private const string Source =
        """
        #include <stdio.h>
        #include <string.h>
        struct inner { short s; char tag[8]; };
        typedef struct node { int id; const char *name; struct node *next; struct inner in; unsigned char flags; long arr[3]; } node_t;
        enum color { RED, GREEN = 5 };
        node_t b = { 2, "second", NULL, { -7, "tagB" }, 0xff, {7, 8, 9} }, a = { 1, "first", &b, { 3, "tagA" }, 0x80, {4, 5, 6} };
        #define MARK(name, n, args, ...) __asm__ volatile ("990: nop\n.pushsection .note.stapsdt,\"\",\"note\"\n.balign 4\n.4byte 992f-991f,994f-993f,3\n" \
          "991: .asciz \"stapsdt\"\n992: .balign 4\n993: .8byte 990b\n.8byte 0\n.8byte 0\n.asciz \"shop\"\n.asciz \"" name "\"\n.asciz \"" args "\"\n994: .balign 4\n.popsection\n" :: __VA_ARGS__)
        __attribute__((noinline)) int sum(int a, long b, char c, unsigned short d, const char *s, enum color e, int seventh, long eighth) { return a + (int)b + c + d + (int)strlen(s) + e + seventh + (int)eighth; }
        __attribute__((noinline)) const char *name_of(const node_t *n, double w, int k) { (void)w; return k ? n->name : "none"; }
        __attribute__((noinline)) unsigned char small(unsigned char x) { return x + 250; }
        int main(int argc, char **argv)
        {
          printf("%d\n", sum(-5, 1L << 33, 'x', 65535, "abcd", GREEN, 77, 88));
          printf("%s\n", name_of(&a, 1.5, argc));
          printf("%d\n", small((unsigned char)argc + 9));
          int sold = -3;
          MARK("sale", 3, "-4@%0 8@%1 4@$17", "r" (sold), "r" (a.name));
          return 0;
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("-O0 -g")]
    [InlineData("-O1 -gdwarf-4 -gz")]
    [InlineData("-O0 -gdwarf-3 -static")]
    public async Task Parameters_have_names_and_types(string flags)
    {
        string program = await CompileAsync(flags);
        (string output, string errors) = await RunAsync(
            $$"""
            probe process("{{program}}").function("sum") { printf("%d %d %c %d %s %d %d %d\n", $a, $b, $c, $d, user_string($s), $e, $seventh, $eighth) println($$parms$) }
            probe process("{{program}}").function("sum").return { printf("%d %d %s\n", $return, $a, user_string($s)) }
            probe process("{{program}}").function("name_of") { printf("%s %d %d %s %d\n", user_string($n->name), $n->in->s, $n->flags, user_string(&$n->in->tag), $k) println(@defined($w), @defined($k), @defined($n->nope)) }
            probe process("{{program}}").function("small").return { println($return, " ", $x) }
            probe process("{{program}}").function("main") { println($argc, " ", user_string($argv[0]) == "{{program}}") }
            """, program);
        Assert.Equal("", errors);
        Assert.Equal(
            """
            1 1
            -5 8589934592 x 65535 abcd 5 77 88
            a=-5 b=8589934592 c=120 d=65535 s="abcd" e=5 seventh=77 eighth=88
            65824 -5 abcd
            first 3 128 tagA 1
            010
            4 10

            """.ReplaceLineEndings("\n"), output);
    }

    [Fact]
    public async Task Markers_have_arguments()
    {
        string program = await CompileAsync("-O1 -g");
        (string output, string errors) = await RunAsync(
            $$"""
            probe process("{{program}}").mark("sale") { printf("%s %s %d %s %d\n", $$provider, $$name, $arg1, user_string($arg2), $arg3) println(pp()) }
            probe process("{{program}}").provider("sh*").mark("*") { println(@defined($arg4), " ", $$parms != "") }
            """, program);
        Assert.Equal(("shop sale -3 first 17\nprocess(\"" + program + "\").provider(\"shop\").mark(\"sale\")\n0 1\n", ""), (output, errors));
    }

    // Beside the tests, for the sandbox has a /tmp of its own.
    private static async Task<string> CompileAsync(string flags)
    {
        string name = Path.Combine(AppContext.BaseDirectory, "stap-debug-info" + string.Concat(flags.Where(char.IsAsciiLetterOrDigit)));
        await File.WriteAllTextAsync(name + ".c", Source, Cancel);
        try
        {
            using Process compiler = Process.Start(new ProcessStartInfo("gcc", [.. flags.Split(' '), "-o", name, name + ".c"]))!;
            await compiler.WaitForExitAsync(Cancel);
            Assert.Equal(0, compiler.ExitCode);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("there is no C compiler here");
        }
        return name;
    }

    private static async Task<(string Output, string Errors)> RunAsync(string script, string program)
    {
        using var output = new MemoryStream();
        var errors = new StringWriter();
        var tracer = new StapTracer(new StapOptions { ScriptName = "t.stp", ScriptText = script, HasCommand = true, NoWarnings = true }, output, errors);
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(tracer);
        if (!tracer.Ended.IsCompleted) await sandbox.RunAndCaptureTextAsync(program, [], cancellationToken: Cancel);
        sandbox.Detach(tracer);
        return (Encoding.Latin1.GetString(output.ToArray()), errors.ToString());
    }
}
