namespace Kennel.Credentials;

/// <summary>
/// The rules of setuid and its relatives: what becomes of a credential, or null for EPERM. Ids of uint.MaxValue (-1) stay as they are.
/// </summary>
/// <remarks>Linux: kernel/sys.c, __sys_setuid and so on; security/commoncap.c, cap_task_fix_setuid.</remarks>
public static class CredentialChange
{
    private const uint Keep = uint.MaxValue;

    // What a task loses with its last root id among the fs capabilities. Linux: CAP_FS_SET.
    private const ulong FsCapabilities = (1UL << (int)Capability.Chown) | (1UL << (int)Capability.DacOverride)
        | (1UL << (int)Capability.DacReadSearch) | (1UL << (int)Capability.Fowner) | (1UL << (int)Capability.Fsetid)
        | (1UL << (int)Capability.LinuxImmutable) | (1UL << (int)Capability.Mknod) | (1UL << 32);

    public static Credential? SetUid(Credential c, uint uid)
    {
        if (uid == Keep) return null;
        if (c.Has(Capability.Setuid)) return Fix(c, c with { Uid = uid, SavedUid = uid, EffectiveUid = uid, FsUid = uid });
        return uid == c.Uid || uid == c.SavedUid ? Fix(c, c with { EffectiveUid = uid, FsUid = uid }) : null;
    }

    public static Credential? SetGid(Credential c, uint gid)
    {
        if (gid == Keep) return null;
        if (c.Has(Capability.Setgid)) return c with { Gid = gid, SavedGid = gid, EffectiveGid = gid, FsGid = gid };
        return gid == c.Gid || gid == c.SavedGid ? c with { EffectiveGid = gid, FsGid = gid } : null;
    }

    public static Credential? SetRealUid(Credential c, uint real, uint effective)
    {
        bool free = c.Has(Capability.Setuid);
        uint newReal = real == Keep ? c.Uid : real;
        uint newEffective = effective == Keep ? c.EffectiveUid : effective;
        if (!free && newReal != c.Uid && newReal != c.EffectiveUid) return null;
        if (!free && newEffective != c.Uid && newEffective != c.EffectiveUid && newEffective != c.SavedUid) return null;
        bool saves = real != Keep || (effective != Keep && newEffective != c.Uid);
        return Fix(c, c with { Uid = newReal, EffectiveUid = newEffective, SavedUid = saves ? newEffective : c.SavedUid, FsUid = newEffective });
    }

    public static Credential? SetRealGid(Credential c, uint real, uint effective)
    {
        bool free = c.Has(Capability.Setgid);
        uint newReal = real == Keep ? c.Gid : real;
        uint newEffective = effective == Keep ? c.EffectiveGid : effective;
        if (!free && newReal != c.Gid && newReal != c.EffectiveGid) return null;
        if (!free && newEffective != c.Gid && newEffective != c.EffectiveGid && newEffective != c.SavedGid) return null;
        bool saves = real != Keep || (effective != Keep && newEffective != c.Gid);
        return c with { Gid = newReal, EffectiveGid = newEffective, SavedGid = saves ? newEffective : c.SavedGid, FsGid = newEffective };
    }

    public static Credential? SetAllUids(Credential c, uint real, uint effective, uint saved)
    {
        bool Allowed(uint id) => id == Keep || id == c.Uid || id == c.EffectiveUid || id == c.SavedUid;
        if (!c.Has(Capability.Setuid) && !(Allowed(real) && Allowed(effective) && Allowed(saved))) return null;
        uint newEffective = effective == Keep ? c.EffectiveUid : effective;
        return Fix(c, c with
        {
            Uid = real == Keep ? c.Uid : real,
            EffectiveUid = newEffective,
            SavedUid = saved == Keep ? c.SavedUid : saved,
            FsUid = newEffective,
        });
    }

    public static Credential? SetAllGids(Credential c, uint real, uint effective, uint saved)
    {
        bool Allowed(uint id) => id == Keep || id == c.Gid || id == c.EffectiveGid || id == c.SavedGid;
        if (!c.Has(Capability.Setgid) && !(Allowed(real) && Allowed(effective) && Allowed(saved))) return null;
        uint newEffective = effective == Keep ? c.EffectiveGid : effective;
        return c with
        {
            Gid = real == Keep ? c.Gid : real,
            EffectiveGid = newEffective,
            SavedGid = saved == Keep ? c.SavedGid : saved,
            FsGid = newEffective,
        };
    }

    public static Credential? SetFsUid(Credential c, uint uid)
    {
        if (uid == Keep) return null;
        bool allowed = uid == c.Uid || uid == c.EffectiveUid || uid == c.SavedUid || uid == c.FsUid || c.Has(Capability.Setuid);
        if (!allowed) return null;
        Credential changed = c with { FsUid = uid };
        if ((c.SecureBits & SecureBits.NoSetUidFixup) != 0) return changed;
        if (c.FsUid == 0 && uid != 0) return changed with { Effective = c.Effective & ~FsCapabilities };
        if (c.FsUid != 0 && uid == 0) return changed with { Effective = c.Effective | (c.Permitted & FsCapabilities) };
        return changed;
    }

    public static Credential? SetFsGid(Credential c, uint gid)
    {
        if (gid == Keep) return null;
        bool allowed = gid == c.Gid || gid == c.EffectiveGid || gid == c.SavedGid || gid == c.FsGid || c.Has(Capability.Setgid);
        return allowed ? c with { FsGid = gid } : null;
    }

    // Root's capabilities go with the last root id, and are in effect only while the effective id is root's.
    private static Credential Fix(Credential old, Credential changed)
    {
        if ((old.SecureBits & SecureBits.NoSetUidFixup) != 0) return changed;
        bool hadRoot = old.Uid == 0 || old.EffectiveUid == 0 || old.SavedUid == 0;
        bool hasRoot = changed.Uid == 0 || changed.EffectiveUid == 0 || changed.SavedUid == 0;
        if (hadRoot && !hasRoot)
        {
            bool keeps = (old.SecureBits & SecureBits.KeepCapabilities) != 0;
            changed = changed with { Permitted = keeps ? old.Permitted : 0, Effective = keeps ? old.Effective : 0, Ambient = 0 };
        }
        if (old.EffectiveUid == 0 && changed.EffectiveUid != 0) return changed with { Effective = 0 };
        if (old.EffectiveUid != 0 && changed.EffectiveUid == 0) return changed with { Effective = changed.Permitted };
        return changed;
    }
}
