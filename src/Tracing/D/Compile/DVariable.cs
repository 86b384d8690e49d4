using Kennel.Tracing.D.Syntax;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Compile;

internal enum Storage
{
    Number,
    Text,

    /// <summary>A structure or array in the script's own memory; the slot is its address.</summary>
    Memory,

    /// <summary>An associative array.</summary>
    Table,
}

/// <summary>A variable of a script.</summary>
internal sealed record DVariable(string Name, Scope Scope, CType Type, IReadOnlyList<CType>? Keys, Storage Storage, long Slot)
{
    /// <summary>The array type of one that is kept as a table by its index.</summary>
    public CArray? Declared { get; init; }
}

/// <summary>How the slots of a program's variables are numbered.</summary>
internal sealed class VariableTable
{
    private readonly Dictionary<(Scope, string), DVariable> _variables = [];
    private readonly Dictionary<(Scope, Storage), int> _slots = [];
    private long _memory;

    public int Count(Scope scope, Storage storage) => _slots.GetValueOrDefault((scope, storage));

    /// <summary>Bytes of the script's own memory.</summary>
    public int MemorySize => (int)_memory;

    public DVariable? Find(Scope scope, string name) => _variables.GetValueOrDefault((scope, name));

    public DVariable Add(Scope scope, string name, CType type, IReadOnlyList<CType>? keys, CArray? declared = null)
    {
        Storage storage = keys != null ? Storage.Table : type.Resolved switch { CText => Storage.Text, CStruct or CArray => Storage.Memory, _ => Storage.Number };
        long slot;
        if (storage == Storage.Memory)
        {
            slot = Runtime.DMemory.DataBase + _memory;
            _memory += (type.Size + 15) & ~15;
            if (_memory > 64 << 20) throw new DCompileException("D_DECL_ARRSUB", 0, $"{name}: variable is too large");
        }
        else
        {
            slot = _slots.GetValueOrDefault((scope, storage));
            _slots[(scope, storage)] = (int)slot + 1;
        }
        return _variables[(scope, name)] = new DVariable(name, scope, type, keys, storage, slot) { Declared = declared };
    }
}
