using Kennel.Abi;
using Kennel.Files;
using Kennel.Namespaces;

namespace Kennel.FileSystems.Proc;

/// <summary>Processes and the machine as files (man 5 proc). All content is made when it is read.</summary>
/// <remarks>
/// The tree is made of <see cref="ProcNode"/>s that are thrown away after use; what a directory holds is a table from names to the
/// functions that write the files: <see cref="TaskDirectory"/> for a process or thread, <see cref="RootDirectory"/> for the rest.
/// </remarks>
public sealed class ProcFileSystem : PseudoFileSystem
{
    /// <param name="kernel">The machine that it shows.</param>
    /// <param name="view">The pid namespace whose numbers it shows.</param>
    public ProcFileSystem(Kernel kernel, PidNamespace view)
        : base("proc", kernel)
    {
        View = view;
        Root = new RootDirectory(this).Node;
    }

    /// <inheritdoc/>
    public override Inode Root { get; }

    /// <inheritdoc/>
    public override long Magic => 0x9fa0;

    /// <summary>Whose numbers are shown.</summary>
    public PidNamespace View { get; }
}
