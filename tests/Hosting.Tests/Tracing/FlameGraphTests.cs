using System.Diagnostics;
using System.Globalization;
using System.Text;
using Kennel.Tracing.Timeline;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>Samples of a real program: the functions where its time goes, under those that called them.</summary>
public sealed class FlameGraphTests : IDisposable
{
    private const string Source = """
        static unsigned long __attribute__((noinline)) mix(unsigned long x, int n) { for (int i = 0; i < n; i++) x = x * 25214903917ul + 11; return x; }
        static unsigned long __attribute__((noinline)) parse(unsigned long x) { return mix(x, 30000) + 1; }
        static unsigned long __attribute__((noinline)) evaluate(unsigned long x) { return mix(x, 90000) + 2; }
        int main(void) { volatile unsigned long x = 1; for (int i = 0; i < 150; i++) { x += parse(x); x += evaluate(x); } return 0; }
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("kennel-flames-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Time_is_shown_where_it_is_spent()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "prog.c"), Source, Cancel);
        using (Process gcc = Process.Start("gcc", ["-O1", "-o", Path.Combine(_directory, "prog"), Path.Combine(_directory, "prog.c")])) await gcc.WaitForExitAsync(Cancel);
        using var stream = new MemoryStream();
        var tracer = new FlameGraphTracer(stream, FlameGraphFormat.Folded, "prog", rate: 1999);
        // With a seed, time follows the instructions, not how busy this machine is.
        await using (Sandbox sandbox = await Sandbox.CreateAsync(new SandboxOptions { Seed = 1, Mounts = [new SandboxMount(_directory, "/prog", SandboxMountMode.ReadOnly)] }, Cancel))
        {
            sandbox.Attach(tracer);
            Assert.Equal(0, (await sandbox.RunAndCaptureTextAsync("/prog/prog", [], cancellationToken: Cancel)).ExitCode);
            sandbox.Detach(tracer);
        }
        string[] lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        double evaluate = Samples(lines, ";main;evaluate;mix"), parse = Samples(lines, ";main;parse;mix");
        Assert.True(parse >= 5, string.Join('\n', lines));
        Assert.InRange(evaluate / parse, 2, 4);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static long Samples(string[] lines, string end) =>
        lines.Where(l => l[..l.LastIndexOf(' ')].EndsWith(end, StringComparison.Ordinal)).Sum(l => long.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
