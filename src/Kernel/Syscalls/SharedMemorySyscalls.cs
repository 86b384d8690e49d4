using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Ipc;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>System V shared memory (man 2 shmget, shmat, shmctl).</summary>
public static class SharedMemorySyscalls
{
    private const ulong Largest = ulong.MaxValue - (1UL << 24); // SHMMAX and SHMALL by default

    private const int Lock = 11, Unlock = 12, StatIndex = 13, Usage = 14, StatAny = 15; // SHM_LOCK and so on

    [Syscall(29, "shmget")]
    public static SyscallResult Get(LinuxTask current, int key, ulong size, IpcFlags flags)
    {
        IpcNamespace ipc = current.Kernel.Ipc;
        Errno e = ipc.SharedSegments.Get(current, key, flags, s => s.Size < size ? Errno.EINVAL : Errno.None, Make, out int id);
        return e != Errno.None ? e : id;

        (Errno, SharedSegment?) Make()
        {
            if (size is 0 or > Largest) return (Errno.EINVAL, null);
            if ((flags & IpcFlags.SHM_HUGETLB) != 0) return (Errno.ENOMEM, null); // the pool of huge pages is empty
            bool counted = (flags & IpcFlags.SHM_NORESERVE) == 0;
            if (size > AddressSpace.Top || (counted && (long)(size >> FramePool.FrameShift) > current.Kernel.Frames.Limit)) return (Errno.ENOMEM, null);
            return (Errno.None, new SharedSegment(current, ipc, key, (uint)flags, size));
        }
    }

    [Syscall(30, "shmat")]
    public static SyscallResult Attach(LinuxTask current, int id, GuestAddress address, IpcFlags flags)
    {
        Errno e = current.Kernel.Ipc.SharedSegments.Find(id, out SharedSegment? segment);
        ulong result = 0;
        if (e == Errno.None) e = segment!.Attach(current, address.Value, flags, out result);
        return e != Errno.None ? e : (long)result;
    }

    [Syscall(67, "shmdt")]
    public static SyscallResult Detach(LinuxTask current, GuestAddress address) => SharedSegment.Detach(current, current.Kernel.Ipc, address.Value);

    [Syscall(31, "shmctl")]
    public static SyscallResult Control(LinuxTask current, int id, int command, GuestAddress buffer)
    {
        if (id < 0 || command < 0) return Errno.EINVAL;
        IpcTable<SharedSegment> table = current.Kernel.Ipc.SharedSegments;
        switch (command)
        {
            case (int)IpcCommand.IPC_INFO: return WriteLimits(current, buffer.Value);
            case Usage: return WriteUsage(current, buffer.Value);
        }
        bool byIndex = command is StatIndex or StatAny;
        Errno e = byIndex ? table.FindAt(id, out SharedSegment? segment) : table.Find(id, out segment);
        if (e != Errno.None) return e;
        switch (command)
        {
            case (int)IpcCommand.IPC_STAT or StatIndex or StatAny:
                if (command != StatAny && (e = segment!.Check(current.Credential, 0x124)) != Errno.None) return e;
                if (!new UserPtr<SharedSegmentRecord>(buffer.Value).TryWrite(current.Memory, segment!.Describe(current))) return Errno.EFAULT;
                return byIndex ? segment.Id : 0;
            case (int)IpcCommand.IPC_SET:
                if (!new UserPtr<SharedSegmentRecord>(buffer.Value).TryRead(current.Memory, out SharedSegmentRecord to)) return Errno.EFAULT;
                if ((e = segment!.CheckOwner(current.Credential)) == Errno.None) segment.Change(to.Permission);
                return e;
            case (int)IpcCommand.IPC_RMID:
                if ((e = segment!.CheckOwner(current.Credential)) == Errno.None) segment.Remove();
                return e;
            case Lock or Unlock:
                uint uid = current.Credential.EffectiveUid;
                bool mayLock = current.Credential.Has(Capability.IpcLock)
                    || ((uid == segment!.Uid || uid == segment.CreatorUid) && current.Group.Limits.Soft(Resource.LockedMemory) != 0);
                if (!mayLock) return Errno.EPERM;
                segment!.SetLocked(command == Lock);
                return 0;
            default:
                return Errno.EINVAL;
        }
    }

    private static SyscallResult WriteLimits(LinuxTask current, ulong buffer)
    {
        var limits = new SharedMemoryLimits
        {
            Largest = Largest,
            Smallest = 1,
            Segments = IpcNamespace.MostSegments,
            SegmentsPerProcess = IpcNamespace.MostSegments,
            Pages = Largest,
        };
        bool written = new UserPtr<SharedMemoryLimits>(buffer).TryWrite(current.Memory, limits);
        return written ? current.Kernel.Ipc.SharedSegments.GreatestIndex : Errno.EFAULT;
    }

    private static SyscallResult WriteUsage(LinuxTask current, ulong buffer)
    {
        IpcNamespace ipc = current.Kernel.Ipc;
        var usage = new SharedMemoryUsage
        {
            Segments = ipc.SharedSegments.All.Count,
            Pages = (ulong)ipc.SharedPages,
            Resident = (ulong)ipc.SharedSegments.All.Sum(s => s.ResidentPages),
        };
        return new UserPtr<SharedMemoryUsage>(buffer).TryWrite(current.Memory, usage) ? ipc.SharedSegments.GreatestIndex : Errno.EFAULT;
    }
}
