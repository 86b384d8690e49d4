using System.Runtime.InteropServices;
using System.Text;
using Kennel.Abi;
using Kennel.Files;
using Kennel.FileSystems.Dev.Terminals;

namespace Kennel.FileSystems.Host;

/// <summary>Calls on descriptors that somebody handed to us: standard input and output.</summary>
internal static unsafe partial class HostCalls
{
    private const int GetFlagsCommand = 3; // F_GETFL

    /// <summary>One read at the descriptor's own position; 0 bytes at the end.</summary>
    public static Errno ReadNow(int fd, Span<byte> buffer, out int bytes)
    {
        fixed (byte* b = buffer) bytes = (int)Read(fd, b, buffer.Length);
        if (bytes >= 0) return Errno.None;
        bytes = 0;
        return LastError == Errno.EINTR ? Errno.EAGAIN : LastError;
    }

    /// <summary>One write at the descriptor's own position.</summary>
    public static Errno WriteNow(int fd, ReadOnlySpan<byte> buffer, out int bytes)
    {
        fixed (byte* b = buffer) bytes = (int)Write(fd, b, buffer.Length);
        if (bytes >= 0) return Errno.None;
        bytes = 0;
        return LastError == Errno.EINTR ? Errno.EAGAIN : LastError;
    }

    public static Errno Seek(int fd, long offset, int whence, out long position)
    {
        position = LSeek(fd, offset, whence);
        return position < 0 ? LastError : Errno.None;
    }

    public static Errno BytesToRead(int fd, out int count)
    {
        int result;
        Errno error = Check(IoControl(fd, 0x541b, &result));
        count = result;
        return error;
    }

    public static Errno GetFlags(int fd, out OpenFlags flags)
    {
        int value = FileControl(fd, GetFlagsCommand, 0);
        flags = value < 0 ? default : (OpenFlags)value & (OpenFlags.AccessMode | OpenFlags.Append);
        return value < 0 ? LastError : Errno.None;
    }

    /// <summary>Opens what a descriptor refers to once more.</summary>
    public static Errno Reopen(int fd, OpenFlags flags, out int newFd)
    {
        fixed (byte* path = Encoding.ASCII.GetBytes($"/proc/self/fd/{fd}\0"))
        {
            newFd = OpenAt(-100, path, (int)flags | OpenNoTty | OpenCloseOnExec, 0);
        }
        return newFd < 0 ? LastError : Errno.None;
    }

    /// <summary>What the host calls a descriptor.</summary>
    public static string ReadFdName(int fd)
    {
        Span<byte> text = stackalloc byte[4096];
        nint n;
        fixed (byte* path = Encoding.ASCII.GetBytes($"/proc/self/fd/{fd}\0"))
        fixed (byte* t = text) n = ReadLinkAt(-100, path, t, text.Length);
        return n < 0 ? "anon_inode:[stream]" : HostName.Decode(text[..(int)n]);
    }

    public static bool IsTerminal(int fd) => GetTermios(fd, out _) == Errno.None;

    public static Errno GetTermios(int fd, out Termios settings)
    {
        settings = default;
        fixed (Termios* t = &settings) return Check(IoControl(fd, 0x5401, t)); // TCGETS
    }

    /// <summary>Sets them once all that was written is shown.</summary>
    public static Errno SetTermios(int fd, Termios settings) => Check(IoControl(fd, 0x5403, &settings)); // TCSETSW

    public static Errno GetWindowSize(int fd, out WindowSize size)
    {
        size = default;
        fixed (WindowSize* s = &size) return Check(IoControl(fd, 0x5413, s)); // TIOCGWINSZ
    }

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int fd, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int fd, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "lseek64", SetLastError = true)]
    private static partial long LSeek(int fd, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoControl(int fd, nuint command, void* argument);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int fd, int command, nint argument);
}
