using Kennel.Files;

namespace Kennel.Namespaces;

/// <summary>The namespaces of a task (Linux: struct nsproxy). Immutable; unshare makes a new one.</summary>
public sealed record NamespaceSet(PidNamespace PidForChildren, UtsNamespace Uts, MountNamespace Mounts);

/// <summary>uname's names (man 7 uts_namespaces).</summary>
public sealed class UtsNamespace
{
    public string NodeName { get; set; } = "kennel";

    public string DomainName { get; set; } = "(none)";
}
