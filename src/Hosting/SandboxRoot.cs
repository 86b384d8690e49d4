using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.FileSystems.Host;
using Kennel.FileSystems.Overlay;
using Kennel.FileSystems.Tar;
using Kennel.FileSystems.Tmp;

namespace Kennel;

/// <summary>
/// Composes what a sandbox sees as "/": an overlay over what of the host is let in, and the mounts on it.
/// </summary>
internal sealed class SandboxRoot : IDisposable
{
    private readonly Kernel _kernel;
    private readonly HostPagePool _pages;
    private readonly List<FileSystem> _fileSystems = [];

    public SandboxRoot(Kernel kernel, SandboxOptions options)
    {
        _kernel = kernel;
        _pages = new HostPagePool(kernel);
        Mounts = new MountNamespace(Overlay(options.Root == null ? HostRoot(options) : GivenRoot(options.Root)), "overlay");
        foreach (SandboxMount mount in options.Mounts) Attach(mount);
    }

    public MountNamespace Mounts { get; }

    /// <summary>Frames that hold pages of host files.</summary>
    public int CachedHostPages => _pages.Count;

    /// <summary>Guest strings hold one byte a char.</summary>
    public static string ToGuest(string text) => HostName.ToGuest(text);

    /// <summary>Mounts a file system of the kernel's own.</summary>
    public void AttachOwn(string path, FileSystem fileSystem, MountFlags flags, string source)
    {
        MakeDirectory(path, 0x1ed);
        Mounts.Attach(Find(path), Own(fileSystem), new Dentry(null, "", fileSystem.Root), flags, source);
    }

    /// <summary>What a path names; null when there is nothing.</summary>
    public VfsPath? TryFind(string path) =>
        PathWalk.Resolve(WalkContext.ForHost(Mounts), path, WalkFlags.Follow, out VfsPath place) == Errno.None ? place : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = _fileSystems.Count - 1; i >= 0; i--) _fileSystems[i].Dispose();
        _fileSystems.Clear();
    }

    // The host's system directories and the working directory; a directory that is seen already is not let in twice.
    private Inode HostRoot(SandboxOptions options)
    {
        HostViewBuilder view = new HostViewBuilder(_kernel, _pages).AddStandardRoot();
        Own(view.View);
        string current = Directory.GetCurrentDirectory();
        string top = "/" + current.Split('/', 3)[1];
        bool isSeen = current == "/" || top is "/bin" or "/sbin" or "/usr" or "/etc" or "/opt" || top.StartsWith("/lib", StringComparison.Ordinal);
        if (!options.ShowCurrentDirectory || isSeen) return view.View.Root;
        Errno e = view.Add(current, ToGuest(current));
        if (e != Errno.None) throw new SandboxException($"cannot let the working directory {current} in: {Reason(e)}");
        return view.View.Root;
    }

    private T Own<T>(T fileSystem) where T : FileSystem
    {
        _fileSystems.Add(fileSystem);
        return fileSystem;
    }

    private Inode GivenRoot(string path)
    {
        if (File.Exists(path)) return Own(LoadTar(path)).Root;
        return OpenHost(path, writable: false).Root;
    }

    private TmpFileSystem LoadTar(string path)
    {
        try
        {
            return TarTree.Load(_kernel, path);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new SandboxException($"cannot use {path} as the root: {e.Message}");
        }
    }

    private OverlayFileSystem Overlay(Inode lower) =>
        Own(new OverlayFileSystem(new TmpFileSystem(_kernel, new TmpOptions()), lower, _kernel.Vfs.NextDevice()));

    private void Attach(SandboxMount mount)
    {
        string guest = ToGuest(mount.GuestPath);
        bool isFile = File.Exists(mount.HostPath);
        if (!isFile && !Directory.Exists(mount.HostPath)) throw new SandboxException($"cannot let {mount.HostPath} in: there is no such file or directory");
        string directory = isFile ? Path.GetDirectoryName(mount.HostPath)! : mount.HostPath;
        bool writable = mount.Mode == SandboxMountMode.ReadWrite;
        HostFileSystem host = OpenHost(directory, writable);
        Inode root = host.Root;
        if (isFile)
        {
            Errno e = host.Root.Lookup(ToGuest(Path.GetFileName(mount.HostPath)), out Inode? file);
            if (e != Errno.None) throw new SandboxException($"cannot let {mount.HostPath} in: {Reason(e)}");
            root = file!;
            MakeDirectory(guest[..Math.Max(guest.LastIndexOf('/'), 1)], 0x1ed);
            MakeFile(guest);
        }
        else
        {
            MakeDirectory(guest, 0x1ed);
        }
        FileSystem fileSystem = host;
        if (mount.Mode == SandboxMountMode.Overlay)
        {
            fileSystem = Overlay(root);
            root = fileSystem.Root;
        }
        MountFlags flags = mount.Mode == SandboxMountMode.ReadOnly ? MountFlags.ReadOnly : MountFlags.None;
        Mounts.Attach(Find(guest), fileSystem, new Dentry(null, "", root), flags, mount.Mode == SandboxMountMode.Overlay ? "overlay" : ToGuest(mount.HostPath));
    }

    private HostFileSystem OpenHost(string path, bool writable)
    {
        Errno e = HostFileSystem.Open(path, new HostMountOptions { IsWritable = writable }, _pages, out HostFileSystem? host);
        if (e != Errno.None) throw new SandboxException($"cannot let {path} in: {Reason(e)}");
        return Own(host!);
    }

    private static string Reason(Errno e) => e switch
    {
        Errno.ENOENT => "there is no such file or directory",
        Errno.ENOTDIR => "it is no directory",
        Errno.EACCES or Errno.EPERM => "permission denied",
        _ => e.ToString(),
    };

    private VfsPath Find(string path) => TryFind(path) ?? throw new SandboxException($"cannot make {path} in the sandbox");

    /// <summary>Makes a directory and those above it, where they are missing.</summary>
    public void MakeDirectory(string path, uint permissions)
    {
        for (int slash = path.IndexOf('/', 1); ; slash = path.IndexOf('/', slash + 1))
        {
            bool isLast = slash < 0;
            Errno e = Make(isLast ? path : path[..slash], FileType.Directory, isLast ? permissions : 0x1ed);
            if (e is not (Errno.None or Errno.EEXIST)) throw new SandboxException($"cannot make {path} in the sandbox: {e}");
            if (isLast) return;
        }
    }

    private void MakeFile(string path)
    {
        Errno e = Make(path, FileType.Regular, 0x1a4);
        if (e is not (Errno.None or Errno.EEXIST)) throw new SandboxException($"cannot make {path} in the sandbox: {e}");
    }

    private Errno Make(string path, FileType type, uint permissions)
    {
        if (TryFind(path) != null) return Errno.EEXIST;
        Errno e = PathWalk.ResolveParent(WalkContext.ForHost(Mounts), path, WalkFlags.None, out LastName last);
        if (e != Errno.None || last.Kind != LastKind.Normal) return e;
        return last.Directory.Inode.Create(last.Name, type, permissions, default, Credential.For(0, 0), out _);
    }
}
