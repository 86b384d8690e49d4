namespace Kennel.Tracing.SystemCalls;

/// <summary>An argument of a call, and how it is written.</summary>
/// <param name="Write">Writes it; gets the raw value.</param>
/// <param name="AtExit">Whether it can be written only when the call has returned; all behind it waits, too.</param>
/// <param name="IsTail">Whether it writes the comma before itself, or nothing at all: it is there for some values of others only.</param>
internal sealed record Arg(Action<CallPrinter, ulong> Write, bool AtExit = false, bool IsTail = false);

/// <summary>The classes of calls that <c>-e trace=%CLASS</c> knows.</summary>
[Flags]
internal enum CallClass
{
    None = 0,
    File = 1,
    Desc = 2,
    Memory = 4,
    Network = 8,
    Process = 16,
    Signal = 32,
    Ipc = 64,
    Stat = 128,
    LStat = 256,
    FStat = 512,
    StatFs = 1024,
    FStatFs = 2048,
    Creds = 4096,
    Clock = 8192,
    Pure = 16384,
}

/// <summary>How a call's result is written.</summary>
internal enum ResultKind
{
    Decimal,
    Hex,
    Octal,
    Descriptor,
}

/// <summary>A system call as strace shows it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Classes">The classes that it belongs to.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record CallShape(int Number, string Name, CallClass Classes, params Arg[] Arguments)
{
    /// <summary>How its result is written.</summary>
    public ResultKind Result { get; init; }

    /// <summary>What stands in parentheses behind a result; null for nothing.</summary>
    public Func<CallPrinter, string?>? Note { get; init; }

    /// <summary>The argument that points to a length which the call may change; -1 for none.</summary>
    public int LengthAt { get; init; } = -1;

    /// <summary>Writes what is known when the call begins.</summary>
    /// <returns>How many arguments were written.</returns>
    public int WriteEntry(CallPrinter p) => Write(p, 0);

    /// <summary>Writes the rest.</summary>
    public void WriteExit(CallPrinter p, int written) => Write(p, written);

    private int Write(CallPrinter p, int from)
    {
        for (int i = from; i < Arguments.Length; i++)
        {
            if (!p.Exiting && Arguments[i].AtExit) return i;
            Arguments[i].Write(p, i < 6 ? p.A[i] : 0);
            if (i + 1 < Arguments.Length && !Arguments[i + 1].IsTail) p.Text(", ");
        }
        return Arguments.Length;
    }
}
