using System.Text;
using Kennel.Tracing.D;

namespace Kennel.Tracing.Tests.D;

/// <summary>What the options do that run no script: -l, -v, -e, -S, -h.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public void Lists_probes()
    {
        Assert.Equal(
            "   ID   PROVIDER            MODULE                          FUNCTION NAME\n    1     dtrace                                                     BEGIN\n",
            Mask(Run(new() { Scripts = [new("BEGIN", null)], List = true }).Output));
    }

    [Fact]
    public void Lists_probes_once()
    {
        string[] lines = Run(new() { Scripts = [new("syscall::read:", null), new("syscall::read:entry", null)], List = true }).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public void Lists_what_probes_are_like()
    {
        string output = Run(new() { Scripts = [new("proc:::signal-send", null)], List = true, Verbose = true }).Output;
        Assert.EndsWith(
            """
            signal-send

            	Probe Description Attributes
            		Identifier Names: Private
            		Data Semantics:   Private
            		Dependency Class: Unknown

            	Argument Attributes
            		Identifier Names: Evolving
            		Data Semantics:   Evolving
            		Dependency Class: ISA

            	Argument Types
            		args[0]: lwpsinfo_t *
            		args[1]: psinfo_t *
            		args[2]: int


            """,
            output);
    }

    [Fact]
    public void Says_when_nothing_matches() =>
        Assert.Equal("failed to match nosuch:::x: No probe matches description", Run(new() { Scripts = [new("nosuch:::x", null)], List = true }).Problem);

    [Fact]
    public void Says_how_stable_a_program_is()
    {
        (string output, string errors, _) = Run(new() { Scripts = [new("BEGIN { trace(curthread->t_tid); }", null)], CompileOnly = true, Verbose = true });
        Assert.Equal("", errors);
        Assert.Equal(
            """

            Stability attributes for description BEGIN { trace(curthread->t_tid); }:

            	Minimum Probe Description Attributes
            		Identifier Names: Stable
            		Data Semantics:   Stable
            		Dependency Class: Common

            	Minimum Statement Attributes
            		Identifier Names: Stable
            		Data Semantics:   Private
            		Dependency Class: Common


            """,
            output);
    }

    [Fact]
    public void Shows_the_code()
    {
        string errors = Run(new() { Scripts = [new("BEGIN /pid/ { x = 5; }", null)], CompileOnly = true, Disassemble = true }).Errors;
        Assert.StartsWith("\nDisassembly of clause BEGIN, <dt_clause_1>:\nINS  INSTRUCTION\n0000 if ", errors);
    }

    [Fact]
    public void Writes_a_header()
    {
        string file = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("n") + ".h");
        try
        {
            var script = new DtraceScript("provider my_app { probe begin(); probe query__start(int, char *); };", "app.d");
            Assert.Null(Run(new() { Scripts = [script], HeaderFile = file }).Problem);
            string text = File.ReadAllText(file);
            Assert.Contains("#define\tMY_APP_QUERY_START(arg0, arg1) \\\n\t__dtrace_my_app___query__start(arg0, arg1)\n", text);
            Assert.Contains("extern void __dtrace_my_app___query__start(int, char *);\n", text);
            Assert.Contains("#define\tMY_APP_BEGIN_ENABLED() (0)\n", text);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Wants_leave_for_what_is_destructive()
    {
        (_, string errors, string? problem) = Run(new() { Scripts = [new("BEGIN { raise(9); }", null)] });
        Assert.Equal("dtrace: description 'BEGIN { raise(9); }' matched 1 probe\n", errors);
        Assert.Equal("could not enable tracing: Destructive actions not allowed", problem);
    }

    [Fact]
    public void Knows_its_options()
    {
        Assert.Equal("failed to set -x nosuch: Invalid option name", Run(new() { Scripts = [new("BEGIN", null)], Settings = [("nosuch", null)] }).Problem);
        Assert.Equal("failed to set -x strsize: Invalid value for specified option", Run(new() { Scripts = [new("BEGIN", null)], Settings = [("strsize", "many")] }).Problem);
        Assert.Null(Run(new() { Scripts = [new("BEGIN", null)], Settings = [("bufsize", "4m"), ("switchrate", "10hz"), ("version", "1.6")] }).Problem);
    }

    [Fact]
    public void An_interrupted_session_ends_on_a_line_of_its_own()
    {
        var output = new MemoryStream();
        using var session = new DtraceSession(new() { Scripts = [new("BEGIN { @ = count(); }", null)], Settings = [("quiet", null)] }, output, TextWriter.Null);
        session.Attach(new FakeTarget());
        session.Interrupted();
        session.Detach();
        Assert.Equal("\n\n                1\n", Encoding.Latin1.GetString(output.ToArray()));
    }

    [Fact]
    public void With_a_program_the_session_begins_when_it_is_there()
    {
        var output = new MemoryStream();
        var target = new FakeTarget();
        using var session = new DtraceSession(new() { Scripts = [new("BEGIN { trace($target); } syscall:::entry { trace(probefunc); }", null)], Settings = [("quiet", null)], HasCommand = true }, output, TextWriter.Null);
        session.Attach(target);
        target.Call(target.Shell, 57, 100);
        session.SetTarget(100);
        target.Call(target.Cat, 0, 1);
        session.Detach();
        Assert.Equal("100read\n", Encoding.Latin1.GetString(output.ToArray()));
    }

    private static (string Output, string Errors, string? Problem) Run(DtraceOptions options)
    {
        var output = new MemoryStream();
        var errors = new StringWriter();
        string? problem = null;
        using (var session = new DtraceSession(options, output, errors))
        {
            try
            {
                session.Attach(new FakeTarget());
                session.Detach();
            }
            catch (DtraceException e)
            {
                problem = e.Message;
            }
        }
        return (Encoding.Latin1.GetString(output.ToArray()), errors.ToString(), problem);
    }

    private static string Mask(string output) => System.Text.RegularExpressions.Regex.Replace(output, @"^ *\d+ ", "    1 ", System.Text.RegularExpressions.RegexOptions.Multiline);
}
