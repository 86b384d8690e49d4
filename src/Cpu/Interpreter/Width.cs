using System.Runtime.CompilerServices;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>
/// The operand sizes, as type parameters of handlers. Values are ulong with the bits above the width zero after a read;
/// what is written may have anything there.
/// </summary>
/// <remarks>
/// A register operand is a slot of R, except for bytes: there it is the byte's offset in R, so that AH is 1. R is the state's
/// first field, and addressed as such: through the field, the compiler would check the state for null each time.
/// </remarks>
internal unsafe interface IWidth
{
    static abstract int Bytes { get; }

    static abstract ulong Read(CpuState* s, int register);

    /// <summary>Writes a register as the processor does: 32 bits clear the upper half, 8 and 16 leave the rest.</summary>
    static abstract void Write(CpuState* s, int register, ulong value);

    static abstract ulong SignExtend(ulong value);

    static abstract ulong Truncate(ulong value);

    static abstract bool Load(CpuState* s, ulong address, out ulong value);

    static abstract bool Store(CpuState* s, ulong address, ulong value);

    /// <summary>Reads from host memory.</summary>
    static abstract ulong Get(byte* host);

    /// <summary>Writes to host memory.</summary>
    static abstract void Put(byte* host, ulong value);

    /// <summary>Writes to host memory if it holds <paramref name="old"/>, atomically; answers whether it did.</summary>
    static abstract bool CompareExchange(byte* host, ulong old, ulong value);
}

internal unsafe struct W8 : IWidth
{
    public static int Bytes => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(CpuState* s, int register) => ((byte*)s)[register];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(CpuState* s, int register, ulong value) => ((byte*)s)[register] = (byte)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SignExtend(ulong value) => (ulong)(sbyte)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Truncate(ulong value) => (byte)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out ulong value)
    {
        bool ok = Memory.Load(s, address, out byte narrow);
        value = narrow;
        return ok;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* s, ulong address, ulong value) => Memory.Store(s, address, (byte)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Get(byte* host) => *host;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(byte* host, ulong value) => *host = (byte)value;

    public static bool CompareExchange(byte* host, ulong old, ulong value) =>
        Interlocked.CompareExchange(ref *(byte*)host, (byte)value, (byte)old) == (byte)old;
}

internal unsafe struct W16 : IWidth
{
    public static int Bytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(CpuState* s, int register) => (ushort)((ulong*)s)[register];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(CpuState* s, int register, ulong value) => *(ushort*)((ulong*)s + register) = (ushort)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SignExtend(ulong value) => (ulong)(short)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Truncate(ulong value) => (ushort)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out ulong value)
    {
        bool ok = Memory.Load(s, address, out ushort narrow);
        value = narrow;
        return ok;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* s, ulong address, ulong value) => Memory.Store(s, address, (ushort)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Get(byte* host) => *(ushort*)host;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(byte* host, ulong value) => *(ushort*)host = (ushort)value;

    public static bool CompareExchange(byte* host, ulong old, ulong value) =>
        Interlocked.CompareExchange(ref *(ushort*)host, (ushort)value, (ushort)old) == (ushort)old;
}

internal unsafe struct W32 : IWidth
{
    public static int Bytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(CpuState* s, int register) => (uint)((ulong*)s)[register];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(CpuState* s, int register, ulong value) => ((ulong*)s)[register] = (uint)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SignExtend(ulong value) => (ulong)(int)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Truncate(ulong value) => (uint)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out ulong value)
    {
        bool ok = Memory.Load(s, address, out uint narrow);
        value = narrow;
        return ok;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* s, ulong address, ulong value) => Memory.Store(s, address, (uint)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Get(byte* host) => *(uint*)host;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(byte* host, ulong value) => *(uint*)host = (uint)value;

    public static bool CompareExchange(byte* host, ulong old, ulong value) =>
        Interlocked.CompareExchange(ref *(uint*)host, (uint)value, (uint)old) == (uint)old;
}

internal unsafe struct W64 : IWidth
{
    public static int Bytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(CpuState* s, int register) => ((ulong*)s)[register];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(CpuState* s, int register, ulong value) => ((ulong*)s)[register] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SignExtend(ulong value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Truncate(ulong value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out ulong value) => Memory.Load(s, address, out value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* s, ulong address, ulong value) => Memory.Store(s, address, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Get(byte* host) => *(ulong*)host;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(byte* host, ulong value) => *(ulong*)host = value;

    public static bool CompareExchange(byte* host, ulong old, ulong value) =>
        Interlocked.CompareExchange(ref *(ulong*)host, value, old) == old;
}
