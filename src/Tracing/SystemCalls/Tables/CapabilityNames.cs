namespace Kennel.Tracing.SystemCalls.Tables;

/// <summary>Capabilities (man 7 capabilities).</summary>
internal static class CapabilityNames
{
    private static readonly string[] All =
    [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE",
        "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN",
        "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE",
        "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ];

    public static string Name(ulong number) => number < (ulong)All.Length ? "CAP_" + All[number] : $"{Xlat.Hex(number)} /* CAP_??? */";

    /// <summary>A set, as the two halves that capget's data has.</summary>
    public static string Set(uint low, uint high)
    {
        ulong all = low | ((ulong)high << 32);
        if (all == 0) return "0";
        List<string> names = [.. Enumerable.Range(0, All.Length).Where(i => (all >> i & 1) != 0).Select(i => $"1<<CAP_{All[i]}")];
        ulong rest = all >> All.Length << All.Length;
        if (rest != 0) names.Add(Xlat.Hex(rest));
        return string.Join('|', names);
    }
}
