using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>What argstr shows of bits, values and structures (man 3stap, tapset::aux_syscalls).</summary>
internal static class StructTexts
{
    [StapFunction("__value_str")]
    public static string Value(StapRuntime rt, string table, long value) => Table(table).Find((uint)value) ?? $"0x{(ulong)value:x}";

    [StapFunction("__flags_str")]
    public static string Flags(StapRuntime rt, string table, long value)
    {
        if (value == 0) return Table(table).Find(0) ?? "0x0";
        var text = new StringBuilder();
        ulong rest = Table(table).AppendFlags(text, (ulong)value);
        if (rest == 0) return text.ToString();
        return text.Length == 0 ? $"0x{rest:x}" : $"{text}|0x{rest:x}";
    }

    [StapFunction("__constant")]
    public static long Constant(StapRuntime rt, string table, string name) => (long?)Table(table).FindValue(name) ?? -1;

    private static Xlat Table(string name) => KernelConstants.FindTable(name) ?? throw new StapError($"no table {name}");

    [StapFunction("_struct_timespec_u")]
    public static string TimeSpecs(StapRuntime rt, long address, long count) => Times(rt, address, count, 9);

    [StapFunction("_struct_timeval_u")]
    public static string TimeValues(StapRuntime rt, long address, long count) => Times(rt, address, count, 6);

    [StapFunction("_struct_itimerval_u")]
    public static string TimerValue(StapRuntime rt, long address) => Pair(rt, address, 6);

    [StapFunction("_struct_itimerspec_u")]
    public static string TimerSpec(StapRuntime rt, long address) => Pair(rt, address, 9);

    [StapFunction("_struct_rlimit_u")]
    public static string Limits(StapRuntime rt, long address)
    {
        if (address == 0) return "NULL";
        return Numbers(rt, address, 2) is { } n ? $"[{Limit(n[0])},{Limit(n[1])}]" : $"0x{address:x}";
    }

    [StapFunction("_struct_utimbuf_u")]
    public static string FileTimes(StapRuntime rt, long address)
    {
        if (address == 0) return "NULL";
        return Numbers(rt, address, 2) is { } n ? $"[{Date(n[0])}, {Date(n[1])}]" : $"0x{address:x}";
    }

    [StapFunction("_stp_sigset_u")]
    public static string SignalSet(StapRuntime rt, long address)
    {
        if (address == 0) return "NULL";
        return Numbers(rt, address, 1) is { } n ? SignalSetText(rt, n[0]) : $"0x{address:x}";
    }

    [StapFunction("sigset_mask_str")]
    public static string SignalSetText(StapRuntime rt, long mask)
    {
        if (mask == 0) return "[EMPTY]";
        IEnumerable<string> names = Enumerable.Range(1, 64).Where(s => (mask >> (s - 1) & 1) != 0).Select(s => SyscallFunctions.SignalName(rt, s));
        return rt.Cut($"[{string.Join('|', names)}]");
    }

    [StapFunction("_struct_sigaction_u")]
    public static string SignalAction(StapRuntime rt, long address)
    {
        if (address == 0) return "NULL";
        if (Numbers(rt, address, 4) is not { } n) return $"0x{address:x}";
        string handler = n[0] switch { 0 => "SIG_DFL", 1 => "SIG_IGN", _ => $"0x{n[0]:x}" };
        if (n[0] is 0 or 1 && n[1] == 0 && n[3] == 0) return $"{{{handler}}}";
        return rt.Cut($"{{{handler}, {Flags(rt, "SignalNames.ActionFlags", n[1] & 0xffffffffL)}, 0x{n[2]:x}, {SignalSetText(rt, n[3])}}}");
    }

    [StapFunction("_struct_sockaddr_u")]
    public static string SocketAddress(StapRuntime rt, long address, long length)
    {
        if (address == 0) return "NULL";
        var bytes = new byte[Math.Clamp(length, 0, 128)];
        int got = bytes.Length < 2 ? 0 : rt.Task.ReadMemory((ulong)address, bytes);
        if (got < 2) return $"0x{address:x}";
        int family = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        switch (family)
        {
            case 0:
                return "{AF_UNSPEC}";
            case 1:
                string path = Encoding.Latin1.GetString(bytes, 2, got - 2);
                int end = path.IndexOf('\0', path.StartsWith('\0') ? 1 : 0);
                return rt.Cut($"{{AF_UNIX, {(end < 0 ? path : path[..end]).TrimStart('\0')}}}");
            case 2 when got >= 8:
                return $"{{AF_INET, {new IPAddress(bytes.AsSpan(4, 4))}, {BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(2))}}}";
            case 10 when got >= 24:
                return $"{{AF_INET6, {new IPAddress(bytes.AsSpan(8, 16))}, {BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(2))}}}";
            case 16 when got >= 12:
                return $"{{AF_NETLINK, pid={BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4))}, groups={BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)):x8}}}";
            default:
                return $"{{unknown address family ({family})}}";
        }
    }

    [StapFunction("__sockfamily_str")]
    public static string SocketFamily(StapRuntime rt, long family) =>
        family == 1 ? "PF_LOCAL" : SocketNames.Families.Find((ulong)family) is { } name ? "P" + name[1..] : $"UNKNOWN VALUE: {family}";

    [StapFunction("__socktype_str")]
    public static string SocketType(StapRuntime rt, long type)
    {
        string name = SocketNames.Types.Find((ulong)(type & 15)) ?? $"{type & 15}";
        return (type & ~15L) == 0 ? name : name + "|" + Flags(rt, "SocketNames.TypeFlags", type & ~15L);
    }

    [StapFunction("_mknod_mode_str"), StapFunction("_stat_mode_str")]
    public static string FileMode(StapRuntime rt, long mode)
    {
        string? kind = FileNames.FileTypes.Find((ulong)mode & 0xf000);
        string bits = "0" + Convert.ToString(mode & 0xfff, 8);
        return kind == null ? bits : $"{kind}|{bits}";
    }

    [StapFunction("_futex_op_str"), StapFunction("__futex_op_text")]
    public static string FutexOperation(StapRuntime rt, long operation)
    {
        string name = ProcessNames.FutexOperations.Find((ulong)(operation & 127)) ?? $"{operation & 127}";
        return (operation & 256) != 0 ? name + "|FUTEX_CLOCK_REALTIME" : (operation & 128) != 0 ? name + "|FUTEX_PRIVATE_FLAG" : name;
    }

    [StapFunction("_struct_pipefd_u")]
    public static string Descriptors(StapRuntime rt, long address)
    {
        if (address == 0) return "NULL";
        return Numbers(rt, address, 1) is { } n ? $"[{(int)n[0]}, {(int)(n[0] >> 32)}]" : $"0x{address:x}";
    }

    private static string Times(StapRuntime rt, long address, long count, int digits)
    {
        if (address == 0) return "NULL";
        if (Numbers(rt, address, (int)Math.Clamp(count, 1, 2) * 2) is not { } n) return $"0x{address:x}";
        var text = new StringBuilder();
        for (int i = 0; i < n.Length; i += 2) text.Append('[').Append(Time(n[i], n[i + 1], digits)).Append(']');
        return text.ToString();
    }

    private static string Pair(StapRuntime rt, long address, int digits)
    {
        if (address == 0) return "NULL";
        return Numbers(rt, address, 4) is { } n ? $"[{Time(n[0], n[1], digits)},{Time(n[2], n[3], digits)}]" : $"0x{address:x}";
    }

    private static string Time(long seconds, long rest, int digits)
    {
        if (digits == 9 && rest == 0x3fffffff) return "UTIME_NOW";
        if (digits == 9 && rest == 0x3ffffffe) return "UTIME_OMIT";
        return $"{seconds}.{rest.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0')}";
    }

    private static string Limit(long value) => value == -1 ? "RLIM_INFINITY" : ((ulong)value).ToString(CultureInfo.InvariantCulture);

    private static string Date(long seconds) => seconds is < 0 or > 253_402_300_799
        ? seconds.ToString(CultureInfo.InvariantCulture)
        : DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime.ToString("yyyy/MM/dd-HH:mm:ss", CultureInfo.InvariantCulture);

    private static long[]? Numbers(StapRuntime rt, long address, int count)
    {
        var bytes = new byte[count * 8];
        if (rt.Task.ReadMemory((ulong)address, bytes) != bytes.Length) return null;
        var result = new long[count];
        for (int i = 0; i < count; i++) result[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * 8));
        return result;
    }
}
