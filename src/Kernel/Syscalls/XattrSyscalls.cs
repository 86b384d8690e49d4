using System.Text;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Extended attributes (man 7 xattr). The rights are in <see cref="ExtendedAttributes"/>.</summary>
public static class XattrSyscalls
{
    private const int NameLimit = 255, SizeLimit = 65536;

    [Syscall(188, "setxattr")]
    public static SyscallResult Set(LinuxTask current, UserString path, UserString name, UserPtr<byte> value, ulong size, int flags) =>
        Find(current, path, follow: true, out Inode? inode, out Mount? mount) is var e and not Errno.None ? e : Set(current, inode!, mount, name, value, size, flags);

    [Syscall(189, "lsetxattr")]
    public static SyscallResult LSet(LinuxTask current, UserString path, UserString name, UserPtr<byte> value, ulong size, int flags) =>
        Find(current, path, follow: false, out Inode? inode, out Mount? mount) is var e and not Errno.None ? e : Set(current, inode!, mount, name, value, size, flags);

    [Syscall(190, "fsetxattr")]
    public static SyscallResult FSet(LinuxTask current, Fd fd, UserString name, UserPtr<byte> value, ulong size, int flags) =>
        Find(current, fd, out Inode? inode, out Mount? mount) is var e and not Errno.None ? e : Set(current, inode!, mount, name, value, size, flags);

    [Syscall(191, "getxattr")]
    public static SyscallResult Get(LinuxTask current, UserString path, UserString name, UserPtr<byte> value, ulong size) =>
        Find(current, path, follow: true, out Inode? inode, out _) is var e and not Errno.None ? e : Get(current, inode!, name, value, size);

    [Syscall(192, "lgetxattr")]
    public static SyscallResult LGet(LinuxTask current, UserString path, UserString name, UserPtr<byte> value, ulong size) =>
        Find(current, path, follow: false, out Inode? inode, out _) is var e and not Errno.None ? e : Get(current, inode!, name, value, size);

    [Syscall(193, "fgetxattr")]
    public static SyscallResult FGet(LinuxTask current, Fd fd, UserString name, UserPtr<byte> value, ulong size) =>
        Find(current, fd, out Inode? inode, out _) is var e and not Errno.None ? e : Get(current, inode!, name, value, size);

    [Syscall(194, "listxattr")]
    public static SyscallResult List(LinuxTask current, UserString path, UserPtr<byte> list, ulong size) =>
        Find(current, path, follow: true, out Inode? inode, out _) is var e and not Errno.None ? e : List(current, inode!, list, size);

    [Syscall(195, "llistxattr")]
    public static SyscallResult LList(LinuxTask current, UserString path, UserPtr<byte> list, ulong size) =>
        Find(current, path, follow: false, out Inode? inode, out _) is var e and not Errno.None ? e : List(current, inode!, list, size);

    [Syscall(196, "flistxattr")]
    public static SyscallResult FList(LinuxTask current, Fd fd, UserPtr<byte> list, ulong size) =>
        Find(current, fd, out Inode? inode, out _) is var e and not Errno.None ? e : List(current, inode!, list, size);

    [Syscall(197, "removexattr")]
    public static SyscallResult Remove(LinuxTask current, UserString path, UserString name) =>
        Find(current, path, follow: true, out Inode? inode, out Mount? mount) is var e and not Errno.None ? e : Remove(current, inode!, mount, name);

    [Syscall(198, "lremovexattr")]
    public static SyscallResult LRemove(LinuxTask current, UserString path, UserString name) =>
        Find(current, path, follow: false, out Inode? inode, out Mount? mount) is var e and not Errno.None ? e : Remove(current, inode!, mount, name);

    [Syscall(199, "fremovexattr")]
    public static SyscallResult FRemove(LinuxTask current, Fd fd, UserString name) =>
        Find(current, fd, out Inode? inode, out Mount? mount) is var e and not Errno.None ? e : Remove(current, inode!, mount, name);

    private static SyscallResult Set(LinuxTask current, Inode inode, Mount? mount, UserString name, UserPtr<byte> value, ulong size, int flags)
    {
        const int known = 3;
        if ((flags & ~known) != 0) return Errno.EINVAL;
        Errno e = ReadName(current, name, out string text);
        if (e != Errno.None) return e;
        if (size > SizeLimit) return Errno.E2BIG;
        var bytes = new byte[size];
        if (size > 0 && !value.TryRead(current.Memory, bytes.AsSpan())) return Errno.EFAULT;
        if (mount?.IsReadOnly == true) return Errno.EROFS;
        e = ExtendedAttributes.Check(inode, text, current.Credential, AccessMode.Write);
        return e != Errno.None ? e : inode.SetXattr(text, bytes, flags);
    }

    private static SyscallResult Get(LinuxTask current, Inode inode, UserString name, UserPtr<byte> value, ulong size)
    {
        Errno e = ReadName(current, name, out string text);
        if (e == Errno.None) e = ExtendedAttributes.Check(inode, text, current.Credential, AccessMode.Read);
        if (e != Errno.None) return e;
        e = inode.GetXattr(text, out byte[] bytes);
        return e != Errno.None ? e : Answer(current, bytes, value, size);
    }

    private static SyscallResult List(LinuxTask current, Inode inode, UserPtr<byte> list, ulong size)
    {
        Errno e = inode.ListXattr(out IReadOnlyList<string> names);
        if (e != Errno.None) return e;
        var text = new StringBuilder();
        foreach (string name in names)
        {
            if (ExtendedAttributes.IsListed(name, current.Credential)) text.Append(name).Append('\0');
        }
        return Answer(current, Encoding.Latin1.GetBytes(text.ToString()), list, size);
    }

    private static SyscallResult Remove(LinuxTask current, Inode inode, Mount? mount, UserString name)
    {
        Errno e = ReadName(current, name, out string text);
        if (e != Errno.None) return e;
        if (mount?.IsReadOnly == true) return Errno.EROFS;
        e = ExtendedAttributes.Check(inode, text, current.Credential, AccessMode.Write);
        return e != Errno.None ? e : inode.RemoveXattr(text);
    }

    private static SyscallResult Answer(LinuxTask current, byte[] bytes, UserPtr<byte> buffer, ulong size)
    {
        if (size == 0) return bytes.Length;
        if ((ulong)bytes.Length > size) return Errno.ERANGE;
        return buffer.TryWrite(current.Memory, bytes.AsSpan()) ? bytes.Length : Errno.EFAULT;
    }

    private static Errno ReadName(LinuxTask current, UserString name, out string text)
    {
        Errno e = name.TryRead(current.Memory, NameLimit + 1, out text);
        if (e == Errno.ENAMETOOLONG || (e == Errno.None && text.Length == 0)) return Errno.ERANGE;
        return e;
    }

    private static Errno Find(LinuxTask current, UserString path, bool follow, out Inode? inode, out Mount? mount) =>
        PathArguments.FindInode(current, Fd.WorkingDirectory, path, AtFlags.None, follow, out inode, out mount);

    private static Errno Find(LinuxTask current, Fd fd, out Inode? inode, out Mount? mount)
    {
        OpenFile? file = current.FileAt(fd);
        (inode, mount) = (file?.Inode, file?.Path?.Mount);
        if (file == null) return Errno.EBADF;
        return inode == null ? Errno.EOPNOTSUPP : Errno.None;
    }
}
