using System.Reflection;
using Kennel.Abi;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.Stap.Binding;

/// <summary>Constants by the names that C headers give them, for @const, and tables of them by the names of their fields here.</summary>
internal static class KernelConstants
{
    private static readonly Type[] _homes = [typeof(FileNames), typeof(MemoryNames), typeof(ProcessNames), typeof(SignalNames), typeof(SocketNames), typeof(TimeNames), typeof(TerminalNames)];

    private static readonly Lazy<Dictionary<string, Xlat>> _tables = new(() => _homes
        .SelectMany(h => h.GetFields(BindingFlags.Public | BindingFlags.Static), (h, f) => (Name: h.Name + "." + f.Name, Table: f.GetValue(null) as Xlat))
        .Where(t => t.Table != null).ToDictionary(t => t.Name, t => t.Table!, StringComparer.Ordinal));

    /// <summary>FileNames.Whence and so on.</summary>
    public static Xlat? FindTable(string name) => _tables.Value.GetValueOrDefault(name);

    public static long? Find(string name)
    {
        long? known = name switch
        {
            "NULL" or "O_RDONLY" => 0,
            "PAGE_SIZE" => 4096,
            "PAGE_SHIFT" => 12,
            "HZ" => 100,
            "AT_FDCWD" => -100,
            "O_WRONLY" => 1,
            "O_RDWR" => 2,
            "INT_MAX" => int.MaxValue,
            "UINT_MAX" => uint.MaxValue,
            "LONG_MAX" => long.MaxValue,
            "TASK_COMM_LEN" => 16,
            "PATH_MAX" => 4096,
            "TASK_RUNNING" => 0,
            "TASK_INTERRUPTIBLE" => 1,
            "TASK_UNINTERRUPTIBLE" => 2,
            "PF_EXITING" => 4,
            "PF_KTHREAD" => 0x00200000,
            "MAX_ERRNO" => 4095,
            _ => null,
        };
        if (known != null) return known;
        if (Enum.TryParse(name, out Errno error)) return (long)error;
        if (Enum.TryParse(name, out Signal signal)) return (long)signal;
        if (name.StartsWith("PF_", StringComparison.Ordinal)) name = "A" + name[1..];
        foreach (Xlat table in _tables.Value.Values)
        {
            if (table.FindValue(name) is { } value) return (long)value;
        }
        return null;
    }
}
