using System.Buffers.Binary;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Reading directories (man 2 getdents), and where a task stands (man 2 getcwd, chdir, chroot).</summary>
public static class DirectorySyscalls
{
    [Syscall(78, "getdents")]
    public static SyscallResult GetDEnts(LinuxTask current, Fd fd, UserPtr<byte> buffer, uint count) => Fill(current, fd, buffer, count, isOld: true);

    [Syscall(217, "getdents64")]
    public static SyscallResult GetDEnts64(LinuxTask current, Fd fd, UserPtr<byte> buffer, uint count) => Fill(current, fd, buffer, count, isOld: false);

    [Syscall(79, "getcwd")]
    public static SyscallResult GetCwd(LinuxTask current, UserPtr<byte> buffer, ulong size)
    {
        string? path = PathName.OfWorkingDirectory(current.Fs!.WorkingDirectory, current.Fs.Root);
        if (path == null) return Errno.ENOENT;
        if ((ulong)path.Length + 1 > size) return path.Length + 1 > 4096 ? Errno.ENAMETOOLONG : Errno.ERANGE;
        byte[] bytes = StringBytes.Of(path + "\0");
        return buffer.TryWrite(current.Memory, bytes.AsSpan()) ? bytes.Length : Errno.EFAULT;
    }

    [Syscall(80, "chdir")]
    public static SyscallResult ChDir(LinuxTask current, UserString path)
    {
        Errno e = PathArguments.Find(current, Fd.WorkingDirectory, path, WalkFlags.Follow | WalkFlags.Directory, out VfsPath place);
        if (e == Errno.None) e = Permissions.CheckSearch(place.Inode, current.Credential);
        if (e == Errno.None) current.Fs!.WorkingDirectory = place;
        return e;
    }

    [Syscall(81, "fchdir")]
    public static SyscallResult FChDir(LinuxTask current, Fd fd)
    {
        OpenFile? file = current.Files![fd];
        if (file == null) return Errno.EBADF;
        if (file.Path is not { } place || !place.Inode.IsDirectory) return Errno.ENOTDIR;
        Errno e = Permissions.CheckSearch(place.Inode, current.Credential);
        if (e == Errno.None) current.Fs!.WorkingDirectory = place;
        return e;
    }

    [Syscall(161, "chroot")]
    public static SyscallResult ChRoot(LinuxTask current, UserString path)
    {
        Errno e = PathArguments.Find(current, Fd.WorkingDirectory, path, WalkFlags.Follow | WalkFlags.Directory, out VfsPath place);
        if (e == Errno.None) e = Permissions.CheckSearch(place.Inode, current.Credential);
        if (e != Errno.None) return e;
        if (!current.Credential.Has(Capability.SysChroot)) return Errno.EPERM;
        current.Fs!.Root = place;
        return 0;
    }

    // Linux: fs/readdir.c, filldir and filldir64.
    private static SyscallResult Fill(LinuxTask current, Fd fd, UserPtr<byte> buffer, uint count, bool isOld)
    {
        OpenFile? file = current.FileAt(fd);
        if (file == null) return Errno.EBADF;
        if (file is not DirectoryFile directory) return Errno.ENOTDIR;
        Span<byte> record = stackalloc byte[320];
        uint filled = 0;
        Errno error;
        while (directory.TryGetEntry(current, out DirectoryEntry entry, out error))
        {
            int length = Encode(record, entry, directory.Position + 1, isOld);
            if (filled + (uint)length > count)
            {
                if (filled == 0) error = Errno.EINVAL;
                break;
            }
            if (!buffer[(int)filled].TryWrite(current.Memory, record[..length]))
            {
                error = Errno.EFAULT;
                break;
            }
            filled += (uint)length;
            directory.Position++;
        }
        if (filled == 0) return error;
        directory.Inode!.Touch(modified: false);
        return filled;
    }

    private static int Encode(Span<byte> record, in DirectoryEntry entry, long next, bool isOld)
    {
        int name = isOld ? 18 : 19;
        int length = (name + entry.Name.Length + (isOld ? 2 : 1) + 7) & ~7;
        record[..length].Clear();
        byte type = (byte)((uint)entry.Type >> 12);
        BinaryPrimitives.WriteUInt64LittleEndian(record, entry.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], next);
        BinaryPrimitives.WriteUInt16LittleEndian(record[16..], (ushort)length);
        if (isOld) record[length - 1] = type;
        else record[18] = type;
        StringBytes.Write(entry.Name, record[name..]);
        return length;
    }
}
