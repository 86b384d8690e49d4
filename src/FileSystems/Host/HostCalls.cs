using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Files;

namespace Kennel.FileSystems.Host;

/// <summary>
/// The host's file calls. Every name is a single component relative to a directory's descriptor, and the last component is
/// never followed when it is a symbolic link: so nothing reaches outside a tree whose root we hold, whatever the host renames
/// meanwhile.
/// </summary>
internal static unsafe partial class HostCalls
{
    private const int OpenNonBlock = 0x800, OpenNoTty = 0x100, OpenCloseOnExec = 0x80000, OpenPath = 0x200000;
    private const int OpenCreate = 0x40, OpenExclusive = 0x80, OpenReadWrite = 2;
    private const int EmptyPath = 0x1000, SymlinkNoFollow = 0x100, RemoveDirectoryFlag = 0x200;
    private const uint StatxBasicAndBirth = 0xfff;
    private const uint RenameNoReplace = 1, RenameExchange = 2;

    // These two differ between processor families (include/uapi/asm-generic/fcntl.h and arch/arm64).
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static int OpenDirectoryFlag => IsArm ? 0x4000 : 0x10000;

    private static int OpenNoFollow => IsArm ? 0x8000 : 0x20000;

    /// <summary>Opens the directory that is to be a tree's root. The host's own path rules apply: whoever runs us names it.</summary>
    public static Errno OpenRoot(string hostPath, out int fd)
    {
        fixed (byte* path = HostName.FromText(hostPath))
        {
            fd = OpenAt(-100, path, OpenPath | OpenDirectoryFlag | OpenCloseOnExec, 0);
        }
        return fd < 0 ? LastError : Errno.None;
    }

    /// <summary>Opens a directory for reaching what is in it.</summary>
    public static Errno OpenDirectory(int directory, string name, out int fd) =>
        Open(directory, name, OpenPath | OpenDirectoryFlag, 0, out fd);

    /// <summary>Opens a directory (by its own descriptor) for listing it.</summary>
    public static Errno OpenForListing(int directory, out int fd)
    {
        byte* self = stackalloc byte[] { (byte)'.', 0 };
        fd = OpenAt(directory, self, OpenDirectoryFlag | OpenCloseOnExec, 0);
        return fd < 0 ? LastError : Errno.None;
    }

    /// <summary>Opens a regular file. Should it have become something else, opening neither blocks nor takes a terminal.</summary>
    public static Errno OpenFile(int directory, string name, bool write, out int fd) =>
        Open(directory, name, (write ? OpenReadWrite : 0) | OpenNonBlock | OpenNoTty, 0, out fd);

    /// <summary>Opens a name without touching what it is.</summary>
    public static Errno OpenHandle(int directory, string name, out int fd) => Open(directory, name, OpenPath, 0, out fd);

    /// <summary>Makes a regular file that was not there.</summary>
    public static Errno CreateFile(int directory, string name, uint permissions, out int fd) =>
        Open(directory, name, OpenReadWrite | OpenCreate | OpenExclusive, permissions, out fd);

    public static void CloseFd(int fd) => _ = Close(fd);

    public static Errno Stat(int fd, out InodeAttributes attributes)
    {
        byte empty = 0;
        return Stat(fd, &empty, EmptyPath, out attributes);
    }

    public static Errno StatAt(int directory, string name, out InodeAttributes attributes)
    {
        attributes = default;
        Span<byte> buffer = stackalloc byte[HostName.Buffer];
        Errno error = HostName.Encode(name, buffer);
        if (error != Errno.None) return error;
        fixed (byte* path = buffer) return Stat(directory, path, SymlinkNoFollow, out attributes);
    }

    public static Errno ReadLinkAt(int directory, string name, out string target)
    {
        target = "";
        Span<byte> buffer = stackalloc byte[HostName.Buffer];
        Errno error = HostName.Encode(name, buffer);
        if (error != Errno.None) return error;
        Span<byte> text = stackalloc byte[4096];
        nint n;
        fixed (byte* path = buffer)
        fixed (byte* t = text) n = ReadLinkAt(directory, path, t, text.Length);
        if (n < 0) return LastError;
        target = HostName.Decode(text[..(int)n]);
        return Errno.None;
    }

    /// <summary>The next entries of a directory, into a buffer of linux_dirent64; answers the bytes, 0 at the end.</summary>
    public static Errno ReadEntries(int fd, Span<byte> buffer, out int bytes)
    {
        fixed (byte* b = buffer) bytes = (int)GetDents64(fd, b, buffer.Length);
        return bytes < 0 ? LastError : Errno.None;
    }

    /// <summary>Reads at an offset until the buffer is full or the file ends.</summary>
    public static Errno ReadAt(int fd, Span<byte> buffer, long offset, out int bytes)
    {
        bytes = 0;
        fixed (byte* b = buffer)
        {
            while (bytes < buffer.Length)
            {
                nint n = PRead(fd, b + bytes, buffer.Length - bytes, offset + bytes);
                if (n == 0) break;
                if (n > 0) bytes += (int)n;
                else if (LastError != Errno.EINTR) return bytes > 0 ? Errno.None : LastError;
            }
        }
        return Errno.None;
    }

    /// <summary>Reads into several pieces at once; answers the bytes.</summary>
    public static Errno ReadAt(int fd, ReadOnlySpan<IoVector> pieces, long offset, out long bytes)
    {
        fixed (IoVector* p = pieces)
        {
            do
            {
                bytes = PReadV(fd, p, pieces.Length, offset);
            }
            while (bytes < 0 && LastError == Errno.EINTR);
        }
        return bytes < 0 ? LastError : Errno.None;
    }

    /// <summary>Writes all of the buffer at an offset; answers the bytes that went before an error.</summary>
    public static Errno WriteAt(int fd, ReadOnlySpan<byte> buffer, long offset, out int bytes)
    {
        bytes = 0;
        fixed (byte* b = buffer)
        {
            while (bytes < buffer.Length)
            {
                nint n = PWrite(fd, b + bytes, buffer.Length - bytes, offset + bytes);
                if (n >= 0) bytes += (int)n;
                else if (LastError != Errno.EINTR) return bytes > 0 ? Errno.None : LastError;
            }
        }
        return Errno.None;
    }

    private static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    private static Errno Open(int directory, string name, int flags, uint mode, out int fd)
    {
        fd = -1;
        Span<byte> buffer = stackalloc byte[HostName.Buffer];
        Errno error = HostName.Encode(name, buffer);
        if (error != Errno.None) return error;
        fixed (byte* path = buffer) fd = OpenAt(directory, path, flags | OpenNoFollow | OpenCloseOnExec, mode);
        return fd < 0 ? LastError : Errno.None;
    }

    private static Errno Stat(int fd, byte* path, int flags, out InodeAttributes attributes)
    {
        StatxBuffer s;
        if (StatX(fd, path, flags, StatxBasicAndBirth, &s) != 0)
        {
            attributes = default;
            return LastError;
        }
        attributes = new InodeAttributes
        {
            Type = (FileType)(s.Mode & 0xf000u),
            Permissions = s.Mode & 0xfffu,
            Uid = s.Uid,
            Gid = s.Gid,
            Links = s.Links,
            Size = (long)s.Size,
            Blocks = (long)s.Blocks,
            Number = s.Inode,
            Device = new DeviceNumber(s.DeviceMajor, s.DeviceMinor),
            RawDevice = new DeviceNumber(s.RawMajor, s.RawMinor),
            AccessTime = s.AccessTime.Nanoseconds,
            ModifyTime = s.ModifyTime.Nanoseconds,
            ChangeTime = s.ChangeTime.Nanoseconds,
            BirthTime = s.BirthTime.Nanoseconds,
            BlockSize = s.BlockSize,
        };
        return Errno.None;
    }

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(int directory, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatX(int directory, byte* path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    private static partial nint ReadLinkAt(int directory, byte* path, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    private static partial nint GetDents64(int fd, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "pread64", SetLastError = true)]
    private static partial nint PRead(int fd, byte* buffer, nint length, long offset);

    [LibraryImport("libc", EntryPoint = "preadv64", SetLastError = true)]
    private static partial nint PReadV(int fd, IoVector* pieces, int count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite64", SetLastError = true)]
    private static partial nint PWrite(int fd, byte* buffer, nint length, long offset);
}

/// <summary>struct iovec of a 64-bit host.</summary>
internal unsafe struct IoVector
{
    public byte* Address;
    public nint Length;
}

/// <summary>struct statx: the same on every processor family (include/uapi/linux/stat.h).</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct StatxBuffer
{
    public uint Mask, BlockSize;
    public ulong Attributes;
    public uint Links, Uid, Gid;
    public ushort Mode, Padding;
    public ulong Inode, Size, Blocks, AttributesMask;
    public StatxTime AccessTime, BirthTime, ChangeTime, ModifyTime;
    public uint RawMajor, RawMinor, DeviceMajor, DeviceMinor;
}

/// <summary>struct statx_timestamp.</summary>
internal struct StatxTime
{
    public long Seconds;
    public uint Fraction;
    public int Padding;

    public readonly long Nanoseconds => (Seconds * 1_000_000_000) + Fraction;
}
