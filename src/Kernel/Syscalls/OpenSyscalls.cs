using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Syscalls;

/// <summary>Opening files (man 2 open, man 2 openat2). The meaning is in <see cref="Opening"/>.</summary>
public static class OpenSyscalls
{
    private const OpenFlags Known = (OpenFlags)0x7fffc3;
    private const ulong PermissionBits = 0xfff;

    [Syscall(2, "open")]
    public static ValueTask<SyscallResult> Open(LinuxTask current, UserString path, OpenFlags flags, uint mode) =>
        OpenAt(current, Fd.WorkingDirectory, path, flags, mode);

    [Syscall(85, "creat")]
    public static ValueTask<SyscallResult> Creat(LinuxTask current, UserString path, uint mode) =>
        OpenAt(current, Fd.WorkingDirectory, path, OpenFlags.Create | OpenFlags.WriteOnly | OpenFlags.Truncate, mode);

    [Syscall(257, "openat")]
    public static ValueTask<SyscallResult> OpenAt(LinuxTask current, Fd at, UserString path, OpenFlags flags, uint mode)
    {
        flags = (flags & Known) | OpenFlags.LargeFile;
        if ((flags & OpenFlags.Path) != 0) flags &= OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.Path | OpenFlags.CloseOnExec;
        return DoOpen(current, at, path, new OpenHow(flags, mode & (uint)PermissionBits));
    }

    [Syscall(437, "openat2")]
    public static ValueTask<SyscallResult> OpenAt2(LinuxTask current, Fd at, UserString path, UserPtr<OpenHowStruct> how, ulong size)
    {
        if (size < (ulong)Unsafe.SizeOf<OpenHowStruct>()) return new(Errno.EINVAL);
        Errno e = SizedStruct.Read(current, how, size, out OpenHowStruct value);
        if (e != Errno.None) return new(e);
        var flags = (OpenFlags)(uint)value.Flags;
        if ((value.Flags & ~(ulong)(uint)Known) != 0 || value.Resolve >= 0x40) return new(Errno.EINVAL);
        bool creates = (flags & (OpenFlags.Create | (OpenFlags.TemporaryFile & ~OpenFlags.Directory))) != 0;
        if (creates ? (value.Mode & ~PermissionBits) != 0 : value.Mode != 0) return new(Errno.EINVAL);
        const OpenFlags withPath = OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.Path | OpenFlags.CloseOnExec;
        if ((flags & OpenFlags.Path) != 0 && (flags & ~withPath) != 0) return new(Errno.EINVAL);
        e = Walk(value.Resolve, flags, out WalkFlags walk);
        return e != Errno.None ? new(e) : DoOpen(current, at, path, new OpenHow(flags, (uint)value.Mode, walk));
    }

    [Syscall(3, "close")]
    public static SyscallResult Close(LinuxTask current, Fd fd) => current.Files!.Close(fd) ? 0 : Errno.EBADF;

    [KernelFunction("fs/open.c", "long do_sys_openat2(int dfd = at, const char *filename = path, struct open_how *how = (object)how)")]
    [KernelFunction("fs/open.c", "long do_sys_open(int dfd = at, const char *filename = path, int flags = (long)how.Flags, umode_t mode = how.Mode)")]
    internal static ValueTask<SyscallResult> DoOpen(LinuxTask current, Fd at, UserString path, OpenHow how)
    {
        Errno e = Opening.CheckFlags(how.Flags);
        if (e != Errno.None) return new(e);
        e = path.TryReadPath(current.Memory, out string text);
        if (e != Errno.None) return new(e);
        if (!current.Files!.HasRoom(FileLimits.OpenFiles(current))) return new(Errno.EMFILE);
        ValueTask<(Errno Error, OpenFile? File)> opening = Opening.OpenAsync(current, at, text, how);
        return opening.IsCompletedSuccessfully ? new(Install(current, opening.Result, how.Flags)) : FinishAsync(current, opening, how.Flags);

        static async ValueTask<SyscallResult> FinishAsync(LinuxTask current, ValueTask<(Errno Error, OpenFile? File)> opening, OpenFlags flags) =>
            Install(current, await opening, flags);
    }

    private static SyscallResult Install(LinuxTask current, (Errno Error, OpenFile? File) opened, OpenFlags flags) =>
        opened.File == null ? opened.Error : Descriptors.Install(current, opened.File, (flags & OpenFlags.CloseOnExec) != 0);

    private static Errno Walk(ulong resolve, OpenFlags flags, out WalkFlags walk)
    {
        const ulong noXDev = 1, noMagic = 2, noSymlinks = 4, beneath = 8, inRoot = 16, cached = 32;
        walk = WalkFlags.None;
        if ((resolve & (beneath | inRoot)) == (beneath | inRoot)) return Errno.EINVAL;
        if ((resolve & noXDev) != 0) walk |= WalkFlags.NoMountCrossing;
        if ((resolve & noMagic) != 0) walk |= WalkFlags.NoMagicLinks;
        if ((resolve & noSymlinks) != 0) walk |= WalkFlags.NoSymbolicLinks | WalkFlags.NoMagicLinks;
        if ((resolve & beneath) != 0) walk |= WalkFlags.Beneath;
        if ((resolve & inRoot) != 0) walk |= WalkFlags.InRoot;
        bool changes = (flags & (OpenFlags.Truncate | OpenFlags.Create | (OpenFlags.TemporaryFile & ~OpenFlags.Directory))) != 0;
        return (resolve & cached) != 0 && changes ? Errno.EAGAIN : Errno.None;
    }
}
