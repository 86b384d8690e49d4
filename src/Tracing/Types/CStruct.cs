using Kennel.Probes;

namespace Kennel.Tracing.Types;

/// <summary>A structure or union, laid out by C's rules.</summary>
/// <param name="name">Its tag or, for the kernel's typedef names, that name; empty for none.</param>
/// <param name="isUnion">Whether it is a union.</param>
/// <param name="isTypedefName">Whether it is named without "struct".</param>
public sealed class CStruct(string name, bool isUnion, bool isTypedefName = false) : CType
{
    private IReadOnlyList<CMember>? _members;
    private Func<IReadOnlyList<CMemberDeclaration>>? _complete;
    private int _size, _alignment = 1;

    public string Name { get; } = name;

    public bool IsUnion { get; } = isUnion;

    /// <summary>The kernel's descriptor that it was made from.</summary>
    public KernelStruct? Kernel { get; init; }

    /// <summary>Whether its members are known.</summary>
    public bool IsComplete => _members != null || _complete != null;

    /// <summary>Its members, in order; none when incomplete.</summary>
    public IReadOnlyList<CMember> Members
    {
        get
        {
            if (_members == null && _complete is { } complete)
            {
                _complete = null;
                Define(complete());
            }
            return _members ?? [];
        }
    }

    public override int Size
    {
        get
        {
            _ = Members;
            return _size;
        }
    }

    public override int Alignment
    {
        get
        {
            _ = Members;
            return _alignment;
        }
    }

    /// <summary>A member by its name, those of unnamed inner structures too.</summary>
    public CMember? Find(string member)
    {
        foreach (CMember m in Members)
        {
            if (m.Name == member) return m;
            if (m.Name.Length == 0 && m.Type.Resolved is CStruct inner && inner.Find(member) is { } found) return found with { Offset = m.Offset + found.Offset };
        }
        return null;
    }

    /// <summary>Lays out its members at their first use.</summary>
    public void DefineLater(Func<IReadOnlyList<CMemberDeclaration>> members) => _complete = members;

    /// <summary>Lays out its members.</summary>
    public void Define(IReadOnlyList<CMemberDeclaration> members)
    {
        var result = new List<CMember>(members.Count);
        long bits = 0, largest = 0;
        foreach (CMemberDeclaration m in members)
        {
            if (IsUnion) bits = 0;
            int alignment = Math.Max(m.Type.Alignment, 1), unit = m.Type.Size * 8;
            if (m.BitWidth < 0) bits = Align(bits, alignment * 8);
            else if (m.BitWidth == 0) bits = Align(bits, unit);
            else if (bits / unit != (bits + m.BitWidth - 1) / unit) bits = Align(bits, unit);
            if (m.BitWidth != 0)
            {
                long start = m.BitWidth < 0 ? bits : bits / unit * unit;
                result.Add(new CMember(m.Name, m.Type, (int)(start / 8), m.BitWidth < 0 ? 0 : (int)(bits - start), Math.Max(m.BitWidth, 0)) { Kernel = m.Kernel });
                _alignment = Math.Max(_alignment, alignment);
            }
            bits += m.BitWidth < 0 ? m.Type.Size * 8L : m.BitWidth;
            largest = Math.Max(largest, bits);
        }
        _members = result;
        _size = (int)(Align(largest, _alignment * 8) / 8);
    }

    public override string Declare(string declarator) =>
        Join(isTypedefName ? Name : (IsUnion ? "union" : "struct") + (Name.Length == 0 ? "" : " " + Name), declarator);

    private static long Align(long value, long unit) => (value + unit - 1) / unit * unit;
}

/// <summary>A member before its layout. A bit width of -1: no bit-field.</summary>
public sealed record CMemberDeclaration(string Name, CType Type, int BitWidth = -1)
{
    /// <summary>How the kernel reads it.</summary>
    public KernelField? Kernel { get; init; }
}

/// <summary>A member: where it lies. A bit width of 0: no bit-field.</summary>
public sealed record CMember(string Name, CType Type, int Offset, int BitOffset, int BitWidth)
{
    /// <summary>How the kernel reads it.</summary>
    public KernelField? Kernel { get; init; }
}
