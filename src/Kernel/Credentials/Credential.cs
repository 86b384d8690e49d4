namespace Kennel.Credentials;

/// <summary>Who a task acts as (Linux: struct cred; man 7 credentials). Immutable: changes make a new one.</summary>
public sealed record Credential
{
    public uint Uid { get; init; }

    public uint EffectiveUid { get; init; }

    public uint SavedUid { get; init; }

    /// <summary>Uid for permission checks on files.</summary>
    public uint FsUid { get; init; }

    public uint Gid { get; init; }

    public uint EffectiveGid { get; init; }

    public uint SavedGid { get; init; }

    public uint FsGid { get; init; }

    /// <summary>Supplementary groups.</summary>
    public IReadOnlyList<uint> Groups { get; init; } = [];

    /// <summary>Capability sets as bit masks (man 7 capabilities).</summary>
    public ulong Permitted { get; init; }

    public ulong Effective { get; init; }

    public ulong Inheritable { get; init; }

    public ulong Bounding { get; init; } = Capabilities.All;

    public ulong Ambient { get; init; }

    /// <summary>SECBIT_* (man 7 capabilities).</summary>
    public SecureBits SecureBits { get; init; }

    /// <summary>PR_SET_NO_NEW_PRIVS.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>Whether a capability is effective.</summary>
    public bool Has(Capability capability) => (Effective >> (int)capability & 1) != 0;

    /// <summary>Whether it belongs to a group, by its file-system gid or a supplementary one.</summary>
    public bool IsInGroup(uint gid) => FsGid == gid || Groups.Contains(gid);

    /// <summary>A user with all ids the same; uid 0 has every capability.</summary>
    public static Credential For(uint uid, uint gid, IReadOnlyList<uint>? groups = null) => new()
    {
        Uid = uid,
        EffectiveUid = uid,
        SavedUid = uid,
        FsUid = uid,
        Gid = gid,
        EffectiveGid = gid,
        SavedGid = gid,
        FsGid = gid,
        Groups = groups ?? [],
        Permitted = uid == 0 ? Capabilities.All : 0,
        Effective = uid == 0 ? Capabilities.All : 0,
    };
}

/// <summary>SECBIT_* (man 7 capabilities).</summary>
[Flags]
public enum SecureBits : uint
{
    None = 0,
    NoRoot = 1,
    NoRootLocked = 2,
    NoSetUidFixup = 4,
    NoSetUidFixupLocked = 8,
    KeepCapabilities = 16,
    KeepCapabilitiesLocked = 32,
    NoAmbientRaise = 64,
    NoAmbientRaiseLocked = 128,
    All = 255,
    Locks = NoRootLocked | NoSetUidFixupLocked | KeepCapabilitiesLocked | NoAmbientRaiseLocked,
}

/// <summary>Capability numbers (man 7 capabilities; include/uapi/linux/capability.h).</summary>
public enum Capability
{
    Chown = 0,
    DacOverride = 1,
    DacReadSearch = 2,
    Fowner = 3,
    Fsetid = 4,
    Kill = 5,
    Setgid = 6,
    Setuid = 7,
    Setpcap = 8,
    LinuxImmutable = 9,
    NetBindService = 10,
    NetAdmin = 12,
    IpcLock = 14,
    IpcOwner = 15,
    SysModule = 16,
    SysRawIo = 17,
    SysChroot = 18,
    SysPtrace = 19,
    SysAdmin = 21,
    SysBoot = 22,
    SysNice = 23,
    SysResource = 24,
    SysTime = 25,
    SysTtyConfig = 26,
    Mknod = 27,
    Lease = 28,
    Setfcap = 31,
    Syslog = 34,
    WakeAlarm = 35,
    CheckpointRestore = 40,
}

/// <summary>The set of all capabilities.</summary>
public static class Capabilities
{
    public const ulong All = (1UL << 41) - 1;
}
