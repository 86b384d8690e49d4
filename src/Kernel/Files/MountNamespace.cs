namespace Kennel.Files;

/// <summary>Which file systems are attached where (man 7 mount_namespaces).</summary>
public sealed class MountNamespace
{
    private readonly List<Mount> _all = [];
    private int _lastId = 20;

    /// <param name="root">The file system at "/".</param>
    public MountNamespace(FileSystem root, string source)
    {
        Root = new Mount(root, new Dentry(null, "", root.Root), null, null, MountFlags.None, source) { Id = ++_lastId };
        _all.Add(Root);
    }

    public Mount Root { get; private set; }

    /// <summary>All mounts, in the order they were made.</summary>
    public IReadOnlyList<Mount> All => _all;

    /// <summary>The mount that lies on a place, if any.</summary>
    public Mount? MountedAt(VfsPath place) => place.Dentry.MountCount > 0 && place.Mount.Mounted.TryGetValue(place.Dentry, out Mount? m) ? m : null;

    /// <summary>Attaches a file system (or, with <paramref name="root"/>, a part of one: a bind mount).</summary>
    public Mount Attach(VfsPath place, FileSystem fileSystem, Dentry root, MountFlags flags, string source)
    {
        var mount = new Mount(fileSystem, root, place.Mount, place.Dentry, flags, source) { Id = ++_lastId };
        Hook(mount, place);
        _all.Add(mount);
        return mount;
    }

    /// <summary>The mounts that lie directly on another.</summary>
    public IEnumerable<Mount> ChildrenOf(Mount parent) => _all.Where(m => m.Parent == parent);

    /// <summary>Takes a mount away, with all that lies on it.</summary>
    public void Detach(Mount mount)
    {
        foreach (Mount child in ChildrenOf(mount).ToList()) Detach(child);
        if (mount.Parent == null || !_all.Remove(mount)) return;
        Unhook(mount);
    }

    /// <summary>Puts a mount, with all that lies on it, on another place (MS_MOVE).</summary>
    public void Move(Mount mount, VfsPath place)
    {
        Unhook(mount);
        Hook(mount, place);
    }

    /// <summary>Makes a mount the root, and puts the old root on a place in it (man 2 pivot_root).</summary>
    public void Pivot(Mount newRoot, VfsPath place)
    {
        Mount oldRoot = Root;
        Unhook(newRoot);
        newRoot.SetPlace(null, null);
        Root = newRoot;
        Hook(oldRoot, place);
    }

    private void Hook(Mount mount, VfsPath place)
    {
        mount.SetPlace(place.Mount, place.Dentry);
        place.Mount.Mounted[place.Dentry] = mount;
        place.Dentry.MountCount++;
        if (!place.Dentry.IsRoot) place.Dentry.Pin();
    }

    private void Unhook(Mount mount)
    {
        if (mount.Parent == null) return;
        mount.Parent.Mounted.Remove(mount.MountPoint!);
        mount.MountPoint!.MountCount--;
    }
}
