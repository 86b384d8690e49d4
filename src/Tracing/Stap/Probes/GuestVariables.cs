using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;

namespace Kennel.Tracing.Stap.Probes;

/// <summary>
/// $parameters and $return of functions of guest programs that were compiled with -g: names and types by their debugging information, values as
/// System V's ABI for x86-64 passes them. At a function's first instruction they are there, whatever the optimizer does with them later.
/// </summary>
internal sealed class GuestVariables(ITraceTarget target, StapLayouts layouts)
{
    // RDI RSI RDX RCX R8 R9, as ITracedTask numbers them.
    private static readonly int[] _registers = [7, 6, 2, 1, 8, 9];

    private readonly Dictionary<string, DwarfInfo> _files = new(StringComparer.Ordinal);

    public IReadOnlyList<TargetVariable> Of(string path, string function, bool isReturn)
    {
        if (!_files.TryGetValue(path, out DwarfInfo? info)) _files[path] = info = DwarfInfo.Read(name => target.SectionOf(path, name));
        if (!info.Functions.TryGetValue(function, out DwarfEntry? entry)) return isReturn ? [new TargetVariable("return", "long", TargetOrigin.Register, 0)] : [];
        var result = new List<TargetVariable>();
        AddParameters(info, path, entry, result);
        if (isReturn && entry.Type != 0 && IsWord(info, entry.Type)) result.Add(new TargetVariable("return", TypeText(info, path, entry.Type, 0), TargetOrigin.Register, 0));
        return result;
    }

    private void AddParameters(DwarfInfo info, string path, DwarfEntry function, List<TargetVariable> result)
    {
        int words = 0;
        foreach (DwarfEntry parameter in function.Children.Where(c => c.Tag == DwarfInfo.FormalParameter))
        {
            if (IsFloat(info, parameter.Type)) continue; // in a vector register, and takes no other's place
            if (!IsWord(info, parameter.Type)) return; // a structure: what follows may be anywhere
            string type = TypeText(info, path, parameter.Type, 0);
            if (parameter.Name.Length > 0)
                result.Add(words < _registers.Length ? new TargetVariable(parameter.Name, type, TargetOrigin.Register, _registers[words]) : new TargetVariable(parameter.Name, type, TargetOrigin.Stack, words - _registers.Length));
            words++;
        }
    }

    private static DwarfEntry? Resolved(DwarfInfo info, long type)
    {
        DwarfEntry? entry = info.Types.GetValueOrDefault(type);
        for (int i = 0; i < 32 && entry is { Tag: not (DwarfInfo.BaseType or DwarfInfo.PointerType or DwarfInfo.StructureType or DwarfInfo.UnionType or DwarfInfo.EnumerationType or DwarfInfo.ArrayType or 0x10 or 0x42) }; i++)
            entry = entry.Type == 0 ? null : info.Types.GetValueOrDefault(entry.Type);
        return entry;
    }

    private static bool IsFloat(DwarfInfo info, long type) => Resolved(info, type) is { Tag: DwarfInfo.BaseType, Encoding: 4, Size: <= 8 };

    private static bool IsWord(DwarfInfo info, long type) => Resolved(info, type) is { } entry
        && (entry.Tag is DwarfInfo.PointerType or DwarfInfo.EnumerationType or 0x10 or 0x42 || entry is { Tag: DwarfInfo.BaseType, Size: <= 8 } && entry.Encoding != 4);

    private string TypeText(DwarfInfo info, string path, long type, int depth)
    {
        if (depth > 16 || Resolved(info, type) is not { } entry) return "void";
        switch (entry.Tag)
        {
            case DwarfInfo.PointerType or 0x10 or 0x42:
                return TypeText(info, path, entry.Type, depth + 1) + " *";
            case DwarfInfo.EnumerationType:
                return entry.Size == 8 ? "long" : "int";
            case DwarfInfo.ArrayType:
                return $"{TypeText(info, path, entry.Type, depth + 1)}[{entry.Children.Aggregate(1L, static (n, c) => n * Math.Max(c.Size, 0))}]";
            case DwarfInfo.StructureType or DwarfInfo.UnionType:
                return StructureText(info, path, entry, depth);
            default:
                return BaseText(entry);
        }
    }

    // A base type by its size and sign, but char, which is text behind a pointer.
    private static string BaseText(DwarfEntry entry) => (entry.Size, entry.Encoding) switch
    {
        (1, 6 or 8) => entry.Name.Contains("unsigned", StringComparison.Ordinal) ? "unsigned char" : "char",
        (1, 2) => "bool",
        (1, _) => "char",
        (2, 7 or 8) => "unsigned short",
        (2, _) => "short",
        (4, 7 or 8) => "unsigned int",
        (4, 4) => "float",
        (4, _) => "int",
        (8, 7) => "unsigned long",
        (8, 4) => "double",
        _ => "long",
    };

    // The program's structures are other than the kernel's of the same name.
    private string StructureText(DwarfInfo info, string path, DwarfEntry entry, int depth)
    {
        string name = entry.Name.Length > 0 ? entry.Name : $"anonymous{System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(entry)}";
        string whole = $"{name}@{path}";
        if (layouts.IsKnown(whole)) return "struct " + whole;
        layouts.Promise(whole);
        var fields = new List<KernelField>();
        var offsets = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (DwarfEntry member in entry.Children.Where(c => c is { Tag: DwarfInfo.Member, Name.Length: > 0 }))
        {
            fields.Add(new KernelField(member.Name, TypeText(info, path, member.Type, depth + 1), static _ => null));
            offsets[member.Name] = (int)member.Offset;
        }
        layouts.Add(whole, new KernelStruct(name, false, "guest", fields), (int)Math.Max(1, entry.Size), offsets);
        return "struct " + whole;
    }
}
