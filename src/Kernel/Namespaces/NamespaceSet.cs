using Kennel.Abi;
using Kennel.Files;

namespace Kennel.Namespaces;

/// <summary>The namespaces of a task (Linux: struct nsproxy). Immutable; unshare makes a new one.</summary>
public sealed record NamespaceSet(PidNamespace PidForChildren, UtsNamespace Uts, MountNamespace Mounts)
{
    // Linux: MAX_PID_NS_LEVEL.
    private const int DeepestPidLevel = 32;

    /// <summary>A set with new namespaces where the flags ask for them. ENOSPC when pid namespaces nest too deep.</summary>
    internal Errno Copy(CloneFlags flags, out NamespaceSet result)
    {
        result = this;
        if ((flags & CloneFlags.CLONE_NEWUTS) != 0) result = result with { Uts = Uts.Clone() };
        // Differs from Linux: mounts made later are still seen on both sides; private mount trees come with mount(2).
        if ((flags & CloneFlags.CLONE_NEWPID) == 0) return Errno.None;
        if (PidForChildren.Level + 1 >= DeepestPidLevel) return Errno.ENOSPC;
        result = result with { PidForChildren = new PidNamespace(PidForChildren) };
        return Errno.None;
    }
}

/// <summary>uname's names (man 7 uts_namespaces).</summary>
public sealed class UtsNamespace
{
    public string NodeName { get; set; } = "kennel";

    public string DomainName { get; set; } = "(none)";

    internal UtsNamespace Clone() => new() { NodeName = NodeName, DomainName = DomainName };
}
