using System.Runtime.InteropServices;

namespace Kennel.Abi;

/// <summary>struct stat of x86-64 (144 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StatStruct
{
    public ulong Device, Inode, Links;
    public uint Mode, Uid, Gid, Padding;
    public ulong RawDevice;
    public long Size, BlockSize, Blocks;
    public long AccessSeconds, AccessNanoseconds, ModifySeconds, ModifyNanoseconds, ChangeSeconds, ChangeNanoseconds;
    public long Unused0, Unused1, Unused2;
}

/// <summary>struct statx_timestamp.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StatxTimestamp
{
    public long Seconds;
    public uint Nanoseconds;
    public int Padding;
}

/// <summary>struct statx (256 bytes; man 2 statx).</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
public struct StatxStruct
{
    public uint Mask, BlockSize;
    public ulong Attributes;
    public uint Links, Uid, Gid;
    public ushort Mode, Spare0;
    public ulong Inode, Size, Blocks, AttributesMask;
    public StatxTimestamp Access, Birth, Change, Modify;
    public uint RawDeviceMajor, RawDeviceMinor, DeviceMajor, DeviceMinor;
    public ulong MountId;
}

/// <summary>struct statfs of x86-64 (120 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StatFsStruct
{
    public long Type, BlockSize;
    public ulong Blocks, BlocksFree, BlocksAvailable, Files, FilesFree;
    public int Id0, Id1;
    public long NameLength, FragmentSize, Flags, Spare0, Spare1, Spare2, Spare3;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IoVec
{
    public ulong Base, Length;
}

/// <summary>struct open_how (man 2 openat2).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OpenHowStruct
{
    public ulong Flags, Mode, Resolve;
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollFdStruct
{
    public int Fd;
    public short Events, ReturnedEvents;
}

/// <summary>struct epoll_event, packed as on x86-64 (12 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct EpollEventStruct
{
    public uint Events;
    public ulong Data;
}

/// <summary>struct flock of x86-64 (32 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FileLockStruct
{
    public short Type, Whence;
    public int Padding;
    public long Start, Length;
    public int Pid, Padding2;
}

/// <summary>AT_* of the *at system calls.</summary>
[Flags]
public enum AtFlags
{
    None = 0,
    SymlinkNoFollow = 0x100,

    /// <summary>AT_REMOVEDIR of unlinkat.</summary>
    RemoveDirectory = 0x200,

    /// <summary>AT_EACCESS of faccessat2.</summary>
    EffectiveAccess = 0x200,
    SymlinkFollow = 0x400,
    NoAutomount = 0x800,
    EmptyPath = 0x1000,
    StatxForceSync = 0x2000,
    StatxDontSync = 0x4000,
    Recursive = 0x8000,
}
