using Kennel.Abi;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>
/// An open directory. Its names are taken down when reading begins, so entries that come and go meanwhile disturb nobody;
/// the position counts entries, "." and ".." first.
/// </summary>
public sealed class DirectoryFile(OpenFlags flags) : OpenFile(flags)
{
    private IReadOnlyList<DirectoryEntry>? _entries;

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset) => new(Errno.EISDIR);

    /// <inheritdoc/>
    public override Errno Sync() => Errno.None;

    /// <summary>The entry at the position; false behind the last one.</summary>
    public bool TryGetEntry(LinuxTask current, out DirectoryEntry entry, out Errno error)
    {
        error = Errno.None;
        entry = default;
        Dentry dentry = Path!.Value.Dentry;
        if (dentry.IsUnlinked) error = Errno.ENOENT;
        else if (Position == 0 || _entries == null) error = Inode!.ReadDirectory(current, out _entries);
        if (error != Errno.None) return false;
        if (Position == 0) entry = new DirectoryEntry(".", NumberOf(dentry), FileType.Directory);
        else if (Position == 1) entry = new DirectoryEntry("..", NumberOf(dentry.Parent), FileType.Directory);
        else if (Position - 2 < _entries!.Count) entry = _entries[(int)(Position - 2)];
        else return false;
        return true;
    }

    private static ulong NumberOf(Dentry dentry) => dentry.Inode.GetAttributes(out InodeAttributes a) == Errno.None ? a.Number : 1;
}
