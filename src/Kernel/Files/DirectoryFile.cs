using Kennel.Abi;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>An open directory: what getdents lists. Every file system's directories open as this.</summary>
public sealed class DirectoryFile(OpenFlags flags) : OpenFile(flags)
{
    private IReadOnlyList<DirectoryEntry>? _entries;

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <summary>The names, without "." and "..", as of the last time that the position was 0 (rewinddir).</summary>
    public Errno ReadEntries(LinuxTask current, out IReadOnlyList<DirectoryEntry> entries)
    {
        Errno error = Errno.None;
        if (_entries == null || Position == 0) error = Inode!.ReadDirectory(current, out _entries);
        entries = _entries;
        return error;
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset) => new(Errno.EISDIR);

    /// <inheritdoc/>
    public override Errno Sync() => Errno.None;
}
