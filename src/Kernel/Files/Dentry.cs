namespace Kennel.Files;

/// <summary>A name in a directory, and what it leads to (Linux: struct dentry). Kept by its parent, so that paths can be told.</summary>
public sealed class Dentry
{
    private Dictionary<string, Dentry>? _children;

    public Dentry(Dentry? parent, string name, Inode inode)
    {
        Parent = parent ?? this;
        Name = name;
        Inode = inode;
    }

    /// <summary>Itself for the root of a file system.</summary>
    public Dentry Parent { get; private set; }

    public string Name { get; private set; }

    public Inode Inode { get; }

    /// <summary>Whether the name is gone; paths then end in " (deleted)".</summary>
    public bool IsUnlinked { get; private set; }

    public bool IsRoot => Parent == this;

    /// <summary>How many mounts lie on it, in any namespace.</summary>
    public int MountCount { get; set; }

    /// <summary>A child that is cached.</summary>
    public bool TryGetChild(string name, out Dentry? child)
    {
        child = null;
        return _children != null && _children.TryGetValue(name, out child);
    }

    /// <summary>Caches a child, or answers the one that is cached for the same inode.</summary>
    public Dentry AddChild(string name, Inode inode)
    {
        _children ??= new Dictionary<string, Dentry>(StringComparer.Ordinal);
        if (_children.TryGetValue(name, out Dentry? known) && known.Inode == inode) return known;
        return _children[name] = new Dentry(this, name, inode);
    }

    /// <summary>The name was removed.</summary>
    public void RemoveChild(string name)
    {
        if (_children == null || !_children.Remove(name, out Dentry? child)) return;
        child.IsUnlinked = true;
    }

    /// <summary>Forgets a cached name without declaring it removed.</summary>
    public void ForgetChild(string name) => _children?.Remove(name);

    /// <summary>Moves a child to another place (rename).</summary>
    public void MoveChild(string name, Dentry newParent, string newName)
    {
        newParent.RemoveChild(newName);
        if (_children == null || !_children.Remove(name, out Dentry? child)) return;
        child.Parent = newParent;
        child.Name = newName;
        (newParent._children ??= new Dictionary<string, Dentry>(StringComparer.Ordinal))[newName] = child;
    }
}

/// <summary>A file system attached to a place of the tree (Linux: struct mount).</summary>
public sealed class Mount(FileSystem fileSystem, Dentry root, Mount? parent, Dentry? mountPoint, MountFlags flags, string source)
{
    public FileSystem FileSystem { get; } = fileSystem;

    /// <summary>What is seen at the mount point.</summary>
    public Dentry Root { get; } = root;

    /// <summary>Null for the root mount.</summary>
    public Mount? Parent { get; } = parent;

    public Dentry? MountPoint { get; } = mountPoint;

    public MountFlags Flags { get; set; } = flags;

    /// <summary>First field of /proc/mounts.</summary>
    public string Source { get; } = source;

    public bool IsReadOnly => (Flags & MountFlags.ReadOnly) != 0;
}

/// <summary>MS_* of man 2 mount.</summary>
[Flags]
public enum MountFlags : ulong
{
    None = 0,
    ReadOnly = 1,
    NoSuid = 2,
    NoDev = 4,
    NoExec = 8,
    Remount = 32,
    Bind = 4096,
    Move = 8192,
    Recursive = 16384,
    Private = 1 << 18,
}

/// <summary>A place in the tree: a name and the mount that it was reached through (Linux: struct path).</summary>
public readonly record struct VfsPath(Mount Mount, Dentry Dentry)
{
    public Inode Inode => Dentry.Inode;
}
