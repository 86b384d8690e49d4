using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>What system calls on paths share: copying the path in, finding the place.</summary>
internal static class PathArguments
{
    /// <summary>Copies a path in and resolves it.</summary>
    public static Errno Find(LinuxTask current, Fd at, UserString path, WalkFlags flags, out VfsPath place)
    {
        place = default;
        Errno e = path.TryReadPath(current.Memory, out string text);
        return e != Errno.None ? e : PathWalk.Resolve(current, at, text, flags, out place);
    }

    /// <summary>As <see cref="Find"/>, for calls that take AT_EMPTY_PATH and so work on nameless files too: answers the inode.</summary>
    public static Errno FindInode(LinuxTask current, Fd at, UserString path, AtFlags flags, bool followByDefault, out Inode? inode, out Mount? mount)
    {
        (inode, mount) = (null, null);
        Errno e = path.TryReadPath(current.Memory, out string text);
        if (e != Errno.None) return e;
        if (text.Length == 0 && (flags & AtFlags.EmptyPath) != 0 && at != Fd.WorkingDirectory)
        {
            OpenFile? file = current.Files![at];
            if (file == null) return Errno.EBADF;
            (inode, mount) = (file.Inode, file.Path?.Mount);
            return inode == null ? Errno.EPERM : Errno.None;
        }
        e = PathWalk.Resolve(current, at, text, WalkFlagsOf(flags, followByDefault), out VfsPath place);
        if (e == Errno.None) (inode, mount) = (place.Inode, place.Mount);
        return e;
    }

    /// <summary>AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW and AT_EMPTY_PATH as walk flags.</summary>
    public static WalkFlags WalkFlagsOf(AtFlags flags, bool followByDefault)
    {
        WalkFlags walk = (flags & AtFlags.EmptyPath) != 0 ? WalkFlags.AllowEmpty : WalkFlags.None;
        bool follow = followByDefault ? (flags & AtFlags.SymlinkNoFollow) == 0 : (flags & AtFlags.SymlinkFollow) != 0;
        return follow ? walk | WalkFlags.Follow : walk;
    }
}
