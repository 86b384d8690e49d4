using System.Text;
using Kennel.Files;
using Kennel.Machine;

namespace Kennel.FileSystems.Tests.Overlay;

/// <summary>A tree as text: kinds, modes, links, content. Inodes with several names show which.</summary>
internal static class TreeDump
{
    public static string Of(Inode root, FramePool frames)
    {
        var text = new StringBuilder();
        Add(root, ".", text, new Dictionary<ulong, string>(), frames);
        return text.ToString();
    }

    private static void Add(Inode inode, string path, StringBuilder text, Dictionary<ulong, string> seen, FramePool frames)
    {
        InodeAttributes a = inode.Stat();
        text.Append($"{path} {a.Type} {a.Permissions:x} links {a.Links}");
        if (!seen.TryAdd(a.Number, path))
        {
            text.Append($" = {seen[a.Number]}\n");
            return;
        }
        if (inode.Type == FileType.SymbolicLink) text.Append($" -> {inode.Target()}");
        if (inode.Type == FileType.Regular) text.Append($" {a.Size} {Content(inode, a.Size, frames)}");
        text.Append('\n');
        if (!inode.IsDirectory) return;
        foreach (string name in inode.List()) Add(inode.Find(name), $"{path}/{name}", text, seen, frames);
    }

    private static string Content(Inode inode, long size, FramePool frames)
    {
        var content = new StringBuilder();
        for (long page = 0; page << 12 < size; page++) content.Append(inode.Pages.ReadPage(frames, page));
        content.Length = (int)size;
        return content.ToString().Replace("\0", "");
    }
}
