using System.Text;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.FileSystems.Host;
using Kennel.FileSystems.Overlay;
using Kennel.FileSystems.Tmp;

namespace Kennel;

/// <summary>
/// Composes what a sandbox sees as "/": a skeleton in memory, and one mount for each host directory that is let in.
/// </summary>
internal sealed class SandboxRoot : IDisposable
{
    private static readonly string[] SystemDirectories = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "opt"];

    private static readonly (string Path, uint Permissions)[] Skeleton =
    [
        ("/dev", 0x1ed), ("/home", 0x1ed), ("/media", 0x1ed), ("/mnt", 0x1ed), ("/proc", 0x16d), ("/root", 0x1c0), ("/run", 0x1ed),
        ("/run/lock", 0x3ff), ("/srv", 0x1ed), ("/sys", 0x16d), ("/tmp", 0x3ff), ("/var", 0x1ed), ("/var/cache", 0x1ed),
        ("/var/lib", 0x1ed), ("/var/log", 0x1ed), ("/var/tmp", 0x3ff),
    ];

    private readonly Kernel _kernel;
    private readonly HostPagePool _pages;
    private readonly List<FileSystem> _fileSystems = [];

    public SandboxRoot(Kernel kernel, SandboxOptions options)
    {
        _kernel = kernel;
        _pages = new HostPagePool(kernel);
        if (options.Root == null) Mounts = new MountNamespace(Own(new TmpFileSystem(kernel, new TmpOptions { RootPermissions = 0x1ed })), "kennel");
        else Mounts = new MountNamespace(OpenRoot(options.Root), "overlay");
        foreach ((string path, uint permissions) in Skeleton) MakeDirectory(path, permissions, mayFail: options.Root != null);
        if (options.Root == null)
        {
            foreach (string name in SystemDirectories) LetSystemDirectoryIn(name);
            string current = Directory.GetCurrentDirectory();
            if (options.ShowCurrentDirectory && !IsCovered(current)) Attach(new SandboxMount(current, current), isStable: false);
        }
        foreach (SandboxMount mount in options.Mounts) Attach(mount, isStable: false);
    }

    public MountNamespace Mounts { get; }

    /// <summary>Guest strings hold one byte a char.</summary>
    public static string ToGuest(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>Mounts a file system of the kernel's own.</summary>
    public void AttachOwn(string path, FileSystem fileSystem, MountFlags flags, string source) =>
        Mounts.Attach(Find(path), Own(fileSystem), new Dentry(null, "", fileSystem.Root), flags, source);

    /// <summary>What a path names; null when there is nothing.</summary>
    public VfsPath? TryFind(string path) =>
        PathWalk.Resolve(WalkContext.ForHost(Mounts), path, WalkFlags.Follow, out VfsPath place) == Errno.None ? place : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = _fileSystems.Count - 1; i >= 0; i--) _fileSystems[i].Dispose();
        _fileSystems.Clear();
    }

    private static bool IsCovered(string directory) =>
        directory == "/" || SystemDirectories.Any(d => directory == "/" + d || directory.StartsWith($"/{d}/", StringComparison.Ordinal));

    private T Own<T>(T fileSystem) where T : FileSystem
    {
        _fileSystems.Add(fileSystem);
        return fileSystem;
    }

    private OverlayFileSystem OpenRoot(string path)
    {
        if (File.Exists(path)) throw new SandboxException($"--root {path}: tar files are not supported yet: unpack it and give the directory");
        return Own(new OverlayFileSystem(new TmpFileSystem(_kernel, new TmpOptions()), OpenHost(path, writable: false, isStable: true).Root, _kernel.Vfs.NextDevice()));
    }

    private void LetSystemDirectoryIn(string name)
    {
        var directory = new DirectoryInfo("/" + name);
        if (directory.LinkTarget is { } target)
        {
            Errno e = Mounts.Root.Root.Inode.Symlink(name, ToGuest(target), Credential.For(0, 0), out _);
            if (e != Errno.None) throw new SandboxException($"cannot make /{name}: {e}");
        }
        else if (directory.Exists)
        {
            Attach(new SandboxMount(directory.FullName, directory.FullName), isStable: true);
        }
    }

    private void Attach(SandboxMount mount, bool isStable)
    {
        string guest = ToGuest(mount.GuestPath);
        bool isFile = File.Exists(mount.HostPath);
        if (!isFile && !Directory.Exists(mount.HostPath)) throw new SandboxException($"cannot let {mount.HostPath} in: there is no such file or directory");
        string directory = isFile ? Path.GetDirectoryName(mount.HostPath)! : mount.HostPath;
        bool writable = mount.Mode == SandboxMountMode.ReadWrite;
        HostFileSystem host = OpenHost(directory, writable, isStable);
        Inode root = host.Root;
        if (isFile)
        {
            Errno e = host.Root.Lookup(ToGuest(Path.GetFileName(mount.HostPath)), out Inode? file);
            if (e != Errno.None) throw new SandboxException($"cannot let {mount.HostPath} in: {e}");
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
            fileSystem = Own(new OverlayFileSystem(new TmpFileSystem(_kernel, new TmpOptions()), root, _kernel.Vfs.NextDevice()));
            root = fileSystem.Root;
        }
        MountFlags flags = mount.Mode == SandboxMountMode.ReadOnly ? MountFlags.ReadOnly : MountFlags.None;
        Mounts.Attach(Find(guest), fileSystem, new Dentry(null, "", root), flags, mount.Mode == SandboxMountMode.Overlay ? "overlay" : ToGuest(mount.HostPath));
    }

    private HostFileSystem OpenHost(string path, bool writable, bool isStable)
    {
        Errno e = HostFileSystem.Open(path, new HostMountOptions { IsWritable = writable, IsStable = isStable }, _pages, out HostFileSystem? host);
        if (e != Errno.None) throw new SandboxException($"cannot let {path} in: {e}");
        return Own(host!);
    }

    private VfsPath Find(string path) => TryFind(path) ?? throw new SandboxException($"cannot make {path} in the sandbox");

    private void MakeDirectory(string path, uint permissions, bool mayFail = false)
    {
        for (int slash = path.IndexOf('/', 1); ; slash = path.IndexOf('/', slash + 1))
        {
            bool isLast = slash < 0;
            Errno e = Make(isLast ? path : path[..slash], FileType.Directory, isLast ? permissions : 0x1ed);
            if (e is not (Errno.None or Errno.EEXIST) && !mayFail) throw new SandboxException($"cannot make {path} in the sandbox: {e}");
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
