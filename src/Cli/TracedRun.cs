using System.CommandLine;
using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Tracing;

namespace Kennel.Cli;

/// <summary>
/// One run of a program in a sandbox of its own, on this terminal, watched or not: makes the sandbox, attaches the tracer, runs the
/// program, detaches, and turns all that can go wrong into a message and an exit status.
/// </summary>
/// <remarks>It waits where it is: there is nothing else to do meanwhile, and what an await needs is compiled at run time.</remarks>
/// <param name="options">The options of the sandbox.</param>
/// <param name="parsed">The command line.</param>
internal sealed class TracedRun(RunOptions options, ParseResult parsed)
{
    /// <summary>The exit status when Kennel itself, not the program, has failed.</summary>
    public const int OwnError = 125;

    /// <summary>Who watches; null for nobody.</summary>
    public ITracer? Tracer { get; init; }

    /// <summary>Whether there need be no program: the run then ends when the tracer or the user ends it.</summary>
    public bool MayRunAlone { get; init; }

    /// <summary>What to wait for after the program has ended, before the rest is killed: null for nothing.</summary>
    public Func<Task>? Linger { get; init; }

    /// <summary>Called when all is over, whatever has happened: null for nothing.</summary>
    public Action? Finished { get; init; }

    /// <summary>Runs it. The answer is the exit status: the tracer's if it asks for one, else the program's as a shell has it.</summary>
    public int Run(IReadOnlyList<string> program)
    {
        try
        {
            if (program.Count == 0 && !MayRunAlone) throw new SandboxException($"no program is named: see 'kennel {parsed.CommandResult.Command.Name} --help'");
            if (program.Count > 0 && program[0].StartsWith('-')) throw new SandboxException($"unknown option {program[0]}: see 'kennel {parsed.CommandResult.Command.Name} --help'");
            using StreamWriter? log = options.OpenLog(parsed);
            Sandbox sandbox = Sandbox.CreateAsync(options.ToSandboxOptions(parsed, program, log)).GetAwaiter().GetResult();
            try
            {
                return RunIn(sandbox, program);
            }
            finally
            {
                sandbox.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }
        catch (SandboxException problem)
        {
            return Report(problem);
        }
        finally
        {
            Finished?.Invoke();
        }
    }

    /// <summary>Says what went wrong; the answer is the exit status for it.</summary>
    public static int Report(SandboxException problem)
    {
        Console.Error.WriteLine($"kennel: {problem.Message}");
        return problem.Kind switch
        {
            SandboxError.NotExecutable => 126,
            SandboxError.NotFound => 127,
            _ => OwnError,
        };
    }

    /// <summary>The program that a command line names behind <c>--</c>, or in one word as <c>-c</c> has it.</summary>
    public static IReadOnlyList<string> Program(string[]? words, string? line)
    {
        if (line == null) return words ?? [];
        if (words is { Length: > 0 }) throw new SandboxException("the program is named twice: with -c and behind --");
        return ShellWords.Split(line);
    }

    private int RunIn(Sandbox sandbox, IReadOnlyList<string> program)
    {
        IReadOnlyList<PictureFile> pictures = options.Pictures.Open(parsed, program);
        foreach (PictureFile picture in pictures) sandbox.Attach(picture.Tracer);
        int status;
        try
        {
            status = RunTraced(sandbox, program);
        }
        finally
        {
            foreach (PictureFile picture in pictures)
            {
                sandbox.Detach(picture.Tracer);
                picture.Dispose();
            }
        }
        if (sandbox.TracerBug is { } bug)
        {
            Console.Error.WriteLine($"kennel: a bug in the tracer, whose output is incomplete: {bug.Message} (--log - shows more)");
            status = OwnError;
        }
        if (parsed.GetValue(options.Stats)) StatisticsText.Write(sandbox.Statistics, Console.Error);
        return status;
    }

    private int RunTraced(Sandbox sandbox, IReadOnlyList<string> program)
    {
        if (Tracer != null) sandbox.Attach(Tracer);
        int? asked = null;
        int status;
        try
        {
            // A script that cannot be compiled ends before anything runs.
            if (Tracer is { Ended.IsCompleted: true } || program.Count == 0)
            {
                status = WaitForTracer();
                asked = sandbox.Detach(Tracer!);
                return asked ?? status;
            }
            var start = new ProcessStartOptions(program[0], [.. program.Skip(1)]) { Streams = StandardStreams.Inherit };
            SandboxProcess process = sandbox.StartAsync(start).GetAwaiter().GetResult();
            using var signals = new HostSignals(process);
            status = Wait(process);
        }
        finally
        {
            if (Tracer != null) asked = sandbox.Detach(Tracer);
        }
        return asked ?? status;
    }

    private int WaitForTracer()
    {
        using var timeout = new CancellationTokenSource();
        if (parsed.GetValue(options.Timeout) is { } limit) timeout.CancelAfter(limit);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        try
        {
            return Tracer!.Ended.WaitAsync(timeout.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return 0; // ^C: the tracer says in Detach how it ends
        }

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            timeout.Cancel();
        }
    }

    private int Wait(SandboxProcess process)
    {
        using var timeout = new CancellationTokenSource();
        if (parsed.GetValue(options.Timeout) is { } limit) timeout.CancelAfter(limit);
        Task<SandboxExit> exit = process.WaitForExitAsync();
        try
        {
            if (Tracer != null && Task.WaitAny([exit, Tracer.Ended], timeout.Token) == 1) return Tracer.Ended.GetAwaiter().GetResult();
            exit.Wait(timeout.Token);
            Linger?.Invoke().Wait(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(Signal.SIGKILL);
        }
        return exit.GetAwaiter().GetResult().ExitCode;
    }
}
