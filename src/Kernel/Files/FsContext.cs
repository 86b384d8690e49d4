namespace Kennel.Files;

/// <summary>Root, working directory and umask (Linux: fs_struct); shared with CLONE_FS.</summary>
public sealed class FsContext
{
    public required VfsPath Root { get; set; }

    public required VfsPath WorkingDirectory { get; set; }

    /// <summary>Permission bits that new files do not get.</summary>
    public uint Umask { get; set; } = 0x12;

    /// <summary>A copy for a child without CLONE_FS.</summary>
    public FsContext Clone() => new() { Root = Root, WorkingDirectory = WorkingDirectory, Umask = Umask };
}
