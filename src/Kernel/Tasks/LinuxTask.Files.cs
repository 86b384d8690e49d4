using Kennel.Files;

namespace Kennel.Tasks;

/// <summary>What a task keeps for its file operations.</summary>
public sealed partial class LinuxTask
{
    /// <summary>The iterator of the transfer that a plain read or write makes; a task makes one at a time.</summary>
    internal IoIterator Io => field ??= new IoIterator(null, 0, 0);

    /// <summary>Gets a descriptor table of its own (unshare of CLONE_FILES; Linux: unshare_fd).</summary>
    internal void UnshareFiles()
    {
        if (Files is not { IsShared: true } shared) return;
        Files = shared.Clone();
        shared.Release();
    }
}
