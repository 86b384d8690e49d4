using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.X87;

namespace Kennel.Cpu.Tests.X87;

/// <summary>
/// Compares runs of x87 code. Transcendental functions are rounded correctly by the interpreter, and sometimes not by the
/// processor: their results may be neighbours.
/// </summary>
internal static class X87Agreement
{
    private const ushort WithoutC1 = 0xfdff;

    public static void Assert(NativeProcessor native, Vector[] vectors)
    {
        Xunit.Assert.SkipUnless(IsAmd, "stack faults and last-instruction fields are modelled after AMD's processors");
        Outcome[] expected = Settled(native, vectors);
        Compare(vectors, expected, translate: false);
        Compare(vectors, expected, translate: true);
    }

    private static void Compare(Vector[] vectors, Outcome[] native, bool translate)
    {
        using var ours = new InterpretedProcessor(translate);
        Outcome[] expected = [.. native], actual = ours.Run(vectors);
        for (int n = 0; n < vectors.Length; n++)
        {
            if (IsTranscendental(vectors[n])) AcceptNeighbours(ref expected[n], actual[n]);
        }
        Comparison.AssertSame(vectors, expected, actual, n => new Tolerance
        {
            Flags = translate && expected[n].Signal != 5 ? 0 : new Tolerance().Flags, // flags about to be overwritten are not kept for a fault
            Vectors = true,
            FpPointers = true,
            FpStatus = IsTranscendental(vectors[n]) ? WithoutC1 : (ushort)0xffff,
        });
    }

    // When Linux switches tasks, the last-instruction fields are lost: what was disturbed by that is run again.
    private static Outcome[] Settled(NativeProcessor native, Vector[] vectors)
    {
        Outcome[] outcomes = native.Run(vectors), again = native.Run(vectors);
        int[] disturbed = [.. Enumerable.Range(0, vectors.Length).Where(n => !Bytes(outcomes[n]).SequenceEqual(Bytes(again[n])))];
        if (disturbed.Length == 0) return outcomes;
        Outcome[] third = native.Run([.. disturbed.Select(n => vectors[n])]);
        for (int n = 0; n < disturbed.Length; n++) outcomes[disturbed[n]] = third[n];
        return outcomes;
    }

    private static ReadOnlySpan<byte> Bytes(in Outcome outcome) => MemoryMarshal.AsBytes(new ReadOnlySpan<Outcome>(in outcome));

    /// <summary>Whether the host's processor is of the make that is modelled where manuals leave things open.</summary>
    public static bool IsAmd { get; } = File.Exists("/proc/cpuinfo")
        && File.ReadAllText("/proc/cpuinfo").Contains("AuthenticAMD", StringComparison.Ordinal);

    /// <summary>F2XM1, FYL2X, FPTAN, FPATAN, FYL2XP1, FSINCOS, FSIN, FCOS.</summary>
    public static bool IsTranscendental(ReadOnlySpan<byte> code) =>
        code[0] == 0xd9 && code[1] is 0xf0 or 0xf1 or 0xf2 or 0xf3 or 0xf9 or 0xfb or 0xfe or 0xff;

    private static bool IsTranscendental(in Vector vector) => IsTranscendental((ReadOnlySpan<byte>)vector.Code);

    private static void AcceptNeighbours(ref Outcome expected, in Outcome actual)
    {
        Span<byte> theirs = expected.Fx;
        ReadOnlySpan<byte> ours = actual.Fx;
        for (int at = 32; at < 160; at += 16)
        {
            if (AreNeighbours(Read(theirs[at..]), Read(ours[at..]))) ours.Slice(at, 10).CopyTo(theirs[at..]);
        }
    }

    private static Float80 Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]));

    private static bool AreNeighbours(Float80 a, Float80 b) =>
        a.IsNegative == b.IsNegative && a.Kind < Float80Kind.Infinity && b.Kind < Float80Kind.Infinity
        && Int128.Abs(Order(a) - Order(b)) == 1;

    private static Int128 Order(Float80 value) =>
        ((Int128)(value.SignExponent & 0x7fff) << 63) + (Int128)(value.Significand & long.MaxValue);
}
