using Kennel.Abi;

namespace Kennel.Files;

/// <summary>What kind of thing an inode is; the values are the S_IFMT bits of st_mode (man 7 inode).</summary>
public enum FileType : uint
{
    None = 0,
    Fifo = 0x1000,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    SymbolicLink = 0xa000,
    Socket = 0xc000,
}

/// <summary>A device number: major and minor.</summary>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <summary>As st_dev and st_rdev carry it (glibc's makedev).</summary>
    public ulong Encoded => ((ulong)(Minor & 0xff)) | ((ulong)(Major & 0xfff) << 8) | ((ulong)(Minor & ~0xffu) << 12) | ((ulong)(Major & ~0xfffu) << 32);
}

/// <summary>What stat tells (man 2 stat). Times are nanoseconds since 1970 UTC.</summary>
public record struct InodeAttributes
{
    public FileType Type;

    /// <summary>Permission bits with set-id and sticky, 07777.</summary>
    public uint Permissions;
    public uint Uid, Gid;
    public uint Links;
    public long Size;

    /// <summary>In units of 512 bytes.</summary>
    public long Blocks;
    public ulong Number;
    public DeviceNumber Device, RawDevice;
    public long AccessTime, ModifyTime, ChangeTime, BirthTime;

    /// <summary>st_blksize.</summary>
    public uint BlockSize;

    /// <summary>st_mode.</summary>
    public readonly uint Mode => (uint)Type | Permissions;
}

/// <summary>What chmod, chown, truncate and utimensat change; null leaves a value as it is.</summary>
public record struct AttributeChange
{
    public uint? Permissions, Uid, Gid;
    public long? Size, AccessTime, ModifyTime, ChangeTime;
}

/// <summary>One entry that getdents reports.</summary>
public readonly record struct DirectoryEntry(string Name, ulong Inode, FileType Type);

/// <summary>F_SEAL_* (man 2 fcntl).</summary>
[Flags]
public enum FileSeals : uint
{
    None = 0,

    /// <summary>No more seals.</summary>
    Seal = 1,
    Shrink = 2,
    Grow = 4,
    Write = 8,

    /// <summary>No new writable mappings and no writes; mappings that exist may go on.</summary>
    FutureWrite = 16,

    /// <summary>The execute permission bits stay as they are.</summary>
    Execute = 32,
}
