using System.Runtime.InteropServices;
using System.Text;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Namespaces;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>The machine as a whole: its names, memory, randomness; and what only a real machine's administrator may do.</summary>
public static class SystemSyscalls
{
    private const int NameLength = 65, LongestName = 64;

    /// <summary>The release that guests see: old enough for all that they may expect is there.</summary>
    public const string Release = "6.12.0-kennel";

    public const string Version = "#1 SMP PREEMPT_DYNAMIC";

    /// <summary>struct sysinfo.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct SystemInfo
    {
        public long Uptime;
        public fixed ulong Loads[3];
        public ulong TotalMemory, FreeMemory, SharedMemory, BufferMemory, TotalSwap, FreeSwap;
        public ushort Processes, Padding;
        public ulong TotalHigh, FreeHigh;
        public uint Unit;
        public uint End;
    }

    [Syscall(63, "uname")]
    public static SyscallResult Name(LinuxTask current, GuestAddress buffer)
    {
        const uint Uname26 = 0x0020000;
        UtsNamespace uts = current.Namespaces.Uts;
        string release = (current.Personality & Uname26) != 0 ? "2.6.72" : Release;
        string machine = (current.Personality & 0xff) == 8 ? "i686" : "x86_64";
        string[] fields = ["Linux", uts.NodeName, release, Version, machine, uts.DomainName];
        Span<byte> record = stackalloc byte[NameLength * fields.Length];
        record.Clear();
        for (int i = 0; i < fields.Length; i++) StringBytes.Write(Cut(fields[i]), record[(i * NameLength)..]);
        return current.Memory!.CopyOut(buffer.Value, record) ? 0 : Errno.EFAULT;
    }

    [Syscall(170, "sethostname")]
    public static SyscallResult SetHostName(LinuxTask current, GuestAddress name, int length)
    {
        Errno error = ReadName(current, name, length, out string text);
        if (error == Errno.None) current.Namespaces.Uts.NodeName = text;
        return error;
    }

    [Syscall(171, "setdomainname")]
    public static SyscallResult SetDomainName(LinuxTask current, GuestAddress name, int length)
    {
        Errno error = ReadName(current, name, length, out string text);
        if (error == Errno.None) current.Namespaces.Uts.DomainName = text;
        return error;
    }

    [Syscall(99, "sysinfo")]
    public static SyscallResult Info(LinuxTask current, UserPtr<SystemInfo> info)
    {
        FramePool frames = current.Kernel.Frames;
        var result = new SystemInfo
        {
            Uptime = (current.Kernel.Time.Monotonic + 999_999_999) / 1_000_000_000,
            TotalMemory = (ulong)frames.Limit * FramePool.FrameSize,
            FreeMemory = (ulong)(frames.Limit - frames.InUse) * FramePool.FrameSize,
            Processes = (ushort)Math.Min(current.Kernel.Tasks.Count, ushort.MaxValue),
            Unit = 1,
        };
        return info.TryWrite(current.Memory, result) ? 0 : Errno.EFAULT;
    }

    [Syscall(318, "getrandom")]
    public static ValueTask<SyscallResult> GetRandom(LinuxTask current, GuestAddress buffer, ulong length, uint flags)
    {
        const uint Known = 7, Random = 2, Insecure = 4;
        if ((flags & ~Known) != 0 || (flags & (Random | Insecure)) == (Random | Insecure)) return new(Errno.EINVAL);
        length = Math.Min(length, UserRange.TransferLimit);
        if (!UserRange.IsPossible(buffer.Value, length)) return new(Errno.EFAULT);
        return RandomBytes.ReadAsync(current, current.Io.Restart(current.Memory, buffer.Value, length));
    }

    [Syscall(135, "personality")]
    public static SyscallResult Personality(LinuxTask current, uint persona)
    {
        const uint Query = uint.MaxValue;
        uint old = current.Personality;
        if (persona != Query) current.Personality = persona;
        return (long)old;
    }

    /// <summary>The kernel's log (dmesg).</summary>
    /// <remarks>Linux: kernel/printk/printk.c, do_syslog.</remarks>
    [Syscall(103, "syslog")]
    public static SyscallResult Log(LinuxTask current, int type, GuestAddress buffer, int length)
    {
        const int Close = 0, Open = 1, Read = 2, ReadAll = 3, SizeUnread = 9, SizeBuffer = 10, BufferSize = 1 << 18;
        if (type is not (ReadAll or SizeBuffer) && !current.Credential.Has(Capability.Syslog)) return Errno.EPERM;
        switch (type)
        {
            case Close or Open:
                return 0;
            case Read or SizeUnread:
                return 0; // nothing new; readers do not sleep here
            case ReadAll:
                if (buffer.Value == 0 || length < 0) return Errno.EINVAL;
                byte[] text = Encoding.Latin1.GetBytes(string.Concat(current.Kernel.Log.Lines.Select(static l => $"<6>{l}\n")));
                ReadOnlySpan<byte> tail = text.AsSpan(Math.Max(0, text.Length - length));
                return current.Memory!.CopyOut(buffer.Value, tail) ? tail.Length : Errno.EFAULT;
            case SizeBuffer:
                return BufferSize;
            default:
                return type is >= 4 and <= 8 ? 0 : Errno.EINVAL;
        }
    }

    [Syscall(169, "reboot")]
    public static SyscallResult Reboot(LinuxTask current, uint magic1, uint magic2, uint command, GuestAddress argument) => Errno.EPERM;

    [Syscall(153, "vhangup")]
    public static SyscallResult HangUp(LinuxTask current) => current.Credential.Has(Capability.SysTtyConfig) ? 0 : Errno.EPERM;

    private static string Cut(string name) => name.Length > LongestName ? name[..LongestName] : name;

    private static Errno ReadName(LinuxTask current, GuestAddress name, int length, out string text)
    {
        text = "";
        if (!current.Credential.Has(Capability.SysAdmin)) return Errno.EPERM;
        if (length is < 0 or > LongestName) return Errno.EINVAL;
        Span<byte> bytes = stackalloc byte[length];
        if (!current.Memory!.CopyIn(name.Value, bytes)) return Errno.EFAULT;
        int end = bytes.IndexOf((byte)0);
        text = Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]);
        return Errno.None;
    }
}
