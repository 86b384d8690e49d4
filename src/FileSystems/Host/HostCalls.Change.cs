using System.Runtime.InteropServices;
using System.Text;
using Kennel.Abi;

namespace Kennel.FileSystems.Host;

/// <summary>The calls by which a writable mount changes the host.</summary>
internal static unsafe partial class HostCalls
{
    private const long OmitTime = 0x3ffffffe; // UTIME_OMIT

    public static Errno MakeDirectory(int directory, string name, uint permissions)
    {
        Span<byte> buffer = stackalloc byte[HostName.Buffer];
        Errno error = HostName.Encode(name, buffer);
        if (error != Errno.None) return error;
        fixed (byte* path = buffer) return Check(MkdirAt(directory, path, permissions));
    }

    /// <summary>Makes a FIFO or socket; never a device.</summary>
    public static Errno MakeNode(int directory, string name, uint mode)
    {
        Span<byte> buffer = stackalloc byte[HostName.Buffer];
        Errno error = HostName.Encode(name, buffer);
        if (error != Errno.None) return error;
        fixed (byte* path = buffer) return Check(MknodAt(directory, path, mode, 0));
    }

    public static Errno MakeSymbolicLink(int directory, string name, string target)
    {
        Span<byte> buffer = stackalloc byte[HostName.Buffer];
        Errno error = HostName.Encode(name, buffer);
        if (error != Errno.None) return error;
        fixed (byte* path = buffer)
        fixed (byte* text = HostName.Encode(target)) return Check(SymlinkAt(text, directory, path));
    }

    /// <summary>A second name for the file under the first; a symbolic link is linked itself.</summary>
    public static Errno Link(int fromDirectory, string from, int toDirectory, string to) =>
        WithTwoNames(from, to, (a, b) => LinkAt(fromDirectory, (byte*)a, toDirectory, (byte*)b, 0));

    public static Errno Rename(int fromDirectory, string from, int toDirectory, string to, bool replace, bool exchange)
    {
        uint flags = exchange ? RenameExchange : replace ? 0 : RenameNoReplace;
        return WithTwoNames(from, to, (a, b) => RenameAt(fromDirectory, (byte*)a, toDirectory, (byte*)b, flags));
    }

    public static Errno Remove(int directory, string name, bool isDirectory)
    {
        Span<byte> buffer = stackalloc byte[HostName.Buffer];
        Errno error = HostName.Encode(name, buffer);
        if (error != Errno.None) return error;
        fixed (byte* path = buffer) return Check(UnlinkAt(directory, path, isDirectory ? RemoveDirectoryFlag : 0));
    }

    public static Errno Truncate(int fd, long size) => Check(FTruncate(fd, size));

    public static Errno Sync(int fd) => Check(FSync(fd));

    /// <summary>Sets the permissions of what a descriptor refers to, even one that was opened without touching it.</summary>
    public static Errno SetPermissions(int fd, uint permissions)
    {
        fixed (byte* path = Encoding.ASCII.GetBytes($"/proc/self/fd/{fd}\0")) return Check(Chmod(path, permissions));
    }

    /// <summary>Sets owner and group; -1 leaves one as it is.</summary>
    public static Errno SetOwner(int fd, uint uid, uint gid)
    {
        byte empty = 0;
        return Check(FChownAt(fd, &empty, uid, gid, EmptyPath));
    }

    /// <summary>Sets times in nanoseconds; null leaves one as it is.</summary>
    public static Errno SetTimes(int directory, string name, long? access, long? modify)
    {
        Span<byte> buffer = stackalloc byte[HostName.Buffer];
        Errno error = HostName.Encode(name, buffer);
        if (error != Errno.None) return error;
        long* times = stackalloc long[4];
        PutTime(times, access);
        PutTime(times + 2, modify);
        fixed (byte* path = buffer) return Check(UTimeNsAt(directory, path, times, SymlinkNoFollow));
    }

    private static void PutTime(long* timespec, long? nanoseconds)
    {
        long seconds = Math.DivRem(nanoseconds ?? 0, 1_000_000_000, out long rest);
        if (rest < 0) (seconds, rest) = (seconds - 1, rest + 1_000_000_000);
        timespec[0] = seconds;
        timespec[1] = nanoseconds == null ? OmitTime : rest;
    }

    private static Errno WithTwoNames(string one, string two, Func<nint, nint, int> call)
    {
        Span<byte> first = stackalloc byte[HostName.Buffer], second = stackalloc byte[HostName.Buffer];
        Errno error = HostName.Encode(one, first);
        if (error == Errno.None) error = HostName.Encode(two, second);
        if (error != Errno.None) return error;
        fixed (byte* a = first)
        fixed (byte* b = second) return Check(call((nint)a, (nint)b));
    }

    private static Errno Check(int result) => result < 0 ? LastError : Errno.None;

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MkdirAt(int directory, byte* path, uint mode);

    [LibraryImport("libc", EntryPoint = "mknodat", SetLastError = true)]
    private static partial int MknodAt(int directory, byte* path, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    private static partial int SymlinkAt(byte* target, int directory, byte* path);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    private static partial int LinkAt(int fromDirectory, byte* from, int toDirectory, byte* to, int flags);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true)]
    private static partial int RenameAt(int fromDirectory, byte* from, int toDirectory, byte* to, uint flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAt(int directory, byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "ftruncate64", SetLastError = true)]
    private static partial int FTruncate(int fd, long size);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int fd);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true)]
    private static partial int Chmod(byte* path, uint mode);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true)]
    private static partial int FChownAt(int fd, byte* path, uint uid, uint gid, int flags);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]
    private static partial int UTimeNsAt(int directory, byte* path, long* times, int flags);
}
