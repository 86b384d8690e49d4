using System.Globalization;
using System.Text;

namespace Kennel.Tracing.SystemCalls;

/// <summary>strace's -e read= and -e write=: all bytes that a call has moved, in hexadecimal and as text, below its line.</summary>
internal static class DataDump
{
    private const int BytesInLine = 16;
    private const int Read = 0, Write = 1, PositionedRead = 17, PositionedWrite = 18, ReadVector = 19, WriteVector = 20, SendTo = 44, ReceiveFrom = 45, PositionedReadVector = 295, PositionedWriteVector = 296;

    /// <summary>Writes what is asked for of a call that has returned.</summary>
    public static void Append(TextWriter output, CallPrinter p, int call, StraceExpressions expressions)
    {
        if (p.Failed || p.Result == 0) return;
        int fd = (int)p.A[0];
        switch (call)
        {
            case Read or PositionedRead or ReceiveFrom when expressions.DumpsRead(fd):
            case Write or PositionedWrite or SendTo when expressions.DumpsWritten(fd):
                // What was given is shown whole, even when less was taken.
                ulong size = call is Write or PositionedWrite or SendTo ? p.A[2] : (ulong)p.Result;
                if (p.Read(p.A[1], (int)Math.Min(size, int.MaxValue)) is { } bytes) Append(output, bytes);
                break;
            case ReadVector or PositionedReadVector when expressions.DumpsRead(fd):
                Vector(output, p, (ulong)p.Result);
                break;
            case WriteVector or PositionedWriteVector when expressions.DumpsWritten(fd):
                Vector(output, p, ulong.MaxValue);
                break;
        }
    }

    /// <summary>Writes bytes, sixteen a line.</summary>
    public static void Append(TextWriter output, ReadOnlySpan<byte> bytes)
    {
        int digits = Math.Max(5, Convert.ToString(Math.Max(bytes.Length - 1, 0), 16).Length);
        for (int i = 0; i < bytes.Length; i += BytesInLine) Line(output, i.ToString("x" + digits, CultureInfo.InvariantCulture), bytes[i..Math.Min(i + BytesInLine, bytes.Length)]);
    }

    private static void Vector(TextWriter output, CallPrinter p, ulong limit)
    {
        const int Element = 16;
        for (ulong i = 0; i < p.A[2] && limit > 0; i++)
        {
            if (p.Read(p.A[1] + (i * Element), Element) is not { } bytes) return;
            var element = new Record(bytes);
            ulong size = Math.Min(element.U64(8), limit);
            limit -= limit == ulong.MaxValue ? 0 : size;
            if (size == 0) return;
            output.Write(string.Create(CultureInfo.InvariantCulture, $" * {size} bytes in buffer {i}\n"));
            if (p.Read(element.U64(0), (int)Math.Min(size, int.MaxValue)) is { } part) Append(output, part);
        }
    }

    private static void Line(TextWriter output, string offset, ReadOnlySpan<byte> bytes)
    {
        var line = new StringBuilder(" | ").Append(offset).Append(' ');
        for (int i = 0; i < BytesInLine; i++)
        {
            if (i == BytesInLine / 2) line.Append(' ');
            line.Append(' ').Append(i < bytes.Length ? bytes[i].ToString("x2", CultureInfo.InvariantCulture) : "  ");
        }
        line.Append("  ");
        for (int i = 0; i < BytesInLine; i++) line.Append(i >= bytes.Length ? ' ' : bytes[i] is >= 32 and < 127 ? (char)bytes[i] : '.');
        output.Write(line.Append(" |\n").ToString());
    }
}
