using System.Globalization;
using Kennel.Probes;

namespace Kennel.Tracing.Stap.Binding;

/// <summary>A C type, as the kernel's model and casts name it.</summary>
/// <param name="Name">Without struct, const and stars.</param>
/// <param name="Pointers">How many stars.</param>
/// <param name="Length">An array's elements; -1 for none.</param>
internal sealed record StapCType(string Name, int Pointers, int Length)
{
    public static StapCType Parse(string text)
    {
        int length = -1;
        int bracket = text.IndexOf('[');
        string rest = text;
        if (bracket >= 0)
        {
            int end = text.IndexOf(']', bracket);
            string digits = end < 0 ? "" : text[(bracket + 1)..end].Trim();
            length = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0;
            rest = text[..bracket];
        }
        int pointers = rest.Count(c => c == '*') + (text.Contains("(*)", StringComparison.Ordinal) && bracket < 0 ? 1 : 0);
        string[] words = [.. rest.Replace("*", " ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(w => w is not ("struct" or "union" or "enum" or "const" or "volatile" or "restrict" or "__user" or "__rcu" or "__kernel"))];
        return new StapCType(string.Join(' ', words), pointers, length);
    }

    public bool IsPointer => Pointers > 0 && Length < 0;

    public bool IsArray => Length >= 0;

    public bool IsText => Pointers + (IsArray ? 1 : 0) == 1 && Name is "char" or "unsigned char" or "signed char";

    /// <summary>What an element of the array, or the pointer's target, is.</summary>
    public StapCType Element => IsArray ? this with { Length = -1 } : this with { Pointers = Math.Max(0, Pointers - 1) };

    public bool IsUnsigned => Pointers > 0 || Name.StartsWith('u') || Name is "size_t" or "bool" or "_Bool" or "mode_t" or "dev_t";

    /// <summary>Bytes of a plain type; 0 for structures.</summary>
    public int PlainSize => Pointers > 0 ? 8 : Name switch
    {
        "char" or "unsigned char" or "signed char" or "bool" or "_Bool" or "u8" or "s8" or "int8_t" or "uint8_t" or "uchar_t" => 1,
        "short" or "unsigned short" or "short int" or "unsigned short int" or "u16" or "s16" or "int16_t" or "uint16_t" or "ushort_t" => 2,
        "int" or "unsigned" or "unsigned int" or "u32" or "s32" or "int32_t" or "uint32_t" or "uint_t" or "pid_t" or "uid_t" or "gid_t" or "id_t"
            or "mode_t" or "umode_t" or "fmode_t" or "tid_t" or "socklen_t" or "float" => 4,
        "void" => 1,
        "long" or "unsigned long" or "long int" or "unsigned long int" or "long long" or "unsigned long long" or "u64" or "s64" or "int64_t" or "uint64_t"
            or "size_t" or "ssize_t" or "loff_t" or "off_t" or "ulong_t" or "hrtime_t" or "clock_t" or "time_t" or "cputime_t" or "dev_t" or "ino_t"
            or "uintptr_t" or "intptr_t" or "double" => 8,
        _ => 0,
    };
}

/// <summary>Where the fields of structures lie, by C's rules.</summary>
internal sealed class StapLayouts(IKernelModel model)
{
    private readonly Dictionary<KernelStruct, (int Size, int Alignment, Dictionary<string, int> Offsets)> _known = [];

    private readonly Dictionary<string, KernelStruct?> _added = new(StringComparer.Ordinal);

    public KernelStruct? Find(StapCType type) => _added.GetValueOrDefault(type.Name) ?? model.FindStruct(type.Name);

    /// <summary>Whether a structure of a program was added, or will be.</summary>
    public bool IsKnown(string name) => _added.ContainsKey(name);

    /// <summary>Says that a structure will be added: it may point to itself.</summary>
    public void Promise(string name) => _added[name] = null;

    /// <summary>Adds a structure whose fields lie where its compiler put them.</summary>
    public void Add(string name, KernelStruct structure, int size, Dictionary<string, int> offsets)
    {
        _added[name] = structure;
        _known[structure] = (size, 8, offsets);
    }

    public int SizeOf(StapCType type)
    {
        int element = type.PlainSize > 0 ? type.PlainSize : Find(type) is { } known ? Of(known).Size : 8;
        return type.IsArray ? element * type.Length : element;
    }

    public int OffsetOf(KernelStruct type, string field) => Of(type).Offsets[field];

    private (int Size, int Alignment, Dictionary<string, int> Offsets) Of(KernelStruct type)
    {
        if (_known.TryGetValue(type, out var known)) return known;
        _known[type] = (8, 8, type.Fields.DistinctBy(f => f.Name).ToDictionary(f => f.Name, _ => 0)); // against structures that hold themselves
        int at = 0;
        int widest = 1;
        var offsets = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (KernelField field in type.Fields)
        {
            StapCType fieldType = StapCType.Parse(field.Type);
            int alignment = fieldType.PlainSize > 0 ? fieldType.PlainSize : Find(fieldType) is { } inner ? Of(inner).Alignment : 8;
            at = (at + alignment - 1) / alignment * alignment;
            offsets[field.Name] = at;
            at += SizeOf(fieldType);
            widest = Math.Max(widest, alignment);
        }
        return _known[type] = (Math.Max(1, (at + widest - 1) / widest * widest), widest, offsets);
    }
}

/// <summary>A step of a bound walk: into a field, or to an element.</summary>
/// <param name="Field">The field; null for an index.</param>
/// <param name="Offset">The field's offset, or an element's size.</param>
/// <param name="Type">The type that comes out.</param>
/// <param name="FromPointer">Whether it goes through a pointer.</param>
internal sealed record BoundStep(KernelField? Field, int Offset, StapCType Type, bool FromPointer);

/// <summary>How a $variable, @cast or @var is read.</summary>
internal sealed class TargetAccess
{
    /// <summary>The event's variable; null for casts and kernel variables.</summary>
    public TargetVariable? Variable { get; init; }

    public KernelVariable? Global { get; init; }

    public required StapCType RootType { get; init; }

    public IReadOnlyList<BoundStep> Steps { get; init; } = [];

    /// <summary>The type at the end.</summary>
    public required StapCType Type { get; init; }

    /// <summary>1 or 2: as text, by so many $.</summary>
    public int Pretty { get; init; }

    /// <summary>$$parms and its kin: the variables to show.</summary>
    public IReadOnlyList<TargetVariable>? Listed { get; init; }

    /// <summary>$$name: known beforehand.</summary>
    public string? Text { get; init; }

    public bool IsText => Pretty > 0 || Listed != null;

    public string? PointsTo => IsText ? null : Type.IsPointer && Type.Pointers == 1 || Type.Pointers == 0 && Type.PlainSize == 0 ? Type.Name : null;
}
