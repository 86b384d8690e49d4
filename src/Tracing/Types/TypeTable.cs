using Kennel.Probes;

namespace Kennel.Tracing.Types;

/// <summary>The type names of a script: C's own, the usual typedef names, the kernel's structures, and what the script declares.</summary>
public sealed class TypeTable
{
    private readonly IKernelModel? _model;
    private readonly Dictionary<string, CType> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CType> _tags = new(StringComparer.Ordinal);
    private readonly Dictionary<CType, CPointer> _pointers = [];

    public TypeTable(IKernelModel? model = null)
    {
        _model = model;
        foreach ((string name, string type) in StandardNames) _names[name] = new CTypedef(name, TypeParser.Parse(type, this)!);
    }

    public CVoid Void { get; } = new();

    public CInteger Char { get; } = new("char", 1, true, true);

    public CInteger SignedChar { get; } = new("signed char", 1, true, true);

    public CInteger UnsignedChar { get; } = new("unsigned char", 1, false, true);

    public CInteger Short { get; } = new("short", 2, true);

    public CInteger UnsignedShort { get; } = new("unsigned short", 2, false);

    public CInteger Int { get; } = new("int", 4, true);

    public CInteger UnsignedInt { get; } = new("unsigned int", 4, false);

    public CInteger Long { get; } = new("long", 8, true);

    public CInteger UnsignedLong { get; } = new("unsigned long", 8, false);

    public CInteger LongLong { get; } = new("long long", 8, true);

    public CInteger UnsignedLongLong { get; } = new("unsigned long long", 8, false);

    public CInteger Bool { get; } = new("_Bool", 1, false);

    public CFloat Float { get; } = new("float", 4);

    public CFloat Double { get; } = new("double", 8);

    public CFloat LongDouble { get; } = new("long double", 16);

    /// <summary>The pointer to a type.</summary>
    public CPointer PointerTo(CType type)
    {
        if (!_pointers.TryGetValue(type, out CPointer? pointer)) _pointers[type] = pointer = new CPointer(type);
        return pointer;
    }

    /// <summary>A typedef name, or a structure of the kernel that goes by one.</summary>
    public CType? FindName(string name)
    {
        if (_names.TryGetValue(name, out CType? type)) return type;
        return _model?.FindStruct(name) is { IsTypedef: true } kernel ? _names[name] = FromKernel(kernel) : null;
    }

    /// <summary>Declares a typedef name.</summary>
    public void AddName(string name, CType type) => _names[name] = new CTypedef(name, type);

    /// <summary>Declares a name that stands for a type as it is.</summary>
    public void AddBuiltIn(string name, CType type) => _names[name] = type;

    /// <summary>A structure, union or enumeration by its tag; made, incomplete, when nobody knows it.</summary>
    /// <param name="keyword">struct, union or enum.</param>
    /// <param name="name">The tag.</param>
    public CType Tag(string keyword, string name)
    {
        if (_tags.TryGetValue(name, out CType? type)) return type;
        if (keyword == "enum") return _tags[name] = new CEnum(name);
        if (_model?.FindStruct(name) is not { } kernel) return _tags[name] = new CStruct(name, keyword == "union");
        return kernel.IsTypedef ? FindName(name)! : _tags[name] = FromKernel(kernel);
    }

    /// <summary>A tag that is known already.</summary>
    public CType? FindTag(string name)
    {
        if (_tags.TryGetValue(name, out CType? type)) return type;
        return _model?.FindStruct(name) != null ? Tag("struct", name) : null;
    }

    /// <summary>Adds a structure that lies over objects, beside or instead of one of the kernel's own.</summary>
    public void AddKernelStruct(KernelStruct descriptor)
    {
        CStruct type = FromKernel(descriptor);
        if (descriptor.IsTypedef) _names[descriptor.Name] = type;
        else _tags[descriptor.Name] = type;
    }

    /// <summary>Defines a tag anew, in place of an incomplete or kernel's one.</summary>
    public void SetTag(string name, CType type) => _tags[name] = type;

    private CStruct FromKernel(KernelStruct kernel)
    {
        var type = new CStruct(kernel.Name, false, kernel.IsTypedef) { Kernel = kernel };
        type.DefineLater(() => [.. kernel.Fields.Select(f => new CMemberDeclaration(f.Name, TypeParser.Parse(f.Type, this) ?? Long) { Kernel = f })]);
        return type;
    }

    // The names that <sys/types.h> and <stdint.h> give, Solaris' and Linux' kernels' own ones too.
    private static (string Name, string Type)[] StandardNames =>
    [
        ("int8_t", "signed char"), ("int16_t", "short"), ("int32_t", "int"), ("int64_t", "long"),
        ("uint8_t", "unsigned char"), ("uint16_t", "unsigned short"), ("uint32_t", "unsigned int"), ("uint64_t", "unsigned long"),
        ("intptr_t", "long"), ("uintptr_t", "unsigned long"), ("size_t", "unsigned long"), ("ssize_t", "long"), ("ptrdiff_t", "long"),
        ("uchar_t", "unsigned char"), ("ushort_t", "unsigned short"), ("uint_t", "unsigned int"), ("ulong_t", "unsigned long"),
        ("u_longlong_t", "unsigned long long"), ("longlong_t", "long long"), ("uint", "unsigned int"), ("ushort", "unsigned short"), ("ulong", "unsigned long"),
        ("u_char", "unsigned char"), ("u_short", "unsigned short"), ("u_int", "unsigned int"), ("u_long", "unsigned long"),
        ("u8", "unsigned char"), ("u16", "unsigned short"), ("u32", "unsigned int"), ("u64", "unsigned long long"),
        ("s8", "signed char"), ("s16", "short"), ("s32", "int"), ("s64", "long long"), ("bool", "_Bool"), ("boolean_t", "int"),
        ("__u8", "unsigned char"), ("__u16", "unsigned short"), ("__u32", "unsigned int"), ("__u64", "unsigned long long"),
        ("__s8", "signed char"), ("__s16", "short"), ("__s32", "int"), ("__s64", "long long"),
        ("pid_t", "int"), ("id_t", "int"), ("uid_t", "unsigned int"), ("gid_t", "unsigned int"), ("mode_t", "unsigned int"), ("zoneid_t", "int"),
        ("taskid_t", "int"), ("projid_t", "int"), ("poolid_t", "int"), ("ctid_t", "int"), ("lwpid_t", "int"), ("processorid_t", "int"), ("psetid_t", "int"),
        ("chipid_t", "int"), ("lgrp_id_t", "int"), ("dev_t", "unsigned long"), ("ino_t", "unsigned long"), ("nlink_t", "unsigned long"), ("off_t", "long"),
        ("loff_t", "long long"), ("off64_t", "long"), ("blkcnt_t", "long"), ("blksize_t", "long"), ("time_t", "long"), ("clock_t", "long"), ("clockid_t", "int"),
        ("hrtime_t", "long long"), ("kuid_t", "unsigned int"), ("kgid_t", "unsigned int"), ("key_t", "int"), ("socklen_t", "unsigned int"), ("sa_family_t", "unsigned short"),
        ("caddr_t", "char *"), ("daddr_t", "long"), ("pri_t", "short"), ("cputime_t", "unsigned long"), ("cpumask_t", "unsigned long"), ("sector_t", "unsigned long"),
        ("umode_t", "unsigned short"), ("fmode_t", "unsigned int"), ("gfp_t", "unsigned int"), ("pgoff_t", "unsigned long"), ("vm_fault_t", "unsigned int"),
        ("rlim_t", "unsigned long"), ("suseconds_t", "long"), ("useconds_t", "unsigned int"), ("sigset_t", "unsigned long"), ("fd_set", "long"), ("timer_t", "int"),
        ("__kernel_pid_t", "int"), ("__kernel_size_t", "unsigned long"), ("__user", "void"), ("ipaddr_t", "unsigned int"), ("in_addr_t", "unsigned int"), ("in6_addr_t", "struct in6_addr"), ("in_port_t", "unsigned short"), ("offset_t", "long long"), ("model_t", "unsigned int"),
    ];
}
