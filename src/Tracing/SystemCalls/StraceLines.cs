using Kennel.Abi;
using Kennel.Probes;

namespace Kennel.Tracing.SystemCalls;

/// <summary>How a strace's events are put down. Inside the kernel lock; <c>live</c> is the number of threads that are followed.</summary>
internal abstract class StraceLines
{
    /// <summary>The machine.</summary>
    public ITraceTarget Target { get; set; } = null!;

    public abstract void Attached(TracedThread thread, int live);

    public abstract void Entered(TracedThread thread, long time, int live);

    public abstract void Returned(TracedThread thread, long result, long time, int live);

    public abstract void FirstProgram(TracedThread thread, CallShape execve, string path, long time, int live);

    public abstract void Signal(TracedThread thread, in SignalInfo info, long time, int live);

    public abstract void Stopped(TracedThread thread, int signal, long time, int live);

    /// <summary>The thread ends inside its call.</summary>
    public abstract void Abandoned(TracedThread thread, long time, int live);

    public abstract void Exited(TracedThread thread, WaitStatus status, long time, int live);

    public abstract void Detached(TracedThread thread);

    public abstract void Finish();

    /// <summary>A new program's arguments as they lie on its stack, and how many variables its environment has.</summary>
    protected static (ulong Arguments, ulong Environment) InitialStack(CallPrinter p)
    {
        const int StackPointer = 4;
        ulong stack = p.Task.Register(StackPointer);
        ulong count = p.ReadU64(stack) ?? 0;
        return (stack + 8, stack + 16 + (count * 8));
    }

    /// <summary>What stands behind "=".</summary>
    protected static string ResultText(CallPrinter p, CallShape call)
    {
        if (p.Failed) return Tables.ErrorNames.Result((int)-p.Result);
        ResultKind kind = call.Number == FcntlNumber ? Arguments.FcntlArgs.Kind(p) : call.Result;
        string text = kind switch
        {
            ResultKind.Hex => Tables.Xlat.Hex((ulong)p.Result),
            ResultKind.Octal => CallPrinter.Octal((ulong)p.Result),
            _ => p.Result.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        if (kind == ResultKind.Descriptor && p.Settings.Paths > 0 && p.Task.FindFile((int)p.Result) is { } file) text += CallPrinter.Described(file, p.Settings.Paths);
        return call.Note?.Invoke(p) is { } note ? $"{text} ({note})" : text;
    }

    private const int FcntlNumber = 72;
}
