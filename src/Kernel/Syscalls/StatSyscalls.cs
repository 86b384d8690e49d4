using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Syscalls;

/// <summary>What a file is (man 2 stat, man 2 statx).</summary>
public static class StatSyscalls
{
    private const AtFlags StatFlags = AtFlags.SymlinkNoFollow | AtFlags.NoAutomount | AtFlags.EmptyPath;
    private const AtFlags SyncFlags = AtFlags.StatxForceSync | AtFlags.StatxDontSync;

    [Syscall(4, "stat")]
    public static SyscallResult Stat(LinuxTask current, UserString path, UserPtr<StatStruct> result) =>
        NewFStatAt(current, Fd.WorkingDirectory, path, result, AtFlags.None);

    [Syscall(6, "lstat")]
    public static SyscallResult LStat(LinuxTask current, UserString path, UserPtr<StatStruct> result) =>
        NewFStatAt(current, Fd.WorkingDirectory, path, result, AtFlags.SymlinkNoFollow);

    [Syscall(5, "fstat")]
    public static SyscallResult FStat(LinuxTask current, Fd fd, UserPtr<StatStruct> result)
    {
        OpenFile? file = current.Files![fd];
        if (file == null) return Errno.EBADF;
        Errno e = file.GetAttributes(out InodeAttributes attributes);
        return e != Errno.None ? e : Answer(current, attributes, result);
    }

    [Syscall(262, "newfstatat")]
    public static SyscallResult NewFStatAt(LinuxTask current, Fd at, UserString path, UserPtr<StatStruct> result, AtFlags flags)
    {
        if ((flags & ~StatFlags) != 0) return Errno.EINVAL;
        Errno e = Find(current, at, path, flags, out InodeAttributes attributes, out _, out _);
        return e != Errno.None ? e : Answer(current, attributes, result);
    }

    [Syscall(332, "statx")]
    public static SyscallResult Statx(LinuxTask current, Fd at, UserString path, AtFlags flags, uint mask, UserPtr<StatxStruct> result)
    {
        const uint reserved = 0x80000000;
        if ((mask & reserved) != 0 || (flags & SyncFlags) == SyncFlags) return Errno.EINVAL;
        if ((flags & ~(StatFlags | SyncFlags)) != 0) return Errno.EINVAL;
        Errno e = Find(current, at, path, flags, out InodeAttributes a, out Mount? mount, out bool isMountRoot);
        if (e != Errno.None) return e;
        return result.TryWrite(current.Memory, Extended(a, mount, isMountRoot)) ? Errno.None : Errno.EFAULT;
    }

    [KernelFunction("fs/stat.c", "int vfs_statx(int dfd = at, const char *filename = path, int flags = (long)flags)")]
    [KernelFunction("fs/stat.c", "int vfs_fstatat(int dfd = at, const char *filename = path, struct kstat *stat = null, int flags = (long)flags)")]
    [KernelFunction("fs/stat.c", "int vfs_stat(const char *filename = path, struct kstat *stat = null)")]
    internal static Errno Find(
        LinuxTask current, Fd at, UserString path, AtFlags flags, out InodeAttributes attributes, out Mount? mount, out bool isMountRoot)
    {
        (attributes, mount, isMountRoot) = (default, null, false);
        string text = "";
        bool mayBeEmpty = (flags & AtFlags.EmptyPath) != 0;
        if (!(path.IsNull && mayBeEmpty))
        {
            Errno e = path.TryReadPath(current.Memory, out text);
            if (e != Errno.None) return e;
        }
        if (text.Length == 0 && mayBeEmpty && at != Fd.WorkingDirectory)
        {
            OpenFile? file = current.Files![at];
            if (file == null) return Errno.EBADF;
            mount = file.Path?.Mount;
            isMountRoot = mount != null && file.Path!.Value.Dentry == mount.Root;
            return file.GetAttributes(out attributes);
        }
        Errno error = PathWalk.Resolve(current, at, text, PathArguments.WalkFlagsOf(flags, followByDefault: true), out VfsPath place);
        if (error != Errno.None) return error;
        (mount, isMountRoot) = (place.Mount, place.Dentry == place.Mount.Root);
        return place.Inode.GetAttributes(out attributes);
    }

    private static SyscallResult Answer(LinuxTask current, in InodeAttributes a, UserPtr<StatStruct> result)
    {
        TimeSpec access = TimeSpec.From(a.AccessTime), modify = TimeSpec.From(a.ModifyTime), change = TimeSpec.From(a.ChangeTime);
        var stat = new StatStruct
        {
            Device = a.Device.Encoded,
            Inode = a.Number,
            Links = a.Links,
            Mode = a.Mode,
            Uid = a.Uid,
            Gid = a.Gid,
            RawDevice = a.RawDevice.Encoded,
            Size = a.Size,
            BlockSize = a.BlockSize,
            Blocks = a.Blocks,
            AccessSeconds = access.Seconds,
            AccessNanoseconds = access.Nanoseconds,
            ModifySeconds = modify.Seconds,
            ModifyNanoseconds = modify.Nanoseconds,
            ChangeSeconds = change.Seconds,
            ChangeNanoseconds = change.Nanoseconds,
        };
        return result.TryWrite(current.Memory, stat) ? Errno.None : Errno.EFAULT;
    }

    private static StatxStruct Extended(in InodeAttributes a, Mount? mount, bool isMountRoot)
    {
        const uint basicStats = 0x7ff, birthTime = 0x800, mountId = 0x1000;
        const ulong automount = 0x1000, mountRoot = 0x2000, dax = 0x200000;
        return new StatxStruct
        {
            Mask = basicStats | mountId | (a.BirthTime != 0 ? birthTime : 0),
            BlockSize = a.BlockSize,
            Attributes = isMountRoot ? mountRoot : 0,
            AttributesMask = automount | mountRoot | dax,
            Links = a.Links,
            Uid = a.Uid,
            Gid = a.Gid,
            Mode = (ushort)a.Mode,
            Inode = a.Number,
            Size = (ulong)a.Size,
            Blocks = (ulong)a.Blocks,
            Access = Stamp(a.AccessTime),
            Modify = Stamp(a.ModifyTime),
            Change = Stamp(a.ChangeTime),
            Birth = Stamp(a.BirthTime),
            RawDeviceMajor = a.RawDevice.Major,
            RawDeviceMinor = a.RawDevice.Minor,
            DeviceMajor = a.Device.Major,
            DeviceMinor = a.Device.Minor,
            MountId = (ulong)(mount?.Id ?? 0),
        };
    }

    private static StatxTimestamp Stamp(long nanoseconds)
    {
        TimeSpec t = TimeSpec.From(nanoseconds);
        return new StatxTimestamp { Seconds = t.Seconds, Nanoseconds = (uint)t.Nanoseconds };
    }
}
