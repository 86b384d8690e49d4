using System.Text;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>/proc/PID/mounts and mountinfo (man 5 proc_pid_mountinfo). Linux: fs/proc_namespace.c.</summary>
internal static class MountFiles
{
    private const int FirstId = 20;

    /// <summary>A mount's number in mountinfo and fdinfo; 0 when the task cannot see it.</summary>
    public static int IdOf(LinuxTask task, Mount? mount)
    {
        if (mount == null) return 0;
        for (int i = 0; i < task.Namespaces.Mounts.All.Count; i++)
        {
            if (task.Namespaces.Mounts.All[i] == mount) return FirstId + i;
        }
        return 0;
    }

    public static string Mounts(TaskView v)
    {
        var text = new StringBuilder();
        foreach (Mount mount in v.Task.Namespaces.Mounts.All)
        {
            text.Append($"{Escape(mount.Source)} {PlaceOf(v, mount)} {mount.FileSystem.TypeName} {Options(mount)} 0 0\n");
        }
        return text.ToString();
    }

    public static string MountInfo(TaskView v)
    {
        var text = new StringBuilder();
        foreach (Mount mount in v.Task.Namespaces.Mounts.All)
        {
            var device = mount.FileSystem.Device;
            int parent = mount.Parent == null ? 1 : IdOf(v.Task, mount.Parent);
            text.Append($"{IdOf(v.Task, mount)} {parent} {device.Major}:{device.Minor} {RootOf(mount)} {PlaceOf(v, mount)} {Options(mount)} - ");
            text.Append($"{mount.FileSystem.TypeName} {Escape(mount.Source)} {(mount.IsReadOnly ? "ro" : "rw")}\n");
        }
        return text.ToString();
    }

    private static string PlaceOf(TaskView v, Mount mount) => Escape(PathName.Of(new VfsPath(mount, mount.Root), (v.Task.Fs ?? v.Reader.Fs!).Root));

    private static string RootOf(Mount mount)
    {
        string path = "";
        for (Dentry d = mount.Root; !d.IsRoot; d = d.Parent) path = "/" + d.Name + path;
        return path.Length == 0 ? "/" : Escape(path);
    }

    private static string Options(Mount mount)
    {
        var text = new StringBuilder(mount.IsReadOnly ? "ro" : "rw");
        if ((mount.Flags & MountFlags.NoSuid) != 0) text.Append(",nosuid");
        if ((mount.Flags & MountFlags.NoDev) != 0) text.Append(",nodev");
        if ((mount.Flags & MountFlags.NoExec) != 0) text.Append(",noexec");
        return text.Append(",relatime").ToString();
    }

    private static string Escape(string text) => text.Replace("\\", "\\134").Replace(" ", "\\040").Replace("\t", "\\011").Replace("\n", "\\012");
}

/// <summary>/proc/PID/net of a machine without a network: the headings.</summary>
internal static class NetFiles
{
    private const string Sockets =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n";

    public static IReadOnlyDictionary<string, string> Table { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["dev"] = "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n",
        ["route"] = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       \n",
        ["tcp"] = Sockets,
        ["udp"] = Sockets,
        ["unix"] = "Num       RefCount Protocol Flags    Type St Inode Path\n",
    };
}
