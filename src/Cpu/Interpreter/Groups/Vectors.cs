using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Vector operations that .NET has for no or only one architecture, built from those it has for all.</summary>
/// <remarks>
/// Type parameters are not constrained: with a constraint, there would be no ahead-of-time code for primitive types.
/// </remarks>
internal static class Vectors
{
    /// <summary>
    /// PSHUFB: bytes of <paramref name="v"/> by the low four bits of each index, zero where its sign bit is set.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Permute(Vector128<byte> v, Vector128<byte> indexes) =>
        Ssse3.IsSupported ? Ssse3.Shuffle(v, indexes) : Vector128.Shuffle(v, indexes & Vector128.Create((byte)0x8f));

    /// <summary>Average of unsigned lanes, rounded up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Average<T>(Vector128<T> a, Vector128<T> b) =>
        (a | b) - ((a ^ b) >>> 1);

    /// <summary>
    /// PSIGN: lanes of <paramref name="a"/> negated, cleared or kept by the sign of those of <paramref name="b"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Sign<T>(Vector128<T> a, Vector128<T> b)
    {
        Vector128<T> negative = Vector128.LessThan(b, Vector128<T>.Zero);
        return Vector128.AndNot((a ^ negative) - negative, Vector128.Equals(b, Vector128<T>.Zero));
    }

    /// <summary>PUNPCKLBW: the low eight bytes of both, alternating.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> InterleaveLow(Vector128<byte> a, Vector128<byte> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b) : (Vector128.WidenLower(a) | (Vector128.WidenLower(b) << 8)).AsByte();

    /// <summary>The low halves of both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> LowLow<T>(Vector128<T> a, Vector128<T> b) =>
        Sse2.IsSupported
            ? Sse2.UnpackLow(a.AsUInt64(), b.AsUInt64()).As<ulong, T>()
            : Vector128.Create(a.GetLower(), b.GetLower());

    /// <summary>The high halves of both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> HighHigh<T>(Vector128<T> a, Vector128<T> b) =>
        Sse2.IsSupported
            ? Sse2.UnpackHigh(a.AsUInt64(), b.AsUInt64()).As<ulong, T>()
            : Vector128.Create(a.GetUpper(), b.GetUpper());

    /// <summary>The low half of <paramref name="a"/> and the high half of <paramref name="b"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> LowHigh<T>(Vector128<T> a, Vector128<T> b) =>
        Sse2.IsSupported
            ? Sse2.Shuffle(a.AsDouble(), b.AsDouble(), 0b10).As<double, T>()
            : Vector128.Create(a.GetLower(), b.GetUpper());

    /// <summary>A vector with one lane replaced, whose number need not be a constant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Insert<T>(Vector128<T> v, T lane, T value) =>
        Vector128.ConditionalSelect(Vector128.Equals(Vector128<T>.Indices, Vector128.Create(lane)), Vector128.Create(value), v);
}
