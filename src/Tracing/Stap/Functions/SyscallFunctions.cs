using System.Globalization;
using Kennel.Abi;
using Kennel.Probes;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>Names of what system calls take and give (man 3stap, tapset::errno, tapset::syscall_any).</summary>
internal static class SyscallFunctions
{
    [StapFunction("errno_str")]
    public static string ErrorName(StapRuntime rt, long error) => ErrorName(error);

    [StapFunction("return_str"), StapFunction("returnstr")]
    public static string ReturnText(StapRuntime rt, long format, long result)
    {
        if (result is < 0 and >= -4095) return $"{result} ({ErrorName(-result)})";
        return format switch
        {
            2 => $"0x{result:x}",
            3 => "0" + Convert.ToString(result, 8),
            _ => result.ToString(CultureInfo.InvariantCulture),
        };
    }

    [StapFunction("returnstr")]
    public static string ReturnText(StapRuntime rt, long format) => ReturnText(rt, format, rt.Event.Result);

    [StapFunction("syscall_name")]
    public static string CallName(StapRuntime rt, long number) => NameOf(rt, (int)number);

    [StapFunction("syscall_num")]
    public static long CallNumber(StapRuntime rt, string name) => rt.Model.Syscalls.FirstOrDefault(s => s.Name == name)?.Number ?? -1;

    [StapFunction("__syscall_number")]
    public static long CurrentNumber(StapRuntime rt) => rt.Event.Number;

    [StapFunction("__syscall_arguments")]
    public static string Arguments(StapRuntime rt)
    {
        SyscallShape? shape = rt.Model.Syscalls.FirstOrDefault(s => s.Number == rt.Event.Number);
        ulong[] raw = [rt.Event.A0, rt.Event.A1, rt.Event.A2, rt.Event.A3, rt.Event.A4, rt.Event.A5];
        return string.Join(", ", raw.Take(shape?.Parameters.Count ?? 6).Select(a => $"0x{a:x}"));
    }

    [StapFunction("signal_str"), StapFunction("_signal_name"), StapFunction("sa_signame")]
    public static string SignalName(StapRuntime rt, long signal) => SignalName((int)signal);

    [StapFunction("_open_flags_str"), StapFunction("_sys_open_flag_str")]
    public static string OpenFlagsText(StapRuntime rt, long flags) => Flags(flags & ~3L, (flags & 3) switch { 1 => "O_WRONLY", 2 => "O_RDWR", _ => "O_RDONLY" },
        (0x410000, "O_TMPFILE"), (0x101000, "O_SYNC"), (64, "O_CREAT"), (128, "O_EXCL"), (256, "O_NOCTTY"), (512, "O_TRUNC"), (1024, "O_APPEND"), (2048, "O_NONBLOCK"), (0x1000, "O_DSYNC"),
        (0x2000, "O_ASYNC"), (0x4000, "O_DIRECT"), (0x8000, "O_LARGEFILE"), (0x10000, "O_DIRECTORY"), (0x20000, "O_NOFOLLOW"), (0x40000, "O_NOATIME"), (0x80000, "O_CLOEXEC"), (0x200000, "O_PATH"));

    [StapFunction("_mprotect_prot_str")]
    public static string ProtectionText(StapRuntime rt, long prot) => prot == 0 ? "PROT_NONE" : Flags(prot, null, (1, "PROT_READ"), (2, "PROT_WRITE"), (4, "PROT_EXEC"), (0x01000000, "PROT_GROWSDOWN"));

    [StapFunction("_mmap_flags")]
    public static string MapFlagsText(StapRuntime rt, long flags) => Flags(flags & ~15L, (flags & 15) switch { 1 => "MAP_SHARED", 2 => "MAP_PRIVATE", 3 => "MAP_SHARED_VALIDATE", _ => null },
        (16, "MAP_FIXED"), (32, "MAP_ANONYMOUS"), (0x100, "MAP_GROWSDOWN"), (0x800, "MAP_DENYWRITE"), (0x1000, "MAP_EXECUTABLE"), (0x2000, "MAP_LOCKED"), (0x4000, "MAP_NORESERVE"),
        (0x8000, "MAP_POPULATE"), (0x10000, "MAP_NONBLOCK"), (0x20000, "MAP_STACK"), (0x40000, "MAP_HUGETLB"), (0x100000, "MAP_FIXED_NOREPLACE"));

    [StapFunction("_wait4_opt_str")]
    public static string WaitOptionsText(StapRuntime rt, long options) => options == 0 ? "0x0" : Flags(options, null,
        (1, "WNOHANG"), (2, "WUNTRACED"), (4, "WEXITED"), (8, "WCONTINUED"), (0x01000000, "WNOWAIT"), (0x20000000, "__WNOTHREAD"), (0x40000000, "__WALL"), (0x80000000, "__WCLONE"));

    [StapFunction("_fork_flags"), StapFunction("_clone_flags_str")]
    public static string CloneFlagsText(StapRuntime rt, long flags)
    {
        string? signal = (flags & 255) == 0 ? null : SignalName((int)(flags & 255));
        string text = Flags(flags & ~255L, null, [.. Enum.GetValues<CloneFlags>().Where(f => System.Numerics.BitOperations.PopCount((ulong)f) == 1 && (long)f > 255).Select(f => ((long)f, CloneName(f)))]);
        return signal == null ? text : text.Length == 0 || text == "0x0" ? signal : text + "|" + signal;
    }

    [StapFunction("_access_mode_str")]
    public static string AccessText(StapRuntime rt, long mode) => mode == 0 ? "F_OK" : Flags(mode, null, (4, "R_OK"), (2, "W_OK"), (1, "X_OK"));

    [StapFunction("_dfd_str")]
    public static string DirectoryText(StapRuntime rt, long descriptor) => (int)descriptor == -100 ? "AT_FDCWD" : ((int)descriptor).ToString(CultureInfo.InvariantCulture);

    [StapFunction("_at_flag_str")]
    public static string AtFlagsText(StapRuntime rt, long flags) => flags == 0 ? "0x0" : Flags(flags, null,
        (0x100, "AT_SYMLINK_NOFOLLOW"), (0x200, "AT_REMOVEDIR"), (0x400, "AT_SYMLINK_FOLLOW"), (0x800, "AT_NO_AUTOMOUNT"), (0x1000, "AT_EMPTY_PATH"));

    [StapFunction("_seek_whence_str")]
    public static string WhenceText(StapRuntime rt, long whence) => whence switch { 0 => "SEEK_SET", 1 => "SEEK_CUR", 2 => "SEEK_END", 3 => "SEEK_DATA", 4 => "SEEK_HOLE", _ => $"0x{whence:x}" };

    [StapFunction("_sighow_str")]
    public static string MaskHowText(StapRuntime rt, long how) => how switch { 0 => "SIG_BLOCK", 1 => "SIG_UNBLOCK", 2 => "SIG_SETMASK", _ => $"0x{how:x}" };

    [StapFunction("__argv")]
    public static string ArgumentVector(StapRuntime rt, long address, long first) => Vector(rt, address, (int)first, quoted: false);

    [StapFunction("__argv_quoted")]
    public static string ArgumentVectorQuoted(StapRuntime rt, long address, long first) => Vector(rt, address, (int)first, quoted: true);

    internal static string NameOf(StapRuntime rt, int number) => rt.SyscallNames.GetValueOrDefault(number) ?? number.ToString(CultureInfo.InvariantCulture);

    private static string ErrorName(long error) => error switch
    {
        512 => "ERESTARTSYS",
        513 => "ERESTARTNOINTR",
        514 => "ERESTARTNOHAND",
        516 => "ERESTART_RESTARTBLOCK",
        _ when error > 0 && Enum.IsDefined((Errno)(int)error) => ((Errno)(int)error).ToString(),
        _ => error.ToString(CultureInfo.InvariantCulture),
    };

    private static string SignalName(int signal) => signal is > 0 and < 32 && Enum.IsDefined((Signal)signal) ? ((Signal)signal).ToString()
        : signal is >= 32 and <= 64 ? signal == 32 ? "SIGRTMIN" : $"SIGRTMIN+{signal - 32}" : $"UNKNOWN({signal})";

    private static string CloneName(CloneFlags flag)
    {
        string name = flag.ToString();
        return name.StartsWith("CLONE_", StringComparison.Ordinal) ? name : "CLONE_" + name.ToUpperInvariant();
    }

    private static string Flags(long flags, string? first, params ReadOnlySpan<(long Bit, string Name)> names)
    {
        var result = new List<string>();
        if (first != null) result.Add(first);
        foreach ((long bit, string name) in names)
        {
            if ((flags & bit) != bit) continue;
            result.Add(name);
            flags &= ~bit;
        }
        if (flags != 0 || result.Count == 0) result.Add($"0x{flags:x}");
        return string.Join('|', result);
    }

    private static string Vector(StapRuntime rt, long address, int first, bool quoted)
    {
        var words = new List<string>();
        Span<byte> pointer = stackalloc byte[8];
        for (int i = first; i < first + 256; i++)
        {
            if (address == 0 || rt.Task.ReadMemory((ulong)(address + 8 * i), pointer) != 8) break;
            ulong at = BitConverter.ToUInt64(pointer);
            if (at == 0) break;
            string text = rt.ReadUserText(at, rt.MaximumText) ?? $"0x{at:x}";
            words.Add(quoted ? StapStrings.Quote(text, rt.MaximumText) : text);
        }
        return rt.Cut(string.Join(quoted ? ", " : " ", words));
    }
}
