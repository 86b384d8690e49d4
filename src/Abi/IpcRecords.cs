using System.Runtime.InteropServices;

namespace Kennel.Abi;

/// <summary>IPC_* flags of shmget, semget, msgget and the calls on their objects (man 2 shmget and so on).</summary>
[Flags]
public enum IpcFlags
{
    None = 0,
    PermissionMask = 0x1ff,
    IPC_CREAT = 0x200,
    IPC_EXCL = 0x400,
    IPC_NOWAIT = 0x800,

    // SysV shared memory. The numbers are used again by the other kinds.
    SHM_HUGETLB = 0x800,
    SHM_NORESERVE = 0x1000,
    SHM_RDONLY = 0x1000,
    SHM_RND = 0x2000,
    SHM_REMAP = 0x4000,
    SHM_EXEC = 0x8000,

    // semop.
    SEM_UNDO = 0x1000,

    // msgrcv.
    MSG_NOERROR = 0x1000,
    MSG_EXCEPT = 0x2000,
    MSG_COPY = 0x4000,
}

/// <summary>Commands that shmctl, semctl and msgctl have in common; 11 and up mean something else for each.</summary>
public enum IpcCommand
{
    IPC_RMID = 0,
    IPC_SET = 1,
    IPC_STAT = 2,
    IPC_INFO = 3,
}

/// <summary>struct ipc64_perm on x86-64.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IpcPermissionRecord
{
    public int Key;
    public uint Uid, Gid, CreatorUid, CreatorGid;
    public uint Mode;
    public ushort Sequence, Padding;
    public uint Padding2;
    public ulong Unused1, Unused2;
}

/// <summary>struct shmid64_ds.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SharedSegmentRecord
{
    public IpcPermissionRecord Permission;
    public ulong Size;
    public long AttachTime, DetachTime, ChangeTime;
    public int Creator, Last;
    public ulong Attached, Unused1, Unused2;
}

/// <summary>struct shminfo64.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SharedMemoryLimits
{
    public ulong Largest, Smallest, Segments, SegmentsPerProcess, Pages, Unused1, Unused2, Unused3, Unused4;
}

/// <summary>struct shm_info.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SharedMemoryUsage
{
    public int Segments, Padding;
    public ulong Pages, Resident, Swapped, SwapAttempts, SwapSuccesses;
}

/// <summary>struct semid64_ds on x86-64.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SemaphoreSetRecord
{
    public IpcPermissionRecord Permission;
    public long OperationTime;
    public ulong Unused1;
    public long ChangeTime;
    public ulong Unused2;
    public ulong Count, Unused3, Unused4;
}

/// <summary>struct seminfo.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SemaphoreLimits
{
    public int Map, Sets, Semaphores, Undos, PerSet, PerCall, UndosPerProcess, UndoSize, GreatestValue, GreatestAdjustment;
}

/// <summary>struct sembuf.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SemaphoreOperation
{
    public ushort Number;
    public short Change;
    public short Flags;
}

/// <summary>struct msqid64_ds.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MessageQueueRecord
{
    public IpcPermissionRecord Permission;
    public long SendTime, ReceiveTime, ChangeTime;
    public ulong Bytes, Messages, MostBytes;
    public int LastSender, LastReceiver;
    public ulong Unused1, Unused2;
}

/// <summary>struct msginfo.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MessageLimits
{
    public int Pool, Map, LargestMessage, MostBytes, Queues, SegmentSize, Messages;
    public ushort Segments, Padding;
}
