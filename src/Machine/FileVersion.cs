namespace Kennel.Machine;

/// <summary>
/// What tells the bytes of a host file from those of all others, and from what it held before: where this is the same, so are they (man 2 statx).
/// </summary>
/// <param name="Device">The file system's device number.</param>
/// <param name="Number">The inode's.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifyTime">Of its content, in nanoseconds since 1970.</param>
/// <param name="ChangeTime">Of anything about it, which nobody can set back.</param>
public readonly record struct FileVersion(ulong Device, ulong Number, long Size, long ModifyTime, long ChangeTime);

/// <summary>Whose pages a <see cref="CodeArea"/> shows, where they are a file's.</summary>
public interface ICodeSource
{
    /// <summary>All pages are of this version, and were all the time; null where that cannot be told. The caller holds the kernel lock.</summary>
    FileVersion? Version { get; }
}
