using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>
/// Where the parts of a program lie (Linux: the addresses in mm_struct). Without randomisation, as under <c>setarch -R</c>.
/// </summary>
public sealed record MemoryLayout
{
    private const ulong SmallestGap = 128 << 20;

    /// <summary>Before a program is loaded.</summary>
    public static readonly MemoryLayout Default = new() { MapBase = MapBaseFor(8 << 20) };

    /// <summary>Mappings without a hint are put below it, top down.</summary>
    public ulong MapBase { get; init; }

    public ulong CodeStart { get; init; }

    public ulong CodeEnd { get; init; }

    public ulong DataStart { get; init; }

    public ulong DataEnd { get; init; }

    /// <summary>Where brk's memory begins.</summary>
    public ulong BreakStart { get; init; }

    /// <summary>The stack pointer that the program started with.</summary>
    public ulong StackStart { get; init; }

    public ulong ArgumentsStart { get; init; }

    public ulong ArgumentsEnd { get; init; }

    public ulong EnvironmentStart { get; init; }

    public ulong EnvironmentEnd { get; init; }

    /// <summary>Bytes of /proc/PID/auxv.</summary>
    public byte[] AuxiliaryVector { get; init; } = [];

    /// <summary>The map base for a stack limit: the stack may grow to its limit before it meets a mapping. Linux: arch/x86/mm/mmap.c, mmap_base.</summary>
    public static ulong MapBaseFor(ulong stackLimit)
    {
        ulong gap = stackLimit + AddressSpace.StackGuardGap < stackLimit ? stackLimit : stackLimit + AddressSpace.StackGuardGap;
        gap = Math.Clamp(gap, SmallestGap, PageTable.AddressLimit / 6 * 5);
        return (PageTable.AddressLimit - gap + 0xfff) & ~0xfffUL;
    }
}
