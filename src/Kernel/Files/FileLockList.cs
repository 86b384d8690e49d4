namespace Kennel.Files;

/// <summary>The locks on one inode (man 2 fcntl, man 2 flock).</summary>
public sealed class FileLockList
{
    /// <summary>Sleepers for a conflicting lock to go.</summary>
    public Waiting.WaitQueue Waiters { get; } = new();
}
