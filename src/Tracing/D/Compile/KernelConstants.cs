using Kennel.Abi;

namespace Kennel.Tracing.D.Compile;

/// <summary>The names for numbers that D's library files define: errors, signals, flags, states. Their values are Linux'.</summary>
internal static class KernelConstants
{
    /// <summary>The value of a name; null when it is none of these.</summary>
    public static long? Find(string name)
    {
        if (name.Length < 2 || !(char.IsAsciiLetterUpper(name[0]) || name[0] == '_')) return null;
        if (name[0] == 'E' && Enum.TryParse(name, out Errno error)) return Math.Abs((long)error);
        if (name.StartsWith("SIG", StringComparison.Ordinal) && Enum.TryParse(name, out Signal signal)) return (long)signal;
        foreach ((string known, long value) in Others)
        {
            if (known == name) return value;
        }
        return null;
    }

    private static ReadOnlySpan<(string, long)> Others => new (string, long)[]
    {
        ("NULL", 0), ("O_RDONLY", 0), ("O_WRONLY", 1), ("O_RDWR", 2), ("O_ACCMODE", 3), ("O_CREAT", 64), ("O_EXCL", 128), ("O_NOCTTY", 256),
        ("O_TRUNC", 512), ("O_APPEND", 1024), ("O_NONBLOCK", 2048), ("O_NDELAY", 2048), ("O_DSYNC", 4096), ("O_DIRECT", 16384), ("O_LARGEFILE", 32768),
        ("O_DIRECTORY", 65536), ("O_NOFOLLOW", 131072), ("O_CLOEXEC", 524288), ("O_SYNC", 1052672), ("O_RSYNC", 1052672),
        ("CLD_EXITED", 1), ("CLD_KILLED", 2), ("CLD_DUMPED", 3), ("CLD_TRAPPED", 4), ("CLD_STOPPED", 5), ("CLD_CONTINUED", 6),
        ("TS_FREE", 0), ("TS_SLEEP", 1), ("TS_RUN", 2), ("TS_ONPROC", 4), ("TS_ZOMB", 8), ("TS_STOPPED", 16), ("TS_WAIT", 32),
        ("SSLEEP", 1), ("SRUN", 2), ("SZOMB", 3), ("SSTOP", 4), ("SIDL", 5), ("SONPROC", 6), ("SWAIT", 7),
        ("SOBJ_NONE", 0), ("SOBJ_MUTEX", 1), ("SOBJ_RWLOCK", 2), ("SOBJ_CV", 3), ("SOBJ_SEMA", 4), ("SOBJ_USER", 5), ("SOBJ_USER_PI", 6), ("SOBJ_SHUTTLE", 7),
        ("PR_MODEL_ILP32", 1), ("PR_MODEL_LP64", 2), ("DATAMODEL_ILP32", 0x00100000), ("DATAMODEL_LP64", 0x00200000),
        ("F_INVAL", 0), ("F_PROT", 1), ("F_SOFTLOCK", 2), ("F_SOFTUNLOCK", 3), ("S_OTHER", 0), ("S_READ", 1), ("S_WRITE", 2), ("S_EXEC", 3), ("S_CREATE", 4), ("S_READ_NOCOW", 5),
        ("PR_STOPPED", 1), ("PR_ISTOP", 2), ("PR_DSTOP", 4), ("PR_STEP", 8), ("PR_ASLEEP", 16), ("PR_PCINVAL", 32), ("PR_ASLWP", 64), ("PR_AGENT", 128),
        ("PR_DETACH", 256), ("PR_DAEMON", 512), ("PR_IDLE", 1024), ("PR_ISSYS", 4096), ("PR_VFORKP", 8192), ("PR_ORPHAN", 16384),
        ("B_READ", 64), ("B_WRITE", 256), ("B_ASYNC", 4), ("B_PHYS", 32), ("B_BUSY", 1), ("B_DONE", 2), ("B_ERROR", 8),
        ("AF_UNIX", 1), ("AF_INET", 2), ("AF_INET6", 10), ("R_RAX", 0), ("R_RCX", 1), ("R_RDX", 2), ("R_RBX", 3), ("R_RSP", 4), ("R_RBP", 5), ("R_RSI", 6), ("R_RDI", 7),
        ("R_R8", 8), ("R_R9", 9), ("R_R10", 10), ("R_R11", 11), ("R_R12", 12), ("R_R13", 13), ("R_R14", 14), ("R_R15", 15), ("R_RIP", 16), ("R_RFL", 17), ("R_RFLAGS", 17),
        ("R_PC", 16), ("R_SP", 4), ("R_FP", 5), ("R_R0", 0), ("R_R1", 2), ("R_PS", 17), ("R_EAX", 0), ("R_ECX", 1), ("R_EDX", 2), ("R_EBX", 3), ("R_ESP", 4), ("R_EBP", 5), ("R_ESI", 6), ("R_EDI", 7), ("R_EIP", 16),
        ("DTRACEFLT_UNKNOWN", 0), ("DTRACEFLT_BADADDR", 1), ("DTRACEFLT_BADALIGN", 2), ("DTRACEFLT_ILLOP", 3), ("DTRACEFLT_DIVZERO", 4), ("DTRACEFLT_NOSCRATCH", 5),
        ("DTRACEFLT_KPRIV", 6), ("DTRACEFLT_UPRIV", 7), ("DTRACEFLT_TUPOFLOW", 8), ("DTRACEFLT_BADSTACK", 9),
        ("CPU_ON", 0), ("CPU_OFF", 1), ("VNON", 0), ("VREG", 1), ("VDIR", 2), ("VBLK", 3), ("VCHR", 4), ("VLNK", 5), ("VFIFO", 6), ("VDOOR", 7), ("VPROC", 8), ("VSOCK", 9),
        ("P_PID", 1), ("P_PGID", 2), ("P_ALL", 0), ("WNOHANG", 1), ("WUNTRACED", 2), ("WCONTINUED", 8), ("PROT_READ", 1), ("PROT_WRITE", 2), ("PROT_EXEC", 4),
    };
}
