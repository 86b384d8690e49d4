using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls.Arguments;

/// <summary>Numbers, names, strings and memory: the arguments that most calls are made of.</summary>
internal static class Plain
{
    private const int AtWorkingDirectory = -100;

    public static readonly Arg Int = new(static (p, v) => p.Int((int)v));

    public static readonly Arg UInt = new(static (p, v) => p.UInt((uint)v));

    public static readonly Arg Long = new(static (p, v) => p.Int((long)v));

    public static readonly Arg Size = new(static (p, v) => p.UInt(v));

    public static readonly Arg Hex = new(static (p, v) => p.Hex(v));

    public static readonly Arg Hex32 = new(static (p, v) => p.Hex((uint)v));

    public static readonly Arg Address = new(static (p, v) => p.Address(v));

    public static readonly Arg Mode = new(static (p, v) => p.Mode((uint)v & 0xffff));

    public static readonly Arg Fd = new(static (p, v) => p.Fd((int)v));

    public static readonly Arg DirFd = new(static (p, v) => WriteDirFd(p, (int)v));

    public static readonly Arg FilePath = new(static (p, v) => p.Path(v));

    public static readonly Arg String = new(static (p, v) => p.String(v));

    /// <summary>A user or group: -1 stands for "leave it".</summary>
    public static readonly Arg Id = new(static (p, v) => WriteId(p, (uint)v));

    public static readonly Arg SignalNumber = new(static (p, v) => p.Text(SignalText.Name((int)v)));

    /// <summary>Bytes that the caller gives; their number is another argument.</summary>
    public static Arg Data(int lengthAt) => new((p, v) => p.Data(v, p.A[lengthAt]));

    /// <summary>Bytes that the call gives; their number is its result.</summary>
    public static readonly Arg ReadData = new(
        static (p, v) =>
        {
            if (p.Failed) p.Address(v);
            else p.Data(v, (ulong)p.Result);
        },
        AtExit: true);

    /// <summary>A path that the call gives, as long as its result says.</summary>
    public static readonly Arg ReadPath = new(
        static (p, v) =>
        {
            if (p.Failed) p.Address(v);
            else p.Data(v, (ulong)p.Result);
        },
        AtExit: true);

    public static Arg Flags(Xlat table) => new((p, v) => p.Text(table.Flags((uint)v)));

    public static Arg Value(Xlat table) => new((p, v) => p.Text(table.Value((uint)v)));

    /// <summary>A number that the call writes: <c>[5]</c>.</summary>
    public static readonly Arg OutInt = Exit(static (p, v) =>
    {
        if (p.Failed) p.Address(v);
        else p.Boxed(v, 4, static (p, r) => p.Int(r.S32(0)));
    });

    public static readonly Arg OutUInt = Exit(static (p, v) =>
    {
        if (p.Failed) p.Address(v);
        else p.Boxed(v, 4, static (p, r) => p.UInt(r.U32(0)));
    });

    public static readonly Arg OutLong = Exit(static (p, v) =>
    {
        if (p.Failed) p.Address(v);
        else p.Boxed(v, 8, static (p, r) => p.Int(r.S64(0)));
    });

    /// <summary>A structure that the caller gives.</summary>
    public static Arg In(int size, Action<CallPrinter, Record> write) => new((p, v) => p.Struct(v, size, write));

    /// <summary>A structure that the call gives.</summary>
    public static Arg Out(int size, Action<CallPrinter, Record> write) => Exit((p, v) => p.Struct(v, size, write));

    public static Arg Exit(Action<CallPrinter, ulong> write) => new(write, AtExit: true);

    /// <summary>Writes its own comma, or nothing.</summary>
    public static Arg Tail(Action<CallPrinter, ulong> write, bool atExit = false) => new(write, atExit, IsTail: true);

    public static void WriteId(CallPrinter p, uint id)
    {
        if (id == uint.MaxValue) p.Text("-1");
        else p.UInt(id);
    }

    public static void WriteDirFd(CallPrinter p, int fd)
    {
        if (fd != AtWorkingDirectory)
        {
            p.Fd(fd);
            return;
        }
        p.Text("AT_FDCWD");
        if (p.Settings.Paths > 0 && p.Task.FindFile(fd) is { } directory) p.Text($"<{directory.Path}>");
    }
}
