using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>/proc itself: a directory for each process, and files about the machine.</summary>
internal sealed class RootDirectory
{
    private readonly ProcFileSystem _proc;
    private readonly Dictionary<string, Func<LinuxTask, string>> _files;

    public RootDirectory(ProcFileSystem proc)
    {
        _proc = proc;
        _files = MachineFiles.Table(proc.Kernel);
        Node = new ProcNode(proc, "", FileType.Directory, 0x16d) { Find = Find, List = List };
    }

    public ProcNode Node { get; }

    private ProcNode? Find(string name)
    {
        if (_files.TryGetValue(name, out Func<LinuxTask, string>? text)) return new ProcNode(_proc, "/" + name, FileType.Regular, 0x124) { Text = text };
        switch (name)
        {
            case "self":
                return Link(name, static (t, view) => t.Group.Leader.Numbers.In(view).ToString());
            case "thread-self":
                return Link(name, static (t, view) => $"{t.Group.Leader.Numbers.In(view)}/task/{t.Numbers.In(view)}");
            case "mounts":
                return Link(name, static (_, _) => "self/mounts");
            case "net":
                return Link(name, static (_, _) => "self/net");
            case "sys":
                return new SysDirectory(_proc).Node;
        }
        if (!int.TryParse(name, out int id) || name[0] is '0' or '+' or '-') return null;
        LinuxTask? task = _proc.Kernel.Tasks.Find(new NamespacePid(id), _proc.View);
        return task == null ? null : new TaskDirectory(_proc, task, "/" + name, isThread: false).Node;
    }

    private IEnumerable<(string, FileType)> List()
    {
        foreach (string name in _files.Keys) yield return (name, FileType.Regular);
        foreach (string name in (string[])["self", "thread-self", "mounts", "net"]) yield return (name, FileType.SymbolicLink);
        yield return ("sys", FileType.Directory);
        foreach (LinuxTask task in _proc.Kernel.Tasks.Processes)
        {
            int id = task.Numbers.In(_proc.View).Value;
            if (id > 0) yield return (id.ToString(), FileType.Directory);
        }
    }

    private ProcNode Link(string name, Func<LinuxTask, Namespaces.PidNamespace, string> target) =>
        new(_proc, "/" + name, FileType.SymbolicLink, 0x1ff) { Target = t => target(t, _proc.View) };
}
