namespace Kennel.Tracing.SystemCalls.Tables;

/// <summary>Names of bits and values of calls on memory and System V objects. The order is that of strace's output.</summary>
internal static class MemoryNames
{
    public static readonly Xlat Protections = new("PROT_???",
        [(0x0, "PROT_NONE"), (0x1, "PROT_READ"), (0x2, "PROT_WRITE"), (0x4, "PROT_EXEC"), (0x8, "PROT_SEM"),
         (0x1000000, "PROT_GROWSDOWN"), (0x2000000, "PROT_GROWSUP")]);

    public static readonly Xlat MapTypes = new("MAP_???",
        [(0x0, "MAP_FILE"), (0x1, "MAP_SHARED"), (0x2, "MAP_PRIVATE"), (0x3, "MAP_SHARED_VALIDATE")]);

    public static readonly Xlat MapFlags = new("MAP_???",
        [(0x10, "MAP_FIXED"), (0x20, "MAP_ANONYMOUS"), (0x40, "MAP_32BIT"), (0x4000, "MAP_NORESERVE"), (0x8000, "MAP_POPULATE"),
         (0x10000, "MAP_NONBLOCK"), (0x100, "MAP_GROWSDOWN"), (0x800, "MAP_DENYWRITE"), (0x1000, "MAP_EXECUTABLE"),
         (0x2000, "MAP_LOCKED"), (0x20000, "MAP_STACK"), (0x40000, "MAP_HUGETLB"), (0x80000, "MAP_SYNC"),
         (0x100000, "MAP_FIXED_NOREPLACE")]);

    public static readonly Xlat RemapFlags = new("MREMAP_???",
        [(0x1, "MREMAP_MAYMOVE"), (0x2, "MREMAP_FIXED"), (0x4, "MREMAP_DONTUNMAP")]);

    public static readonly Xlat SyncFlags = new("MS_???",
        [(0x4, "MS_SYNC"), (0x1, "MS_ASYNC"), (0x2, "MS_INVALIDATE")]);

    public static readonly Xlat LockAllFlags = new("MCL_???",
        [(0x1, "MCL_CURRENT"), (0x2, "MCL_FUTURE"), (0x4, "MCL_ONFAULT")]);

    public static readonly Xlat LockFlags = new("MLOCK_???",
        [(0x1, "MLOCK_ONFAULT")]);

    public static readonly Xlat Advice = new("MADV_???",
        [(0x0, "MADV_NORMAL"), (0x1, "MADV_RANDOM"), (0x2, "MADV_SEQUENTIAL"), (0x3, "MADV_WILLNEED"), (0x4, "MADV_DONTNEED"),
         (0x8, "MADV_FREE"), (0x9, "MADV_REMOVE"), (0xa, "MADV_DONTFORK"), (0xb, "MADV_DOFORK"), (0x64, "MADV_HWPOISON"),
         (0xc, "MADV_MERGEABLE"), (0xd, "MADV_UNMERGEABLE"), (0xe, "MADV_HUGEPAGE"), (0xf, "MADV_NOHUGEPAGE"), (0x10, "MADV_DONTDUMP"),
         (0x11, "MADV_DODUMP"), (0x12, "MADV_WIPEONFORK"), (0x13, "MADV_KEEPONFORK"), (0x14, "MADV_COLD"), (0x15, "MADV_PAGEOUT"),
         (0x16, "MADV_POPULATE_READ"), (0x17, "MADV_POPULATE_WRITE"), (0x18, "MADV_DONTNEED_LOCKED"), (0x19, "MADV_COLLAPSE")]);

    public static readonly Xlat MembarrierCommands = new("MEMBARRIER_CMD_???",
        [(0x0, "MEMBARRIER_CMD_QUERY"), (0x1, "MEMBARRIER_CMD_GLOBAL"), (0x2, "MEMBARRIER_CMD_GLOBAL_EXPEDITED"),
         (0x4, "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED"), (0x8, "MEMBARRIER_CMD_PRIVATE_EXPEDITED"),
         (0x10, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED"), (0x20, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE"),
         (0x40, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE")]);

    public static readonly Xlat IpcFlags = new("IPC_???",
        [(0x200, "IPC_CREAT"), (0x400, "IPC_EXCL"), (0x800, "IPC_NOWAIT")]);

    public static readonly Xlat IpcCommands = new("IPC_???",
        [(0x0, "IPC_RMID"), (0x1, "IPC_SET"), (0x2, "IPC_STAT"), (0x3, "IPC_INFO")]);

    public static readonly Xlat ShmGetFlags = new("SHM_???",
        [(0x200, "IPC_CREAT"), (0x400, "IPC_EXCL"), (0x800, "SHM_HUGETLB"), (0x1000, "SHM_NORESERVE")]);

    public static readonly Xlat ShmFlags = new("SHM_???",
        [(0x1000, "SHM_RDONLY"), (0x2000, "SHM_RND"), (0x4000, "SHM_REMAP"), (0x8000, "SHM_EXEC")]);

    public static readonly Xlat ShmCommands = new("SHM_???",
        [(0x0, "IPC_RMID"), (0x1, "IPC_SET"), (0x2, "IPC_STAT"), (0x3, "IPC_INFO"), (0xd, "SHM_STAT"), (0xe, "SHM_INFO"),
         (0xb, "SHM_LOCK"), (0xc, "SHM_UNLOCK")]);

    public static readonly Xlat SemCommands = new("SEM_???",
        [(0xb, "GETPID"), (0xc, "GETVAL"), (0xd, "GETALL"), (0xe, "GETNCNT"), (0xf, "GETZCNT"), (0x10, "SETVAL"), (0x11, "SETALL"),
         (0x12, "SEM_STAT"), (0x13, "SEM_INFO"), (0x0, "IPC_RMID"), (0x1, "IPC_SET"), (0x2, "IPC_STAT"), (0x3, "IPC_INFO")]);

    public static readonly Xlat SemFlags = new("SEM_???",
        [(0x1000, "SEM_UNDO"), (0x800, "IPC_NOWAIT")]);

    public static readonly Xlat MsgCommands = new("MSG_???",
        [(0xb, "MSG_STAT"), (0xc, "MSG_INFO"), (0x0, "IPC_RMID"), (0x1, "IPC_SET"), (0x2, "IPC_STAT"), (0x3, "IPC_INFO")]);

    public static readonly Xlat MsgFlags = new("MSG_???",
        [(0x1000, "MSG_NOERROR"), (0x2000, "MSG_EXCEPT"), (0x800, "IPC_NOWAIT")]);
}
