using System.Runtime.CompilerServices;
using Kennel.Cpu.X87;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>A memory operand of arithmetic and comparisons, whose other operand is ST(0).</summary>
internal unsafe interface IX87Operand
{
    static abstract int Bytes { get; }

    /// <summary>Reads the operand's bits from host memory.</summary>
    static abstract ulong Get(byte* host);

    /// <summary>Reads the operand's bits; false after setting up a fault.</summary>
    static abstract bool Load(CpuState* s, ulong address, out ulong bits);

    /// <summary>The operand as a number. Flags it if denormal, and if that counts, given ST(0).</summary>
    static abstract Float80 Convert(ref X87Context context, ulong bits, Float80 top, bool isDividend);
}

internal unsafe struct X87Single : IX87Operand
{
    public static int Bytes => W32.Bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Get(byte* host) => W32.Get(host);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out ulong bits) => W32.Load(s, address, out bits);

    public static Float80 Convert(ref X87Context context, ulong bits, Float80 top, bool isDividend) =>
        X87Conversions.SingleOperand(ref context, (uint)bits, top, isDividend);
}

internal unsafe struct X87Double : IX87Operand
{
    public static int Bytes => W64.Bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Get(byte* host) => W64.Get(host);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out ulong bits) => W64.Load(s, address, out bits);

    public static Float80 Convert(ref X87Context context, ulong bits, Float80 top, bool isDividend) =>
        X87Conversions.DoubleOperand(ref context, bits, top, isDividend);
}

internal unsafe struct X87Int32 : IX87Operand
{
    public static int Bytes => W32.Bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Get(byte* host) => W32.Get(host);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out ulong bits) => W32.Load(s, address, out bits);

    public static Float80 Convert(ref X87Context context, ulong bits, Float80 top, bool isDividend) =>
        X87Conversions.FromInteger((int)bits);
}

internal unsafe struct X87Int16 : IX87Operand
{
    public static int Bytes => W16.Bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Get(byte* host) => W16.Get(host);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out ulong bits) => W16.Load(s, address, out bits);

    public static Float80 Convert(ref X87Context context, ulong bits, Float80 top, bool isDividend) =>
        X87Conversions.FromInteger((short)bits);
}
