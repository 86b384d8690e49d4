using Kennel.Probes;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>Names of places in the file tree, walked through dentries and mounts (Linux: fs/d_path.c, prepend_path).</summary>
internal static class StapPaths
{
    public static string OfPath(StapRuntime rt, object path) =>
        rt.ReadField(path, "path", "dentry")?.Object is { } dentry ? Of(rt, dentry, rt.ReadField(path, "path", "mnt")?.Object) : "";

    /// <summary>The path of a task's program.</summary>
    public static string ProgramOf(StapRuntime rt, ITracedTask task)
    {
        object? memory = rt.ReadField(task, "task_struct", "mm")?.Object;
        object? file = memory == null ? null : rt.ReadField(memory, "mm_struct", "exe_file")?.Object;
        object? path = file == null ? null : rt.ReadField(file, "file", "f_path")?.Object;
        return path == null ? "" : OfPath(rt, path);
    }

    public static string Of(StapRuntime rt, object dentry, object? mount)
    {
        var names = new List<string>();
        for (int guard = 0; guard < 256; guard++)
        {
            object? parent = rt.ReadField(dentry, "dentry", "d_parent")?.Object;
            object? root = mount == null ? null : rt.ReadField(mount, "vfsmount", "mnt_root")?.Object;
            if (parent == null || ReferenceEquals(parent, dentry) || ReferenceEquals(root, dentry))
            {
                object? outer = mount == null ? null : rt.ReadField(mount, "mount", "mnt_parent")?.Object;
                object? point = mount == null ? null : rt.ReadField(mount, "mount", "mnt_mountpoint")?.Object;
                if (outer == null || point == null || ReferenceEquals(outer, mount))
                {
                    string top = NameOf(rt, dentry);
                    if (names.Count == 0) return top;
                    if (top != "/" && parent != null && ReferenceEquals(parent, dentry)) return top;
                    break;
                }
                (dentry, mount) = (point, outer);
                continue;
            }
            names.Insert(0, NameOf(rt, dentry));
            dentry = parent;
        }
        return "/" + string.Join('/', names);
    }

    private static string NameOf(StapRuntime rt, object dentry) =>
        rt.ReadField(dentry, "dentry", "d_name")?.Object is { } name ? StapStrings.From(rt.ReadField(name, "qstr", "name")?.Object as string) : "";
}
