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
    public bool TryGetChild(ReadOnlySpan<char> name, out Dentry? child)
    {
        child = null;
        return _children != null && _children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out child);
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


    /// <summary>Forgets what is cached when that has become much. Who stands there keeps its dentry.</summary>
    internal void TrimChildren()
    {
        const int many = 4096;
        if (_children == null || _children.Count < many) return;
        foreach ((string name, Dentry child) in _children)
        {
            if (child.IsForgettable) _children.Remove(name);
        }
    }

    // Whatever is below it goes too, or the next trim would find the same names again (/proc/PID of the dead).
    private bool IsForgettable => MountCount == 0 && (_children == null || _children.Values.All(static c => c.IsForgettable));

    /// <summary>It never had a name, or has lost it.</summary>
    internal void MarkUnlinked() => IsUnlinked = true;

    /// <summary>Makes sure that its parent finds this very dentry again (something is mounted on it).</summary>
    internal void Pin() => (Parent._children ??= new Dictionary<string, Dentry>(StringComparer.Ordinal))[Name] = this;

    /// <summary>Whether it is <paramref name="ancestor"/> or lies below it.</summary>
    public bool IsBelow(Dentry ancestor)
    {
        for (Dentry d = this; ; d = d.Parent)
        {
            if (d == ancestor) return true;
            if (d.IsRoot) return false;
        }
    }

    /// <summary>Swaps two children (rename with RENAME_EXCHANGE).</summary>
    public void ExchangeChild(string name, Dentry otherParent, string otherName)
    {
        if (!TryGetChild(name, out Dentry? one) || !otherParent.TryGetChild(otherName, out Dentry? other)) return;
        (one!.Parent, one.Name, other!.Parent, other.Name) = (otherParent, otherName, this, name);
        _children![name] = other;
        otherParent._children![otherName] = one;
    }

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
    /// <summary>The number that /proc/self/mountinfo and statx show.</summary>
    public int Id { get; internal init; }

    public FileSystem FileSystem { get; } = fileSystem;

    /// <summary>What is seen at the mount point.</summary>
    public Dentry Root { get; } = root;

    /// <summary>Null for the root mount.</summary>
    public Mount? Parent { get; private set; } = parent;

    public Dentry? MountPoint { get; private set; } = mountPoint;

    public MountFlags Flags { get; set; } = flags;

    /// <summary>The mounts that lie directly on it, by their places.</summary>
    internal Dictionary<Dentry, Mount> Mounted { get; } = [];

    /// <summary>First field of /proc/mounts.</summary>
    public string Source { get; } = source;

    public bool IsReadOnly => (Flags & MountFlags.ReadOnly) != 0;

    internal void SetPlace(Mount? parent, Dentry? mountPoint) => (Parent, MountPoint) = (parent, mountPoint);

    /// <summary>Whether a place can be reached below its root (only part of a file system may be mounted).</summary>
    public bool Contains(Dentry dentry) => Root.IsRoot || dentry.IsBelow(Root);
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
    NoSymbolicFollow = 256,
    NoAccessTime = 1024,
    NoDirectoryAccessTime = 2048,
    Bind = 4096,
    Move = 8192,
    Recursive = 16384,
    Silent = 32768,
    Unbindable = 1 << 17,
    Private = 1 << 18,
    Slave = 1 << 19,
    Shared = 1 << 20,
    RelativeAccessTime = 1 << 21,
    StrictAccessTime = 1 << 24,
    LazyTime = 1 << 25,
}

/// <summary>A place in the tree: a name and the mount that it was reached through (Linux: struct path).</summary>
public readonly record struct VfsPath(Mount Mount, Dentry Dentry)
{
    public Inode Inode => Dentry.Inode;
}
