using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>
/// <see cref="Load{T}"/> and <see cref="Store{T}"/> for the common types: ahead-of-time compilation makes no code for the generic
/// methods over primitive types, and they would have to be compiled when the program starts.
/// </summary>
internal static unsafe partial class Memory
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out byte value)
    {
        if (!TryRead(s, address, 1, out byte* host)) return LoadSlow(s, address, out value);
        value = *(byte*)host;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out ushort value)
    {
        if (!TryRead(s, address, 2, out byte* host)) return LoadSlow(s, address, out value);
        value = *(ushort*)host;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out uint value)
    {
        if (!TryRead(s, address, 4, out byte* host)) return LoadSlow(s, address, out value);
        value = *(uint*)host;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out ulong value)
    {
        if (!TryRead(s, address, 8, out byte* host)) return LoadSlow(s, address, out value);
        value = *(ulong*)host;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out int value)
    {
        if (!TryRead(s, address, 4, out byte* host)) return LoadSlow(s, address, out value);
        value = *(int*)host;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out long value)
    {
        if (!TryRead(s, address, 8, out byte* host)) return LoadSlow(s, address, out value);
        value = *(long*)host;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out float value)
    {
        if (!TryRead(s, address, 4, out byte* host)) return LoadSlow(s, address, out value);
        value = *(float*)host;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out double value)
    {
        if (!TryRead(s, address, 8, out byte* host)) return LoadSlow(s, address, out value);
        value = *(double*)host;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* s, ulong address, out Vector128<byte> value)
    {
        if (!TryRead(s, address, 16, out byte* host)) return LoadSlow(s, address, out value);
        value = *(Vector128<byte>*)host;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* s, ulong address, byte value)
    {
        if (!TryWrite(s, address, 1, out byte* host)) return StoreSlow(s, address, value);
        *(byte*)host = value;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* s, ulong address, ushort value)
    {
        if (!TryWrite(s, address, 2, out byte* host)) return StoreSlow(s, address, value);
        *(ushort*)host = value;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* s, ulong address, uint value)
    {
        if (!TryWrite(s, address, 4, out byte* host)) return StoreSlow(s, address, value);
        *(uint*)host = value;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* s, ulong address, ulong value)
    {
        if (!TryWrite(s, address, 8, out byte* host)) return StoreSlow(s, address, value);
        *(ulong*)host = value;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* s, ulong address, Vector128<byte> value)
    {
        if (!TryWrite(s, address, 16, out byte* host)) return StoreSlow(s, address, value);
        *(Vector128<byte>*)host = value;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LoadSlow(CpuState* s, ulong address, out byte value)
    {
        byte found;
        bool ok = MemorySlow.Load(s, address, (byte*)&found, 1);
        value = found;
        return ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LoadSlow(CpuState* s, ulong address, out ushort value)
    {
        ushort found;
        bool ok = MemorySlow.Load(s, address, (byte*)&found, 2);
        value = found;
        return ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LoadSlow(CpuState* s, ulong address, out uint value)
    {
        uint found;
        bool ok = MemorySlow.Load(s, address, (byte*)&found, 4);
        value = found;
        return ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LoadSlow(CpuState* s, ulong address, out ulong value)
    {
        ulong found;
        bool ok = MemorySlow.Load(s, address, (byte*)&found, 8);
        value = found;
        return ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LoadSlow(CpuState* s, ulong address, out int value)
    {
        int found;
        bool ok = MemorySlow.Load(s, address, (byte*)&found, 4);
        value = found;
        return ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LoadSlow(CpuState* s, ulong address, out long value)
    {
        long found;
        bool ok = MemorySlow.Load(s, address, (byte*)&found, 8);
        value = found;
        return ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LoadSlow(CpuState* s, ulong address, out float value)
    {
        float found;
        bool ok = MemorySlow.Load(s, address, (byte*)&found, 4);
        value = found;
        return ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LoadSlow(CpuState* s, ulong address, out double value)
    {
        double found;
        bool ok = MemorySlow.Load(s, address, (byte*)&found, 8);
        value = found;
        return ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LoadSlow(CpuState* s, ulong address, out Vector128<byte> value)
    {
        Vector128<byte> found;
        bool ok = MemorySlow.Load(s, address, (byte*)&found, 16);
        value = found;
        return ok;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool StoreSlow(CpuState* s, ulong address, byte value) => MemorySlow.Store(s, address, (byte*)&value, 1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool StoreSlow(CpuState* s, ulong address, ushort value) => MemorySlow.Store(s, address, (byte*)&value, 2);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool StoreSlow(CpuState* s, ulong address, uint value) => MemorySlow.Store(s, address, (byte*)&value, 4);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool StoreSlow(CpuState* s, ulong address, ulong value) => MemorySlow.Store(s, address, (byte*)&value, 8);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool StoreSlow(CpuState* s, ulong address, Vector128<byte> value) => MemorySlow.Store(s, address, (byte*)&value, 16);
}
