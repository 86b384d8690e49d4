using System.Buffers.Binary;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>
/// Numbers in the guest's memory (man 3stap, tapset::uconversions). Where nothing can be read, NAME answers 0, NAME_warn does so with a warning,
/// and NAME_error ends the handler.
/// </summary>
internal static class NumberFunctions
{
    [StapFunction("user_char"), StapFunction("user_uint8")]
    public static long Byte(StapRuntime rt, long address) => (byte)Read(rt, address, 1);

    [StapFunction("user_char_warn"), StapFunction("user_uint8_warn")]
    public static long ByteWarn(StapRuntime rt, long address) => (byte)Warn(rt, address, 1);

    [StapFunction("user_char_error"), StapFunction("user_uint8_error")]
    public static long ByteError(StapRuntime rt, long address) => (byte)Error(rt, address, 1);

    [StapFunction("user_int8")]
    public static long SignedByte(StapRuntime rt, long address) => (sbyte)Read(rt, address, 1);

    [StapFunction("user_int8_error")]
    public static long SignedByteError(StapRuntime rt, long address) => (sbyte)Error(rt, address, 1);

    [StapFunction("user_short"), StapFunction("user_int16")]
    public static long Short(StapRuntime rt, long address) => (short)Read(rt, address, 2);

    [StapFunction("user_short_warn"), StapFunction("user_int16_warn")]
    public static long ShortWarn(StapRuntime rt, long address) => (short)Warn(rt, address, 2);

    [StapFunction("user_short_error"), StapFunction("user_int16_error")]
    public static long ShortError(StapRuntime rt, long address) => (short)Error(rt, address, 2);

    [StapFunction("user_ushort"), StapFunction("user_uint16")]
    public static long UnsignedShort(StapRuntime rt, long address) => (ushort)Read(rt, address, 2);

    [StapFunction("user_ushort_warn"), StapFunction("user_uint16_warn")]
    public static long UnsignedShortWarn(StapRuntime rt, long address) => (ushort)Warn(rt, address, 2);

    [StapFunction("user_ushort_error"), StapFunction("user_uint16_error")]
    public static long UnsignedShortError(StapRuntime rt, long address) => (ushort)Error(rt, address, 2);

    [StapFunction("user_int"), StapFunction("user_int32")]
    public static long Int(StapRuntime rt, long address) => (int)Read(rt, address, 4);

    [StapFunction("user_int_warn"), StapFunction("user_int32_warn")]
    public static long IntWarn(StapRuntime rt, long address) => (int)Warn(rt, address, 4);

    [StapFunction("user_int_error"), StapFunction("user_int32_error")]
    public static long IntError(StapRuntime rt, long address) => (int)Error(rt, address, 4);

    [StapFunction("user_uint32"), StapFunction("user_uint")]
    public static long UnsignedInt(StapRuntime rt, long address) => (uint)Read(rt, address, 4);

    [StapFunction("user_uint32_warn")]
    public static long UnsignedIntWarn(StapRuntime rt, long address) => (uint)Warn(rt, address, 4);

    [StapFunction("user_uint32_error")]
    public static long UnsignedIntError(StapRuntime rt, long address) => (uint)Error(rt, address, 4);

    [StapFunction("user_long"), StapFunction("user_int64"), StapFunction("user_uint64"), StapFunction("user_ulong")]
    public static long Long(StapRuntime rt, long address) => Read(rt, address, 8);

    [StapFunction("user_long_warn"), StapFunction("user_ulong_warn")]
    public static long LongWarn(StapRuntime rt, long address) => Warn(rt, address, 8);

    [StapFunction("user_long_error"), StapFunction("user_ulong_error"), StapFunction("user_int64_error"), StapFunction("user_uint64_error")]
    public static long LongError(StapRuntime rt, long address) => Error(rt, address, 8);

    /// <summary>@uderef(size, address).</summary>
    [StapFunction("__uderef")]
    public static long Dereference(StapRuntime rt, long size, long address) => size is >= 1 and <= 8 ? Error(rt, address, (int)size) : throw new StapError($"bad size {size} of a dereference");

    /// <summary>@kderef(size, address): an object of the kernel, or what it keeps in a program.</summary>
    [StapFunction("__kderef")]
    public static long DereferenceKernel(StapRuntime rt, long size, long address) =>
        rt.Model.ObjectAt((ulong)address, out _) != null ? MemoryFunctions.KernelLong(rt, address) : Dereference(rt, size, address);

    private static long Read(StapRuntime rt, long address, int size) => TryRead(rt, address, size, out long value) ? value : 0;

    private static long Warn(StapRuntime rt, long address, int size)
    {
        if (TryRead(rt, address, size, out long value)) return value;
        if (!rt.Options.NoWarnings) rt.Output.Message($"WARNING: user data copy fault at 0x{address:x16}");
        return 0;
    }

    private static long Error(StapRuntime rt, long address, int size) => TryRead(rt, address, size, out long value) ? value : throw StapRuntime.FaultAt(address);

    private static bool TryRead(StapRuntime rt, long address, int size, out long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        bool good = address != 0 && rt.Task.ReadMemory((ulong)address, bytes[..size]) == size;
        value = good ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;
        return good;
    }
}
