using Kennel.Tracing.SystemCalls.Arguments;
using Kennel.Tracing.SystemCalls.Tables;
using static Kennel.Tracing.SystemCalls.Arguments.Plain;
using static Kennel.Tracing.SystemCalls.CallClass;

namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>Calls on memory, and System V shared memory, semaphores and messages.</summary>
internal static class MemoryCalls
{
    public static readonly CallShape[] All =
    [
        new(9, "mmap", Memory | Desc, Address, Size, Flags(MemoryNames.Protections), MemoryArgs.MapFlags, MemoryArgs.MapFd, Hex) { Result = ResultKind.Hex },
        new(10, "mprotect", Memory, Address, Size, Flags(MemoryNames.Protections)),
        new(11, "munmap", Memory, Address, Size),
        new(12, "brk", Memory, Address) { Result = ResultKind.Hex },
        new(25, "mremap", Memory, Address, Size, Size, Flags(MemoryNames.RemapFlags), MemoryArgs.RemapTarget) { Result = ResultKind.Hex },
        new(26, "msync", Memory, Address, Size, Flags(MemoryNames.SyncFlags)),
        new(27, "mincore", Memory, Address, Size, MemoryArgs.Residency),
        new(28, "madvise", Memory, Address, Size, Value(MemoryNames.Advice)),
        new(149, "mlock", Memory, Address, Size),
        new(150, "munlock", Memory, Address, Size),
        new(151, "mlockall", Memory, Flags(MemoryNames.LockAllFlags)),
        new(152, "munlockall", Memory),
        new(216, "remap_file_pages", Memory, Address, Size, Flags(MemoryNames.Protections), Size, MemoryArgs.MapFlags),
        new(237, "mbind", Memory, Address, Size, Hex32, Address, Size, Hex32),
        new(238, "set_mempolicy", Memory, Hex32, Address, Size),
        new(239, "get_mempolicy", Memory, OutInt, Address, Size, Address, Hex),
        new(256, "migrate_pages", Memory, Int, Size, Address, Address),
        new(279, "move_pages", Memory, Int, Size, Address, Address, Address, Hex32),
        new(310, "process_vm_readv", None, Int, FileStructs.OutVector, Size, FileStructs.Areas(4), Size, Size),
        new(311, "process_vm_writev", None, Int, FileStructs.InVector, Size, FileStructs.Areas(4), Size, Size),
        new(319, "memfd_create", Desc | Memory, Plain.String, Flags(FileNames.MemfdFlags)) { Result = ResultKind.Descriptor },
        new(323, "userfaultfd", Desc, Flags(FileNames.OpenFlags)) { Result = ResultKind.Descriptor },
        new(324, "membarrier", Memory, Value(MemoryNames.MembarrierCommands), Hex32),
        new(325, "mlock2", Memory, Address, Size, Flags(MemoryNames.LockFlags)),
        new(329, "pkey_mprotect", Memory, Address, Size, Flags(MemoryNames.Protections), Int),
        new(330, "pkey_alloc", None, Hex, Hex),
        new(331, "pkey_free", None, Int),
        new(440, "process_madvise", Desc | Memory, Fd, FileStructs.Areas(2), Size, Value(MemoryNames.Advice), Hex32),
        new(447, "memfd_secret", Desc, Flags(FileNames.MemfdFlags)) { Result = ResultKind.Descriptor },
        new(450, "set_mempolicy_home_node", Memory, Address, Size, Size, Hex),
        new(29, "shmget", Ipc, MemoryArgs.Key, Size, MemoryArgs.CreateFlags(MemoryNames.ShmGetFlags)),
        new(30, "shmat", Ipc | Memory, Int, Address, Flags(MemoryNames.ShmFlags)) { Result = ResultKind.Hex },
        new(31, "shmctl", Ipc, Int, Value(MemoryNames.ShmCommands), MemoryArgs.SharedMemoryBuffer),
        new(67, "shmdt", Ipc | Memory, Address),
        new(64, "semget", Ipc, MemoryArgs.Key, Int, MemoryArgs.CreateFlags(MemoryNames.IpcFlags)),
        new(65, "semop", Ipc, Int, MemoryArgs.SemaphoreOperations, UInt),
        new(66, "semctl", Ipc, Int, Int, Value(MemoryNames.SemCommands), MemoryArgs.SemaphoreArgument),
        new(220, "semtimedop", Ipc, Int, MemoryArgs.SemaphoreOperations, UInt, TimeStructs.InSpec),
        new(68, "msgget", Ipc, MemoryArgs.Key, MemoryArgs.CreateFlags(MemoryNames.IpcFlags)),
        new(69, "msgsnd", Ipc, Int, MemoryArgs.InMessage, Size, Flags(MemoryNames.MsgFlags)),
        new(70, "msgrcv", Ipc, Int, MemoryArgs.OutMessage, Size, Long, Flags(MemoryNames.MsgFlags)),
        new(71, "msgctl", Ipc, Int, Value(MemoryNames.MsgCommands), MemoryArgs.QueueBuffer),
    ];
}
