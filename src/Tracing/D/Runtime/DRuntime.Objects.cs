using Kennel.Probes;
using Kennel.Tracing.Aggregations;
using Kennel.Tracing.D.Output;

namespace Kennel.Tracing.D.Runtime;

/// <summary>Kernel objects and variables, and small helpers of compiled code.</summary>
internal sealed partial class DRuntime
{
    private CpuInfo[] _cpus = [];

    /// <summary>The task as the kernel's structures show it; the tracer itself is none of the kernel's, and shows the idle task.</summary>
    internal object KernelTask => Task is ConsumerTask ? Model.Idle : Task;

    internal string TextOfObject(object? item) => Cut(DMemory.TextOf(item, 0));

    /// <summary>A string's address: a copy in scratch space.</summary>
    internal long AddressOfText(string? text)
    {
        if (text == null) return 0;
        long address = Memory.Allocate(Math.Max(text.Length + 1, 1));
        System.Text.Encoding.Latin1.GetBytes(text, Memory.OwnBytes(address, text.Length + 1));
        return address;
    }

    internal long VariableNumber(KernelVariable variable) => Memory.NumberOf(variable.Read());

    internal object? VariableObject(KernelVariable variable) => variable.Read().Object;

    internal long VariableAddress(KernelVariable? variable, long value)
    {
        if (variable == null) return value;
        object? item = variable.Read().Object;
        return item != null ? NoteVariable((long)Model.AddressOf(item), variable.Name) : NoteVariable((long)Model.AddressOf(variable), variable.Name);
    }

    internal object CpuView
    {
        get
        {
            if (_cpus.Length == 0) _cpus = [.. Enumerable.Range(0, Math.Max(Target.Processors, 1)).Select(i => new CpuInfo(i))];
            return _cpus[Math.Clamp(Cpu, 0, _cpus.Length - 1)];
        }
    }

    internal string Directory(string which)
    {
        KernelStruct? user = Model.FindStruct("user_t"), process = Model.FindStruct("proc_t"), node = Model.FindStruct("vnode_t");
        object? area = Read(process, "p_user", Read(Model.FindStruct("kthread_t"), "t_procp", KernelTask));
        object? vnode = Read(user, which == "cwd" ? "u_cdir" : "u_rdir", area);
        return Read(node, "v_path", vnode) as string ?? "/";
    }

    private static object? Read(KernelStruct? type, string field, object? item) => item == null ? null : type?.Fields.FirstOrDefault(f => f.Name == field)?.Read(item)?.Object;

    internal static KeyedTable<KeyPart>.Entry? FindEntry(KeyedTable<KeyPart> table, KeyPart[] key) => table.Find(key.AsSpan());

    internal static long CharacterAt(string? text, long index)
    {
        string s = Solid(text);
        return index < 0 ? throw new DFault(DFaultCode.BadAddress, (ulong)index) : index < s.Length ? (sbyte)s[(int)index] : 0;
    }

    internal static string FormatInteger(FormatPart part, long width, long precision, long value, int size, bool isSigned) => ValueText.Integer(part, Width(width), (int)precision, value, size, isSigned);

    internal static string FormatString(FormatPart part, long width, long precision, string? text) => ValueText.Text(part, Width(width), (int)precision, Solid(text));
}

/// <summary>A processor, as cpuinfo_t shows it.</summary>
internal sealed record CpuInfo(int Id);
