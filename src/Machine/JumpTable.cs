using System.Runtime.InteropServices;

namespace Kennel.Machine;

/// <summary>Where the engine's code for a guest address is; <see cref="Code"/> is the engine's own pointer.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct JumpEntry
{
    /// <summary>The address, exclusive-or the key of the address space.</summary>
    public ulong Tag;
    public nint Code;
}

/// <summary>
/// The entry points of decoded code that one processor knows, of all address spaces that it remembers: each has a key that is
/// part of the tags. To forget an address space's entries is to give it another key.
/// </summary>
/// <remarks>Used by its processor's thread, or while that is quiesced.</remarks>
public sealed unsafe class JumpTable : IDisposable
{
    public const int Entries = 16384;

    /// <summary>Keys differ in bits 48 to 62: addresses of programs have zeroes there, and those of kernels ones in bit 63 as well.</summary>
    private const int LastGeneration = 0x7fff;

    private readonly HostMemory _memory = HostMemory.Reserve(Entries * sizeof(JumpEntry));
    private int _generation;

    /// <summary>An all-zero entry is empty: no key is zero in its upper bits.</summary>
    public JumpEntry* First => (JumpEntry*)_memory.Address;

    /// <summary>Whether the next key will be one that was used before; <see cref="Clear"/> must come first.</summary>
    internal bool IsExhausted => _generation == LastGeneration;

    /// <summary>Slot of a tag.</summary>
    public static int SlotOf(ulong tag) => (int)((tag ^ (tag >> 12)) & (Entries - 1));

    /// <summary>A key that no entry has. Its lower bits spread the same addresses of several programs over the table.</summary>
    internal ulong NextKey()
    {
        ulong generation = (ulong)++_generation;
        return (generation << 48) | (generation * 0x9e5 & (Entries - 1));
    }

    /// <summary>How often keys have begun anew: what was derived from one before means nothing then.</summary>
    public int Round { get; private set; }

    /// <summary>Empties the table and begins with the first key again.</summary>
    internal void Clear()
    {
        Round++;
        new Span<byte>(_memory.Address, Entries * sizeof(JumpEntry)).Clear();
        _generation = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
