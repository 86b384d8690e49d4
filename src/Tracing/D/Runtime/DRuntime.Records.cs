using System.Diagnostics;
using Kennel.Tracing.Aggregations;
using Kennel.Tracing.D.Compile;
using Kennel.Tracing.D.Output;

namespace Kennel.Tracing.D.Runtime;

/// <summary>The actions that record something.</summary>
internal sealed partial class DRuntime
{
    internal void Put(string text) => Consumer.Text(text);

    internal void PutInteger(FormatPart part, long width, long precision, long value, int size, bool isSigned) =>
        Consumer.Text(ValueText.Integer(part, Width(width), (int)precision, value, size, isSigned));

    internal void PutText(FormatPart part, long width, long precision, string? text) => Consumer.Text(ValueText.Text(part, Width(width), (int)precision, Solid(text)));

    // A width of -1 means none; * may give it.
    private static int Width(long width) => width is > 1 << 16 or < -(1 << 16) ? -1 : (int)width;

    internal void PutStack(string lines) => Consumer.Text(ValueText.Stack(lines, Options.StackIndent));

    internal void PutFrames(bool user, long frames, long indent)
    {
        string lines = user ? UserStackText((int)frames) : KernelStackText((int)frames);
        Consumer.Text(ValueText.Stack(lines, Options.StackIndent));
        _ = indent;
    }

    internal void Trace(long value, int size, bool isSigned) => Consumer.Text(Options.RawBytes ? ValueText.Dump(BytesOf(value, size)) : ValueText.Trace(value, size, isSigned, Options.Quiet));

    internal void Trace(string? text) => Consumer.Text(ValueText.Trace(Solid(text), Options.Quiet));

    internal void TraceSymbol(string text) => Consumer.Text(Options.Quiet ? text : ValueText.Default(text));

    internal void TraceBytes(long address, long size) => Consumer.Text(ValueText.Dump(Memory.Bytes(address, size)));

    private static byte[] BytesOf(long value, int size) => BitConverter.GetBytes(value)[..size];

    internal void Printa(FormatPart[]? format, DAggregation[] aggregations) =>
        Consumer.Later(text => AggregationText.WritePrinta(text, format, aggregations, Options));

    internal void Clear(DAggregation aggregation) => Consumer.Later(_ => aggregation.Clear());

    internal void Truncate(DAggregation aggregation, long count) => Consumer.Later(_ => aggregation.Truncate(count));

    internal void Normalize(DAggregation aggregation, long normal)
    {
        if (normal == 0) throw new DFault(DFaultCode.DivideByZero);
        Consumer.Later(_ => aggregation.Normal = normal);
    }

    internal void SetOption(string name, string? value) => Consumer.Later(_ =>
    {
        if (Options.Set(name, value, true) is { } problem) Consumer.Message($"couldn't set option \"{name}\" to \"{value}\": {problem}");
    });

    internal void Reopen(string? path) => Consumer.Later(_ => Consumer.Reopen(Solid(path)));

    internal void TruncateOutput() => Consumer.Later(_ => Consumer.TruncateOutput());

    internal void Exit(long status) => Consumer.Exit(status);

    internal bool Speculate(long id) => Consumer.Speculate(id);

    /// <summary>system(): a command of the host, when its turn comes. Whatever it prints comes in order.</summary>
    internal void RunCommand(string command) => Consumer.Later(_ =>
    {
        Consumer.FlushOutput();
        using Process? shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { UseShellExecute = false });
        shell?.WaitForExit();
    });

    internal void Chill(long nanoseconds)
    {
        if (nanoseconds is < 0 or > 500_000_000) throw new DFault(DFaultCode.IllegalOperation);
        long end = Stopwatch.GetTimestamp() + (nanoseconds * Stopwatch.Frequency / 1_000_000_000);
        while (Stopwatch.GetTimestamp() < end) Thread.SpinWait(20);
    }

    internal static KeyPart Key(long value) => new(value, null);

    internal static KeyPart Key(string? text) => new(0, Solid(text));
}
