using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>Files without a name (man 2 open, O_TMPFILE; Linux: fs/namei.c, do_tmpfile).</summary>
internal static class TemporaryFiles
{
    public static ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, Fd at, string path, OpenHow how)
    {
        Errno e = PathWalk.Resolve(current, at, path, how.Walk | Opening.WalkFlagsOf(how.Flags), out VfsPath directory);
        if (e != Errno.None) return new((e, null));
        e = Make(current, directory, how.Mode, out VfsPath place);
        return e != Errno.None ? new((e, null)) : Opening.OpenPlaceAsync(current, place, how.Flags, created: true);
    }

    private static Errno Make(LinuxTask current, VfsPath directory, uint mode, out VfsPath place)
    {
        place = default;
        Errno e = Creation.Prepare(current, directory, FileType.Regular, mode & ~current.Fs!.Umask, out Credential owner, out uint permissions);
        if (e != Errno.None) return e;
        e = directory.Inode.CreateTemporary(permissions, owner, out Inode? inode);
        if (e != Errno.None) return e;
        inode!.GetAttributes(out InodeAttributes attributes);
        var dentry = new Dentry(directory.Dentry, $"#{attributes.Number}", inode);
        dentry.MarkUnlinked();
        place = directory with { Dentry = dentry };
        return Errno.None;
    }
}
