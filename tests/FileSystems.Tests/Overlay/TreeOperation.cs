using System.Text;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;

namespace Kennel.FileSystems.Tests.Overlay;

public enum TreeAction
{
    MakeFile,
    MakeDirectory,
    MakeLink,
    Write,
    Truncate,
    Remove,
    Rename,
    Exchange,
    HardLink,
    ChangeMode,
    List,
}

/// <summary>One thing done to a tree, with what the path walk and the system calls check before they ask the file system.</summary>
public sealed record TreeOperation(TreeAction Action, string Path, string Other, int Number)
{
    private static readonly string[] Names = ["a", "b", "c"];

    /// <summary>An operation out of four numbers.</summary>
    public static TreeOperation From((int Action, int Path, int Other, int Number) n) =>
        new((TreeAction)(n.Action % 11), PathOf(n.Path), PathOf(n.Other), n.Number);

    /// <summary>Does it; answers what a program would see of it.</summary>
    public string ApplyTo(Inode root, FramePool frames)
    {
        if (!TryWalk(root, Path, out Inode? parent, out string name)) return "no parent";
        bool exists = parent!.Lookup(name, out Inode? inode) == Errno.None;
        switch (Action)
        {
            case TreeAction.MakeFile: return Make(parent, name, exists, FileType.Regular);
            case TreeAction.MakeDirectory: return Make(parent, name, exists, FileType.Directory);
            case TreeAction.MakeLink: return exists ? "exists" : parent.Symlink(name, Other, InodeExtensions.Root, out _).ToString();
        }
        if (!exists) return "none";
        switch (Action)
        {
            case TreeAction.Write: return Write(inode!, frames);
            case TreeAction.Truncate: return inode!.Type == FileType.Regular ? inode.SetAttributes(new AttributeChange { Size = Number % 9000 }).ToString() : "no file";
            case TreeAction.Remove: return (inode!.IsDirectory ? parent.RemoveDirectory(name, inode) : parent.Unlink(name, inode)).ToString();
            case TreeAction.ChangeMode when inode!.Type == FileType.SymbolicLink: return "a link has no mode";
            case TreeAction.ChangeMode: return inode!.SetAttributes(new AttributeChange { Permissions = (uint)Number % 0x1000 }).ToString();
            case TreeAction.List: return inode!.IsDirectory ? string.Join(' ', inode.List()) : "no directory";
        }
        if (!TryWalk(root, Other, out Inode? newParent, out string newName)) return "no other parent";
        Inode? there = newParent!.Lookup(newName, out Inode? found) == Errno.None ? found : null;
        if (Action == TreeAction.HardLink)
        {
            return there != null ? "exists" : inode!.IsDirectory ? "directory" : newParent.Link(newName, inode).ToString();
        }
        return Rename(root, parent, name, inode!, newParent, newName, there);
    }

    private string Rename(Inode root, Inode parent, string name, Inode inode, Inode newParent, string newName, Inode? there)
    {
        if (there == inode) return "same";
        if (IsInside(Other, Path) || IsInside(Path, Other)) return "inside itself";
        if (Action == TreeAction.Exchange)
        {
            return there == null ? "none" : parent.Rename(name, inode, newParent, newName, there, exchange: true).ToString();
        }
        if (there != null && there.IsDirectory != inode.IsDirectory) return "other kind";
        return parent.Rename(name, inode, newParent, newName, there, exchange: false).ToString();
    }

    private static string Make(Inode parent, string name, bool exists, FileType type) =>
        exists ? "exists" : parent.Create(name, type, type == FileType.Directory ? 0x1edu : 0x1a4u, default, InodeExtensions.Root, out _).ToString();

    private unsafe string Write(Inode inode, FramePool frames)
    {
        if (inode.Type != FileType.Regular) return "no file";
        (Errno error, OpenFile? file) = inode.TryOpen(OpenFlags.ReadWrite);
        if (error != Errno.None) return error.ToString();
        long at = Number % 8500;
        byte[] text = Encoding.ASCII.GetBytes($"<{Number}>");
        if (at + text.Length > file!.Pages!.Size) error = file.Pages.Resize(at + text.Length);
        for (int i = 0; i < text.Length && error == Errno.None; i++)
        {
            error = file.Pages.GetPage((at + i) >> 12, forWrite: true, out int frame);
            if (error == Errno.None) frames.Pointer(frame)[(at + i) & 0xfff] = text[i];
        }
        file.Release();
        return error.ToString();
    }

    private static bool IsInside(string path, string directory) => path.StartsWith(directory + "/", StringComparison.Ordinal);

    private static bool TryWalk(Inode root, string path, out Inode? parent, out string name)
    {
        string[] names = path.Split('/');
        parent = root;
        name = names[^1];
        foreach (string step in names[..^1])
        {
            if (!parent!.IsDirectory || parent.Lookup(step, out parent) != Errno.None) return false;
        }
        return parent!.IsDirectory;
    }

    private static string PathOf(int n)
    {
        int depth = 1 + (n % 3);
        string path = "";
        for (int i = 0; i < depth; i++, n /= 3) path += (i > 0 ? "/" : "") + Names[(n / 3) % 3];
        return path;
    }
}
