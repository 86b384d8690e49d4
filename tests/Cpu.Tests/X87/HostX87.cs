using System.Diagnostics;
using System.Runtime.InteropServices;
using Kennel.Cpu.X87;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.X87;

[assembly: AssemblyFixture(typeof(HostX87))]

namespace Kennel.Cpu.Tests.X87;

/// <summary>The host's own x87, reached through a small C program that is compiled once for all tests.</summary>
public sealed class HostX87 : IDisposable
{
    private readonly HostProgram _program = new("X87", "host_x87.c");

    /// <summary>True on the processors after which what the manual leaves undefined is modelled.</summary>
    public bool IsAmd { get; } = File.Exists("/proc/cpuinfo")
        && File.ReadAllText("/proc/cpuinfo").Contains("AuthenticAMD", StringComparison.Ordinal);

    public HostReply[] Run(List<HostRequest> requests)
    {
        var start = new ProcessStartInfo(_program.Path) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        var writer = new Thread(() =>
        {
            process.StandardInput.BaseStream.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(requests)));
            process.StandardInput.Close();
        });
        writer.Start();
        var replies = new HostReply[requests.Count];
        process.StandardOutput.BaseStream.ReadExactly(MemoryMarshal.AsBytes(replies.AsSpan()));
        writer.Join();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return replies;
    }

    public void Dispose() => _program.Dispose();
}

/// <summary>What host_x87.c reads: 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly struct HostRequest(HostOperation operation, ushort control, Float80 a, Float80 b)
{
    public readonly HostOperation Operation = operation;
    public readonly ushort Control = control;
    private readonly ulong _significandA = a.Significand;
    private readonly ushort _signExponentA = a.SignExponent;
    private readonly ulong _significandB = b.Significand;
    private readonly ushort _signExponentB = b.SignExponent;
    private readonly ulong _unused;

    public Float80 A => new(_significandA, _signExponentA);

    public Float80 B => new(_significandB, _signExponentB);
}

/// <summary>What host_x87.c writes: 48 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly struct HostReply
{
    public readonly ushort Status;
    public readonly ushort Tags;
    private readonly ulong _significand0;
    private readonly ushort _signExponent0;
    private readonly ulong _significand1;
    private readonly ushort _signExponent1;
    public readonly ulong MemoryLow;
    public readonly ulong MemoryHigh;
    private readonly ulong _unused;

    public Float80 St0 => new(_significand0, _signExponent0);

    public Float80 St1 => new(_significand1, _signExponent1);
}

/// <summary>The operations of host_x87.c, by its numbers.</summary>
public enum HostOperation : ushort
{
    Add = 0, Subtract = 1, Multiply = 2, Divide = 3, SquareRoot = 4, Remainder = 5, RemainderNearest = 6,
    RoundToInteger = 7, Scale = 8, Extract = 9, Compare = 10, CompareUnordered = 11, Examine = 12, Negate = 13, Abs = 14,
    CompareZero = 15,
    ToSingle = 20, ToDouble = 21, ToInt16 = 22, ToInt32 = 23, ToInt64 = 24,
    TruncateToInt16 = 25, TruncateToInt32 = 26, TruncateToInt64 = 27, ToPackedDecimal = 28,
    F2xm1 = 40, Fyl2x = 41, Fyl2xp1 = 42, Fptan = 43, Fpatan = 44, Fsin = 45, Fcos = 46, Fsincos = 47,
    AddSingle = 50, AddDouble = 51, MultiplySingle = 52, DivideReversedDouble = 53, CompareSingle = 54,
    FromSingle = 60, FromDouble = 61, FromInt16 = 62, FromInt32 = 63, FromInt64 = 64, FromPackedDecimal = 65,
    One = 66, Log2Of10 = 67, Log2OfE = 68, Pi = 69, Log10Of2 = 70, LnOf2 = 71, Zero = 72,
}
