namespace Kennel.Cpu.Translator;

/// <summary>
/// The x87 instructions in code memory, by number: generated code notes which was the last, as the host's processor would note where
/// that is in the host's memory, if anything.
/// </summary>
/// <remarks>Guarded by the store's gate.</remarks>
internal sealed class X87Sites
{
    private readonly List<X87Site> _sites = [];

    public X87Site this[int n] => _sites[n];

    /// <summary>Answers the instruction's number.</summary>
    public int Add(in X87Site site)
    {
        _sites.Add(site);
        return _sites.Count - 1;
    }

    /// <summary>Writes all.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(_sites.Count);
        foreach (X87Site site in _sites)
        {
            writer.Write(site.Opcode);
            writer.Write(site.Rip);
        }
    }

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    public void Read(ref KeptReader reader)
    {
        for (int n = reader.Int32(); n > 0; n--) Add(new X87Site(reader.UInt16(), (ulong)reader.Int64()));
    }

    /// <summary>All code memory is begun anew.</summary>
    public void Clear() => _sites.Clear();
}

/// <summary>An x87 instruction in code memory.</summary>
/// <param name="Opcode">As the x87 notes it: three bits of its first byte, and the second.</param>
/// <param name="Rip">The guest instruction.</param>
internal readonly record struct X87Site(ushort Opcode, ulong Rip);
