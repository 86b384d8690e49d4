using Kennel.Abi;
using Kennel.Files;

namespace Kennel.FileSystems.Host;

/// <summary>
/// Puts a <see cref="HostView"/> together. Guest paths are as guests write them (bytes, one a char); host paths are .NET's. Later
/// entries lie over earlier ones.
/// </summary>
public sealed class HostViewBuilder(Kernel kernel, HostPagePool pages)
{
    private static readonly string[] SystemDirectories = ["bin", "sbin", "usr", "etc", "opt"];

    private readonly HostView _view = new(kernel.Vfs.NextDevice(), kernel.Time.Realtime);

    /// <summary>The tree as it is so far.</summary>
    public HostView View => _view;

    /// <summary>
    /// What a sandbox shows by default: the host's /bin /sbin /lib* /usr /etc /opt (links as links), taken to stay as they are for the
    /// run; everything else that a Linux system has at its root is an empty directory.
    /// </summary>
    public HostViewBuilder AddStandardRoot()
    {
        foreach (string name in "home mnt media srv boot".Split(' ')) AddDirectory("/" + name);
        foreach (string name in "var/log var/lib var/cache var/spool var/mail var/opt var/local run/lock".Split(' ')) AddDirectory("/" + name);
        foreach (string name in (string[])["proc", "sys"]) AddDirectory("/" + name, 0x16d);
        foreach (string name in (string[])["tmp", "var/tmp", "run/lock"]) AddDirectory("/" + name, 0x3ff);
        AddDirectory("/dev");
        AddDirectory("/root", 0x1c0);
        AddLink("/var/run", "/run");
        AddLink("/var/lock", "/run/lock");
        string[] top = Directory.GetFileSystemEntries("/");
        Array.Sort(top, StringComparer.Ordinal);
        foreach (string path in top)
        {
            string name = Path.GetFileName(path);
            if (!SystemDirectories.Contains(name) && !name.StartsWith("lib", StringComparison.Ordinal)) continue;
            string? target = new FileInfo(path).LinkTarget;
            if (target != null) AddLink(HostName.ToGuest(path), HostName.ToGuest(target));
            else if (Directory.Exists(path)) Add(path, HostName.ToGuest(path), isStable: true);
        }
        return this;
    }

    /// <summary>An empty directory; those above it are made as well. One that is there gets the rights and the owner.</summary>
    public HostViewBuilder AddDirectory(string guestPath, uint permissions = 0x1ed, uint uid = 0, uint gid = 0)
    {
        ViewInode? directory = Walk(guestPath);
        if (directory != null) (directory.Permissions, directory.Uid, directory.Gid) = (permissions, uid, gid);
        return this;
    }

    /// <summary>A symbolic link.</summary>
    public HostViewBuilder AddLink(string guestPath, string target)
    {
        (string parent, string name) = Split(guestPath);
        Walk(parent)?.Put(name, new ViewInode(_view, null, target) { Permissions = 0x1ff });
        return this;
    }

    /// <summary>A directory or file of the host, which guests see at a place of their own.</summary>
    /// <param name="hostPath">Links in it are followed.</param>
    /// <param name="guestPath">Where it is seen. Directories above it are made.</param>
    /// <param name="isStable">Whether it is taken to stay as it is while the machine runs.</param>
    /// <returns>ENOENT and other errors of the host; ENOTDIR when something else is in the way.</returns>
    public Errno Add(string hostPath, string guestPath, bool isStable = false)
    {
        bool isFile = File.Exists(hostPath);
        string directory = isFile ? Path.GetDirectoryName(Path.GetFullPath(hostPath))! : hostPath;
        var options = new HostMountOptions { IsStable = isStable };
        Errno error = HostFileSystem.Open(directory, options, pages, out HostFileSystem? part);
        if (error != Errno.None) return error;
        Inode? inode = part!.Root;
        if (isFile) error = inode.Lookup(HostName.ToGuest(Path.GetFileName(hostPath)), out inode);
        if (error == Errno.None && !Put(guestPath, inode!)) error = Errno.ENOTDIR;
        if (error == Errno.None) _view.Own(part);
        else part.Dispose();
        return error;
    }

    private bool Put(string guestPath, Inode inode)
    {
        (string parent, string name) = Split(guestPath);
        ViewInode? directory = Walk(parent);
        if (directory == null || name.Length == 0) return false;
        directory.Put(name, inode);
        return true;
    }

    // The directory at a path, made if need be; null where something else is in the way.
    private ViewInode? Walk(string guestPath)
    {
        ViewInode? at = _view.RootInode;
        foreach (string name in guestPath.Split('/', StringSplitOptions.RemoveEmptyEntries)) at = at?.OpenUp(name);
        return at;
    }

    private static (string Parent, string Name) Split(string guestPath)
    {
        string trimmed = guestPath.TrimEnd('/');
        int slash = trimmed.LastIndexOf('/');
        return (slash <= 0 ? "/" : trimmed[..slash], trimmed[(slash + 1)..]);
    }
}
