namespace Kennel.Files;

/// <summary>How a path is to be resolved (Linux: LOOKUP_*, and the RESOLVE_* of man 2 openat2).</summary>
[Flags]
public enum WalkFlags
{
    None = 0,

    /// <summary>A symbolic link at the end is followed too.</summary>
    Follow = 1,

    /// <summary>The result must be a directory: ENOTDIR otherwise.</summary>
    Directory = 2,

    /// <summary>An empty path means the directory descriptor's own file (AT_EMPTY_PATH).</summary>
    AllowEmpty = 4,

    /// <summary>RESOLVE_NO_XDEV: EXDEV instead of crossing a mount.</summary>
    NoMountCrossing = 8,

    /// <summary>RESOLVE_NO_MAGICLINKS: ELOOP instead of following a magic link.</summary>
    NoMagicLinks = 16,

    /// <summary>RESOLVE_NO_SYMLINKS: ELOOP instead of following any link.</summary>
    NoSymbolicLinks = 32,

    /// <summary>RESOLVE_BENEATH: EXDEV instead of leaving the starting directory.</summary>
    Beneath = 64,

    /// <summary>RESOLVE_IN_ROOT: the starting directory is the root.</summary>
    InRoot = 128,

    /// <summary>Any of the two that confine the walk (Linux: LOOKUP_IS_SCOPED).</summary>
    Scoped = Beneath | InRoot,
}

/// <summary>What the last component of a path is (Linux: LAST_NORM and its like).</summary>
public enum LastKind
{
    /// <summary>A name.</summary>
    Normal,

    /// <summary>There is none: the path was "/" or only slashes, or a magic link led there.</summary>
    Root,

    /// <summary>".".</summary>
    Dot,

    /// <summary>"..".</summary>
    DotDot,
}

/// <summary>A directory and a name in it that may or may not exist: where something is made, removed or renamed.</summary>
/// <param name="Directory">The directory.</param>
/// <param name="Name">The last component, without slashes.</param>
/// <param name="Kind">Whether it is a name at all.</param>
/// <param name="HasTrailingSlash">Whether slashes followed it.</param>
public readonly record struct LastName(VfsPath Directory, string Name, LastKind Kind, bool HasTrailingSlash);
