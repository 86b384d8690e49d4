using System.Globalization;

namespace Kennel.Tracing.Types;

/// <summary>A C type, as scripts know it. LP64.</summary>
public abstract class CType
{
    /// <summary>sizeof; 0 for void, functions and incomplete types.</summary>
    public abstract int Size { get; }

    /// <summary>Its alignment in a structure.</summary>
    public virtual int Alignment => Math.Max(Size, 1);

    /// <summary>The type behind typedef names.</summary>
    public virtual CType Resolved => this;

    /// <summary>The declaration of something of this type: "int (*f)(void)" for f.</summary>
    public abstract string Declare(string declarator);

    public sealed override string ToString() => Declare("");

    /// <summary>Whether two types are the same one, typedef names looked through.</summary>
    public bool SameAs(CType other) => (Resolved, other.Resolved) switch
    {
        (CInteger a, CInteger b) => a.Size == b.Size && a.IsSigned == b.IsSigned,
        (CPointer a, CPointer b) => a.Target.SameAs(b.Target),
        (CArray a, CArray b) => a.Count == b.Count && a.Element.SameAs(b.Element),
        (CFunction a, CFunction b) => a.Result.SameAs(b.Result),
        (CFloat a, CFloat b) => a.Size == b.Size,
        (CVoid, CVoid) => true,
        (var a, var b) => ReferenceEquals(a, b),
    };

    private protected static string Join(string type, string declarator) => declarator.Length == 0 ? type : type + " " + declarator;
}

/// <summary>void.</summary>
public sealed class CVoid : CType
{
    public override int Size => 0;

    public override string Declare(string declarator) => Join("void", declarator);
}

/// <summary>An integer type: char, int, unsigned long long, _Bool.</summary>
public sealed class CInteger(string name, int size, bool isSigned, bool isCharacter = false) : CType
{
    public string Name { get; } = name;

    public override int Size { get; } = size;

    public bool IsSigned { get; } = isSigned;

    /// <summary>Whether an array of it is text.</summary>
    public bool IsCharacter { get; } = isCharacter;

    public override string Declare(string declarator) => Join(Name, declarator);

    /// <summary>A value cut to a width and extended again.</summary>
    public static long Fit(long value, int size, bool isSigned) => (size, isSigned) switch
    {
        (1, true) => (sbyte)value,
        (1, false) => (byte)value,
        (2, true) => (short)value,
        (2, false) => (ushort)value,
        (4, true) => (int)value,
        (4, false) => (uint)value,
        _ => value,
    };
}

/// <summary>A floating point type; scripts cannot compute with it.</summary>
public sealed class CFloat(string name, int size) : CType
{
    public string Name { get; } = name;

    public override int Size { get; } = size;

    public override string Declare(string declarator) => Join(Name, declarator);
}

/// <summary>A pointer.</summary>
public sealed class CPointer(CType target) : CType
{
    public CType Target { get; } = target;

    public override int Size => 8;

    public override string Declare(string declarator) =>
        Target is CArray or CFunction ? Target.Declare("(*" + declarator + ")") : Target.Declare("*" + declarator);
}

/// <summary>An array; a count of -1 leaves it open.</summary>
public sealed class CArray(CType element, int count) : CType
{
    public CType Element { get; } = element;

    public int Count { get; } = count;

    public override int Size => Count < 0 ? 0 : Count * Element.Size;

    public override int Alignment => Element.Alignment;

    /// <summary>Whether it is text.</summary>
    public bool IsText => Element.Resolved is CInteger { Size: 1 };

    public override string Declare(string declarator) =>
        Element.Declare(declarator + "[" + (Count < 0 ? "" : Count.ToString(CultureInfo.InvariantCulture)) + "]");
}

/// <summary>A function.</summary>
public sealed class CFunction(CType result, IReadOnlyList<CType> parameters, bool isVariadic) : CType
{
    public CType Result { get; } = result;

    public IReadOnlyList<CType> Parameters { get; } = parameters;

    public bool IsVariadic { get; } = isVariadic;

    public override int Size => 0;

    public override string Declare(string declarator)
    {
        string list = string.Join(", ", Parameters.Select(p => p.ToString()));
        if (IsVariadic) list += list.Length == 0 ? "..." : ", ...";
        return Result.Declare(declarator + "(" + (list.Length == 0 ? "void" : list) + ")");
    }
}

/// <summary>An enumeration; its values are ints.</summary>
public sealed class CEnum(string name) : CType
{
    public string Name { get; } = name;

    /// <summary>Its names and values; null before its definition.</summary>
    public IReadOnlyList<(string Name, long Value)>? Values { get; set; }

    public override int Size => 4;

    public override string Declare(string declarator) => Join(Name.Length == 0 ? "enum" : "enum " + Name, declarator);
}

/// <summary>A typedef name.</summary>
public sealed class CTypedef(string name, CType target) : CType
{
    public string Name { get; } = name;

    public CType Target { get; } = target;

    public override int Size => Target.Size;

    public override int Alignment => Target.Alignment;

    public override CType Resolved => Target.Resolved;

    public override string Declare(string declarator) => Join(Name, declarator);
}
