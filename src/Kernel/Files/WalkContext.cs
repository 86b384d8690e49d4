using Kennel.Credentials;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>All that the result of a path walk depends on besides the path.</summary>
/// <param name="Root">Where "/" is, and where ".." stops.</param>
/// <param name="WorkingDirectory">Where relative paths begin.</param>
/// <param name="Credential">Whose rights count.</param>
/// <param name="Mounts">Which mounts are crossed.</param>
/// <param name="Task">For links that depend on who looks (procfs); hosts have none.</param>
public readonly record struct WalkContext(
    VfsPath Root, VfsPath WorkingDirectory, Credential Credential, MountNamespace Mounts, LinuxTask? Task)
{
    /// <summary>A task's view.</summary>
    public static WalkContext Of(LinuxTask task) =>
        new(task.Fs!.Root, task.Fs.WorkingDirectory, task.Credential, task.Namespaces.Mounts, task);

    /// <summary>The whole tree with all rights, as the host that sets a machine up sees it.</summary>
    public static WalkContext ForHost(MountNamespace mounts)
    {
        var root = new VfsPath(mounts.Root, mounts.Root.Root);
        return new(root, root, Credential.For(0, 0), mounts, null);
    }
}
