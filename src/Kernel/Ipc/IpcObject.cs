using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Tasks;

namespace Kennel.Ipc;

/// <summary>What a shared memory segment, a semaphore set and a message queue have in common (Linux: kern_ipc_perm).</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public abstract class IpcObject
{
    /// <summary>IPC_PRIVATE: found by id only.</summary>
    public const int PrivateKey = 0;

    protected IpcObject(LinuxTask creator, int key, uint mode)
    {
        Kernel = creator.Kernel;
        Key = key;
        Mode = mode & (uint)IpcFlags.PermissionMask;
        (Uid, Gid) = (CreatorUid, CreatorGid) = (creator.Credential.EffectiveUid, creator.Credential.EffectiveGid);
        ChangeTime = Now;
    }

    public Kernel Kernel { get; }

    public int Key { get; internal set; }

    /// <summary>What guests name it by: its place in the table and how often that place was used.</summary>
    public int Id { get; internal set; }

    public uint Uid { get; private set; }

    public uint Gid { get; private set; }

    public uint CreatorUid { get; }

    public uint CreatorGid { get; }

    /// <summary>Permission bits.</summary>
    public uint Mode { get; protected set; }

    /// <summary>Seconds since 1970.</summary>
    public long ChangeTime { get; protected set; }

    /// <summary>Whether IPC_RMID was called: sleepers answer EIDRM.</summary>
    public bool IsRemoved { get; internal set; }

    protected long Now => Kernel.Time.Realtime / 1_000_000_000;

    /// <summary>EACCES unless the mode grants what <paramref name="wanted"/> asks for in any of its three groups. Linux: ipcperms.</summary>
    public Errno Check(Credential who, uint wanted)
    {
        wanted |= (wanted >> 3) | (wanted >> 6);
        uint granted = Mode;
        if (who.EffectiveUid == CreatorUid || who.EffectiveUid == Uid) granted >>= 6;
        else if (who.IsInGroup(CreatorGid) || who.IsInGroup(Gid)) granted >>= 3;
        return (wanted & ~granted & 7) == 0 || who.Has(Capability.IpcOwner) ? Errno.None : Errno.EACCES;
    }

    /// <summary>EPERM unless it is the caller's, or the caller is the administrator. Linux: ipcctl_obtain_check.</summary>
    public Errno CheckOwner(Credential who) =>
        who.EffectiveUid == CreatorUid || who.EffectiveUid == Uid || who.Has(Capability.SysAdmin) ? Errno.None : Errno.EPERM;

    /// <summary>IPC_SET. Linux: ipc_update_perm.</summary>
    public void Change(in IpcPermissionRecord to)
    {
        Uid = to.Uid;
        Gid = to.Gid;
        Mode = (Mode & ~(uint)IpcFlags.PermissionMask) | (to.Mode & (uint)IpcFlags.PermissionMask);
        ChangeTime = Now;
    }

    /// <summary>For IPC_STAT.</summary>
    public IpcPermissionRecord Describe() => new()
    {
        Key = Key,
        Uid = Uid,
        Gid = Gid,
        CreatorUid = CreatorUid,
        CreatorGid = CreatorGid,
        Mode = Mode,
        Sequence = (ushort)(Id >> 15),
    };

    /// <summary>The number of a process as the caller sees it; 0 if it does not.</summary>
    protected static int NumberOf(Namespaces.PidNumbers? process, LinuxTask viewer) => process?.In(viewer.Numbers.Owner).Value ?? 0;
}
