using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>/proc/PID, and /proc/PID/task/TID: a table of files, and the directories and links that lead to objects.</summary>
internal sealed class TaskDirectory
{
    private static readonly string[] Namespaces = ["cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "user", "uts"];

    private readonly ProcFileSystem _proc;
    private readonly LinuxTask _task;
    private readonly string _path;
    private readonly bool _isThread;

    public TaskDirectory(ProcFileSystem proc, LinuxTask task, string path, bool isThread)
    {
        (_proc, _task, _path, _isThread) = (proc, task, path, isThread);
        Node = Directory("", Find, List);
    }

    public ProcNode Node { get; }

    private ProcNode? Find(string name)
    {
        if (TaskFiles.Table.TryGetValue(name, out TaskFile? file))
        {
            return new ProcNode(_proc, $"{_path}/{name}", FileType.Regular, file.Permissions)
            {
                Owner = _task,
                IsGuarded = file.IsGuarded,
                Text = reader => file.Text(new TaskView(_task, _proc.View, reader, _isThread)),
                Write = file.Write == null ? null : (writer, text) => file.Write(_task, text),
            };
        }
        return name switch
        {
            "mem" => new ProcNode(_proc, _path + "/mem", FileType.Regular, 0x180)
            {
                Owner = _task,
                IsGuarded = true,
                Open = (flags, path) => new ProcMemoryFile(_task, flags) { Path = path }.HoldingInode<ProcMemoryFile>(),
            },
            "exe" => Magic(name, () => _task.Memory?.Executable?.Path),
            "cwd" => Magic(name, () => _task.Fs?.WorkingDirectory),
            "root" => Magic(name, () => _task.Fs?.Root),
            "fd" => Directory("/fd", FindDescriptor, () => Descriptors(FileType.SymbolicLink), 0x140),
            "fdinfo" => Directory("/fdinfo", FindDescriptorInfo, () => Descriptors(FileType.Regular)),
            "ns" => Directory("/ns", FindNamespace, static () => Namespaces.Select(n => (n, FileType.SymbolicLink))),
            "net" => Directory("/net", FindNet, static () => NetFiles.Table.Keys.Select(n => (n, FileType.Regular))),
            "task" when !_isThread => Directory("/task", FindThread, Threads),
            _ => null,
        };
    }

    private IEnumerable<(string, FileType)> List()
    {
        foreach (string name in TaskFiles.Table.Keys) yield return (name, FileType.Regular);
        yield return ("mem", FileType.Regular);
        foreach (string name in (string[])["exe", "cwd", "root"]) yield return (name, FileType.SymbolicLink);
        foreach (string name in (string[])["fd", "fdinfo", "ns", "net"]) yield return (name, FileType.Directory);
        if (!_isThread) yield return ("task", FileType.Directory);
    }

    private ProcNode? FindDescriptor(string name)
    {
        if (OpenFileOf(name) is not { } file) return null;
        uint access = (file.IsReadable ? 0x140u : 0x40u) | (file.IsWritable ? 0x80u : 0u);
        return new ProcNode(_proc, $"{_path}/fd/{name}", FileType.SymbolicLink, access)
        {
            Owner = _task,
            IsGuarded = true,
            Target = reader => file.Path is { } place ? PathName.Of(place, reader.Fs!.Root) : file.Description,
            Object = () => file.Path,
        };
    }

    private ProcNode? FindDescriptorInfo(string name)
    {
        if (OpenFileOf(name) is not { } file) return null;
        bool closeOnExec = _task.Files!.IsCloseOnExec(new Fd(int.Parse(name)));
        return new ProcNode(_proc, $"{_path}/fdinfo/{name}", FileType.Regular, 0x124)
        {
            Owner = _task,
            IsGuarded = true,
            Text = _ => $"pos:\t{file.Position}\nflags:\t0{Convert.ToString((int)file.Flags | (closeOnExec ? (int)OpenFlags.CloseOnExec : 0), 8)}\nmnt_id:\t{MountFiles.IdOf(_task, file.Path?.Mount)}\nino:\t{NumberOf(file)}\n",
        };
    }

    private static ulong NumberOf(OpenFile file) => file.GetAttributes(out InodeAttributes a) == Errno.None ? a.Number : 0;

    private OpenFile? OpenFileOf(string name) => int.TryParse(name, out int fd) && fd >= 0 && name == fd.ToString() ? _task.Files?[new Fd(fd)] : null;

    private IEnumerable<(string, FileType)> Descriptors(FileType type) => _task.Files?.Open.Select(fd => (fd.Value.ToString(), type)) ?? [];

    private ProcNode? FindThread(string name)
    {
        LinuxTask? thread = _task.Group.Threads.FirstOrDefault(t => t.Numbers.In(_proc.View).ToString() == name);
        return thread == null ? null : new TaskDirectory(_proc, thread, $"{_path}/task/{name}", isThread: true).Node;
    }

    private IEnumerable<(string, FileType)> Threads() => _task.Group.Threads.Select(t => (t.Numbers.In(_proc.View).ToString(), FileType.Directory));

    private ProcNode? FindNamespace(string name)
    {
        int index = Array.IndexOf(Namespaces, name);
        if (index < 0) return null;
        string kind = name == "pid_for_children" ? "pid" : name;
        object instance = kind switch
        {
            "mnt" => _task.Namespaces.Mounts,
            "uts" => _task.Namespaces.Uts,
            "pid" => name == "pid" ? _task.Numbers.Owner : _task.Namespaces.PidForChildren,
            _ => _proc.Kernel,
        };
        return new ProcNode(_proc, $"{_path}/ns/{name}", FileType.SymbolicLink, 0x1ff)
        {
            Owner = _task,
            IsGuarded = true,
            Target = _ => $"{kind}:[{4026531832 + _proc.NumberOf($"namespace {kind} {System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(instance)}")}]",
            Object = static () => null,
        };
    }

    private ProcNode? FindNet(string name) => NetFiles.Table.TryGetValue(name, out string? text)
        ? new ProcNode(_proc, $"{_path}/net/{name}", FileType.Regular, 0x124) { Text = _ => text }
        : null;

    private ProcNode Directory(string name, Func<string, ProcNode?> find, Func<IEnumerable<(string, FileType)>> list, uint permissions = 0x16d) =>
        new(_proc, _path + name, FileType.Directory, permissions) { Owner = _task, IsGuarded = name is "/fd" or "/fdinfo", Find = find, List = list };

    private ProcNode Magic(string name, Func<VfsPath?> target) => new(_proc, $"{_path}/{name}", FileType.SymbolicLink, 0x1ff)
    {
        Owner = _task,
        IsGuarded = true,
        Target = reader => target() is { } place ? PathName.Of(place, reader.Fs!.Root) : null,
        Object = target,
    };
}

/// <summary>A task, and who looks at it.</summary>
internal readonly record struct TaskView(LinuxTask Task, Namespaces.PidNamespace View, LinuxTask Reader, bool IsThread);

/// <summary>One file of a task's directory.</summary>
internal sealed record TaskFile(Func<TaskView, string> Text, uint Permissions = 0x124, bool IsGuarded = false)
{
    public Func<LinuxTask, string, Errno>? Write { get; init; }
}
