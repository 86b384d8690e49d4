using System.Text;

namespace Kennel.Files;

/// <summary>From a place to its path (Linux: fs/d_path.c).</summary>
public static class PathName
{
    /// <summary>
    /// The path of a place as seen from a root; " (deleted)" behind it when its name is gone. A place outside of the root is
    /// told from the top of its mounts. Nameless places (pipes) answer their description.
    /// </summary>
    public static string Of(VfsPath place, VfsPath root)
    {
        if (place.Mount.FileSystem.IsInternal) return place.Dentry.Name;
        string text = Build(place, root, out _);
        return place.Dentry.IsUnlinked && !place.Dentry.IsRoot ? text + " (deleted)" : text;
    }

    /// <summary>What getcwd answers: "(unreachable)" in front of what is not below the root; null when the directory is gone.</summary>
    public static string? OfWorkingDirectory(VfsPath place, VfsPath root)
    {
        if (place.Dentry.IsUnlinked) return null;
        string text = Build(place, root, out bool reachable);
        return reachable ? text : "(unreachable)" + text;
    }

    private static string Build(VfsPath place, VfsPath root, out bool reachable)
    {
        var names = new List<string>();
        (Mount mount, Dentry dentry) = (place.Mount, place.Dentry);
        while (true)
        {
            reachable = mount == root.Mount && dentry == root.Dentry;
            if (reachable) break;
            if (dentry == mount.Root)
            {
                if (mount.Parent == null) break;
                (mount, dentry) = (mount.Parent, mount.MountPoint!);
                continue;
            }
            if (dentry.IsRoot) break;
            names.Add(dentry.Name);
            dentry = dentry.Parent;
        }
        if (names.Count == 0) return "/";
        var text = new StringBuilder();
        for (int i = names.Count - 1; i >= 0; i--) text.Append('/').Append(names[i]);
        return text.ToString();
    }
}
