using System.Text;
using Kennel.Probes;
using Kennel.Tracing.D;

namespace Kennel.Tracing.Tests.D;

/// <summary>Runs D scripts on a machine that is none, through the same few events each time.</summary>
internal static class DScript
{
    /// <summary>The output, then the messages, then the exit status.</summary>
    public static (string Output, string Errors, int Status) Run(string script, string settings = "", string[]? arguments = null, Action<FakeTarget>? events = null)
    {
        var output = new MemoryStream();
        var errors = new StringWriter();
        var options = new DtraceOptions
        {
            Scripts = [new DtraceScript(script, "test.d")],
            Arguments = ["test.d", .. arguments ?? []],
            Settings = [.. settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => (s.Split('=')[0], s.Contains('=') ? s.Split('=')[1] : null))],
            ProgramPath = "/bin/cat",
        };
        var target = new FakeTarget();
        using var session = new DtraceSession(options, output, errors);
        try
        {
            session.Attach(target);
        }
        catch (DtraceException e)
        {
            return ("", "dtrace: " + e.Message + "\n", 1);
        }
        session.SetTarget(100);
        (events ?? Usual)(target);
        int status = session.Detach() ?? 0;
        return (Encoding.Latin1.GetString(output.ToArray()), errors.ToString(), status);
    }

    /// <summary>A shell forks, the child runs cat, reads, writes and ends; then a second passes.</summary>
    public static void Usual(FakeTarget t)
    {
        t.Call(t.Shell, 57, 100);
        t.Fire(new KernelEvent { Kind = EventKind.ThreadCreated, Task = t.Shell, Target = t.Cat });
        t.Fire(new KernelEvent { Kind = EventKind.ProcessCreated, Task = t.Shell, Target = t.Cat });
        t.Fire(new KernelEvent { Kind = EventKind.TaskStarted, Task = t.Cat, Number = 1 });
        t.Fire(new KernelEvent { Kind = EventKind.ExecEntered, Task = t.Cat, Text = "/bin/cat" });
        t.Fire(new KernelEvent { Kind = EventKind.ExecSucceeded, Task = t.Cat, Text = "/bin/cat" });
        var transfer = new FileTransfer("/etc/passwd", "hostfs", "/", (8, 1), 4096, 8192, false);
        t.Fire(new KernelEvent { Kind = EventKind.TransferStarted, Task = t.Cat, Data = transfer });
        transfer.Done = 5000;
        t.Fire(new KernelEvent { Kind = EventKind.TransferDone, Task = t.Cat, Data = transfer });
        t.Call(t.Cat, 0, 12, 3, 0x1000, 100);
        t.Call(t.Cat, 1, 12, 1, 0x1000, 12);
        t.Call(t.Cat, 0, -9, 7, 0x9999, 100);
        t.Fire(new KernelEvent { Kind = EventKind.ThreadExited, Task = t.Cat, Number = 0x100 });
        t.Fire(new KernelEvent { Kind = EventKind.ProcessExited, Task = t.Cat, Number = 0x100 });
        t.Fire(new KernelEvent { Kind = EventKind.SignalSent, Task = t.Cat, Target = t.Shell, Number = 17 });
        t.Advance(1_000_000_000);
    }
}
