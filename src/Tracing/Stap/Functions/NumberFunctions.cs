using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>
/// Numbers in the guest's memory (man 3stap, tapset::uconversions). Where nothing can be read, NAME answers 0, NAME_warn does so with a warning,
/// and NAME_error ends the handler.
/// </summary>
internal static class NumberFunctions
{
    [StapFunction("user_char"), StapFunction("user_uint8")]
    public static long Byte(StapRuntime rt, long address) => Read<byte>(rt, address);

    [StapFunction("user_char_warn"), StapFunction("user_uint8_warn")]
    public static long ByteWarn(StapRuntime rt, long address) => Warn<byte>(rt, address);

    [StapFunction("user_char_error"), StapFunction("user_uint8_error")]
    public static long ByteError(StapRuntime rt, long address) => Error<byte>(rt, address);

    [StapFunction("user_int8")]
    public static long SignedByte(StapRuntime rt, long address) => Read<sbyte>(rt, address);

    [StapFunction("user_int8_error")]
    public static long SignedByteError(StapRuntime rt, long address) => Error<sbyte>(rt, address);

    [StapFunction("user_short"), StapFunction("user_int16")]
    public static long Short(StapRuntime rt, long address) => Read<short>(rt, address);

    [StapFunction("user_short_warn"), StapFunction("user_int16_warn")]
    public static long ShortWarn(StapRuntime rt, long address) => Warn<short>(rt, address);

    [StapFunction("user_short_error"), StapFunction("user_int16_error")]
    public static long ShortError(StapRuntime rt, long address) => Error<short>(rt, address);

    [StapFunction("user_ushort"), StapFunction("user_uint16")]
    public static long UnsignedShort(StapRuntime rt, long address) => Read<ushort>(rt, address);

    [StapFunction("user_ushort_warn"), StapFunction("user_uint16_warn")]
    public static long UnsignedShortWarn(StapRuntime rt, long address) => Warn<ushort>(rt, address);

    [StapFunction("user_ushort_error"), StapFunction("user_uint16_error")]
    public static long UnsignedShortError(StapRuntime rt, long address) => Error<ushort>(rt, address);

    [StapFunction("user_int"), StapFunction("user_int32")]
    public static long Int(StapRuntime rt, long address) => Read<int>(rt, address);

    [StapFunction("user_int_warn"), StapFunction("user_int32_warn")]
    public static long IntWarn(StapRuntime rt, long address) => Warn<int>(rt, address);

    [StapFunction("user_int_error"), StapFunction("user_int32_error")]
    public static long IntError(StapRuntime rt, long address) => Error<int>(rt, address);

    [StapFunction("user_uint32"), StapFunction("user_uint")]
    public static long UnsignedInt(StapRuntime rt, long address) => Read<uint>(rt, address);

    [StapFunction("user_uint32_warn")]
    public static long UnsignedIntWarn(StapRuntime rt, long address) => Warn<uint>(rt, address);

    [StapFunction("user_uint32_error")]
    public static long UnsignedIntError(StapRuntime rt, long address) => Error<uint>(rt, address);

    [StapFunction("user_long"), StapFunction("user_int64"), StapFunction("user_uint64"), StapFunction("user_ulong")]
    public static long Long(StapRuntime rt, long address) => Read<long>(rt, address);

    [StapFunction("user_long_warn"), StapFunction("user_ulong_warn")]
    public static long LongWarn(StapRuntime rt, long address) => Warn<long>(rt, address);

    [StapFunction("user_long_error"), StapFunction("user_ulong_error"), StapFunction("user_int64_error"), StapFunction("user_uint64_error")]
    public static long LongError(StapRuntime rt, long address) => Error<long>(rt, address);

    /// <summary>@uderef(size, address).</summary>
    [StapFunction("__uderef")]
    public static long Dereference(StapRuntime rt, long size, long address)
    {
        if (size is < 1 or > 8) throw new StapError($"bad size {size} of a dereference");
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        return TryRead(rt, address, bytes[..(int)size]) ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : throw StapRuntime.FaultAt(address);
    }

    /// <summary>@kderef(size, address): an object of the kernel, or what it keeps in a program.</summary>
    [StapFunction("__kderef")]
    public static long DereferenceKernel(StapRuntime rt, long size, long address) =>
        rt.Model.ObjectAt((ulong)address, out _) != null ? MemoryFunctions.KernelLong(rt, address) : Dereference(rt, size, address);

    private static long Read<T>(StapRuntime rt, long address) where T : unmanaged, IBinaryInteger<T> => TryRead(rt, address, out T value) ? long.CreateTruncating(value) : 0;

    private static long Error<T>(StapRuntime rt, long address) where T : unmanaged, IBinaryInteger<T> =>
        TryRead(rt, address, out T value) ? long.CreateTruncating(value) : throw StapRuntime.FaultAt(address);

    private static long Warn<T>(StapRuntime rt, long address) where T : unmanaged, IBinaryInteger<T>
    {
        if (TryRead(rt, address, out T value)) return long.CreateTruncating(value);
        if (!rt.Options.NoWarnings) rt.Output.Message($"WARNING: user data copy fault at 0x{address:x16}");
        return 0;
    }

    private static unsafe bool TryRead<T>(StapRuntime rt, long address, out T value) where T : unmanaged
    {
        Span<byte> bytes = stackalloc byte[sizeof(T)];
        bool good = TryRead(rt, address, bytes);
        value = good ? MemoryMarshal.Read<T>(bytes) : default;
        return good;
    }

    private static bool TryRead(StapRuntime rt, long address, Span<byte> bytes) => address != 0 && rt.Task.ReadMemory((ulong)address, bytes) == bytes.Length;
}
