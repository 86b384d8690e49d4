using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Namespaces;
using Kennel.Tasks;

namespace Kennel.Ipc;

/// <summary>A System V shared memory segment: a nameless file in memory that processes map (man 2 shmget; Linux: ipc/shm.c).</summary>
/// <remarks>
/// Its file knows how long it is needed: the segment holds one reference until IPC_RMID, each area that maps it another. With the
/// last one the segment vanishes from the table.
/// </remarks>
public sealed class SharedSegment : IpcObject
{
    private const uint ToBeDestroyed = 0x200, IsLocked = 0x400; // SHM_DEST, SHM_LOCKED

    private readonly IpcNamespace _owner;
    private readonly PidNumbers _creator;
    private PidNumbers? _last;
    private long _attachTime, _detachTime;

    public SharedSegment(LinuxTask creator, IpcNamespace owner, int key, uint mode, ulong size)
        : base(creator, key, mode)
    {
        _owner = owner;
        _creator = creator.Group.Leader.Numbers;
        Size = size;
        owner.SharedPages += PageCount;
        File = new SharedMemoryFile(Kernel, (long)size, $"/SYSV{key:x8} (deleted)") { Released = OnFileReleased };
    }

    /// <summary>Bytes, as asked for.</summary>
    public ulong Size { get; }

    public long PageCount => (long)((Size + FramePool.FrameSize - 1) >> FramePool.FrameShift);

    /// <summary>Frames that it has.</summary>
    public long ResidentPages => ((ShmemPages)File.Pages).PageCount;

    /// <summary>What is mapped.</summary>
    public SharedMemoryFile File { get; }

    /// <summary>How many areas map it, in all processes (shm_nattch).</summary>
    public ulong Attached =>
        (ulong)(File.Pages.Mappings == 0 ? 0 : Kernel.AddressSpaces.Sum(s => s.Areas.Count(a => a.File == File)));

    /// <summary>shmat. Linux: do_shmat.</summary>
    public Errno Attach(LinuxTask current, ulong address, IpcFlags flags, out ulong result)
    {
        result = 0;
        MapFlags map = MapFlags.MAP_SHARED;
        if (address != 0)
        {
            if ((address & 0xfff) != 0)
            {
                if ((flags & IpcFlags.SHM_RND) == 0) return Errno.EINVAL;
                address &= ~0xfffUL;
                if (address == 0 && (flags & IpcFlags.SHM_REMAP) != 0) return Errno.EINVAL;
            }
            map |= (flags & IpcFlags.SHM_REMAP) != 0 ? MapFlags.MAP_FIXED : MapFlags.MAP_FIXED_NOREPLACE;
        }
        else if ((flags & IpcFlags.SHM_REMAP) != 0)
        {
            return Errno.EINVAL;
        }
        bool readOnly = (flags & IpcFlags.SHM_RDONLY) != 0, execute = (flags & IpcFlags.SHM_EXEC) != 0;
        Errno e = Check(current.Credential, 0x124u | (readOnly ? 0 : 0x92u) | (execute ? 0x49u : 0));
        if (e != Errno.None) return e;
        PageAccess access = PageAccess.Read | (readOnly ? 0 : PageAccess.Write) | (execute ? PageAccess.Execute : 0);
        e = current.Memory!.Map(address, Size, access, map, File, 0, out result);
        if (e != Errno.None) return e == Errno.EEXIST ? Errno.EINVAL : e;
        _attachTime = Now;
        _last = current.Group.Leader.Numbers;
        return Errno.None;
    }

    /// <summary>shmdt: unmaps the segment that is attached at an address. Linux: ksys_shmdt.</summary>
    public static Errno Detach(LinuxTask current, IpcNamespace ipc, ulong address)
    {
        if ((address & 0xfff) != 0) return Errno.EINVAL;
        AddressSpace memory = current.Memory!;
        Vma? first = memory.Areas.FirstOrDefault(a => a.Start >= address && a.File is SharedMemoryFile && a.Start - OffsetOf(a) == address);
        SharedSegment? segment = first == null ? null : ipc.SharedSegments.All.FirstOrDefault(s => s.File == first.File);
        if (segment == null) return Errno.EINVAL;
        foreach (Vma area in memory.Areas.Where(a => a.File == first!.File && a.Start - OffsetOf(a) == address).ToArray())
        {
            memory.Unmap(area.Start, area.Length);
        }
        // Differs from Linux: a detachment by exit or exec does not count for the time.
        segment._detachTime = segment.Now;
        segment._last = current.Group.Leader.Numbers;
        return Errno.None;
    }

    /// <summary>IPC_RMID: it goes with the last process that has it attached. Linux: do_shm_rmid.</summary>
    public void Remove()
    {
        if ((Mode & ToBeDestroyed) != 0) return;
        Mode |= ToBeDestroyed;
        _owner.SharedSegments.ForgetKey(this);
        File.Release();
    }

    /// <summary>SHM_LOCK and SHM_UNLOCK: shown, but nothing is ever swapped out.</summary>
    public void SetLocked(bool isLocked) => Mode = isLocked ? Mode | IsLocked : Mode & ~IsLocked;

    /// <summary>IPC_STAT.</summary>
    public SharedSegmentRecord Describe(LinuxTask viewer) => new()
    {
        Permission = Describe(),
        Size = Size,
        AttachTime = _attachTime,
        DetachTime = _detachTime,
        ChangeTime = ChangeTime,
        Creator = NumberOf(_creator, viewer),
        Last = NumberOf(_last, viewer),
        Attached = Attached,
    };

    private void OnFileReleased()
    {
        _owner.SharedPages -= PageCount;
        _owner.SharedSegments.Remove(this);
    }

    private static ulong OffsetOf(Vma area) => (ulong)area.PageOffset << FramePool.FrameShift;
}
