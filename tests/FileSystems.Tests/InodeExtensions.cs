using System.Text;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Tests;

/// <summary>Inode operations as tests like to write them.</summary>
internal static class InodeExtensions
{
    public static readonly Credential Root = Credential.For(0, 0);

    /// <summary>No task: what these tests call does not look at it.</summary>
    public static readonly LinuxTask NoTask = null!;

    public static Inode Find(this Inode directory, string path)
    {
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Equal(Errno.None, directory.Lookup(name, out Inode? child));
            directory = child!;
        }
        return directory;
    }

    public static Errno TryFind(this Inode directory, string name) => directory.Lookup(name, out _);

    public static InodeAttributes Stat(this Inode? inode)
    {
        Assert.Equal(Errno.None, inode!.GetAttributes(out InodeAttributes attributes));
        return attributes;
    }

    public static Inode Make(this Inode directory, string name, FileType type = FileType.Regular, uint permissions = 0x1a4)
    {
        Assert.Equal(Errno.None, directory.Create(name, type, permissions, default, Root, out Inode? child));
        return child!;
    }

    public static string[] List(this Inode directory)
    {
        Assert.Equal(Errno.None, directory.ReadDirectory(NoTask, out IReadOnlyList<DirectoryEntry> entries));
        return [.. entries.Select(e => e.Name).Order(StringComparer.Ordinal)];
    }

    public static string Target(this Inode link)
    {
        Assert.Equal(Errno.None, link.ReadLink(NoTask, out string target));
        return target;
    }

    public static OpenFile Open(this Inode inode, OpenFlags flags = OpenFlags.ReadOnly)
    {
        (Errno error, OpenFile? file) = inode.TryOpen(flags);
        Assert.Equal(Errno.None, error);
        return file!;
    }

    public static (Errno Error, OpenFile? File) TryOpen(this Inode inode, OpenFlags flags)
    {
        var dentry = new Dentry(null, "", inode);
        var mount = new Mount(inode.FileSystem, dentry, null, null, MountFlags.None, "none");
        return Done(inode.OpenAsync(NoTask, new VfsPath(mount, dentry), flags));
    }

    public static string Read(this OpenFile file, long offset = 0, int length = 1 << 20)
    {
        byte[] buffer = new byte[length];
        SyscallResult result = Done(file.ReadAsync(NoTask, new IoIterator(buffer), offset));
        Assert.False(result.IsError, result.Error.ToString());
        return Encoding.Latin1.GetString(buffer, 0, (int)result.Value);
    }

    public static SyscallResult Write(this OpenFile file, LinuxTask task, string text, long offset = 0) =>
        Done(file.WriteAsync(task, new IoIterator(Encoding.Latin1.GetBytes(text)), offset));

    public static string ReadAll(this Inode inode)
    {
        OpenFile file = inode.Open();
        string text = file.Read();
        file.Release();
        return text;
    }

    public static unsafe string ReadPage(this PageCache? pages, FramePool frames, long index, bool forWrite = false)
    {
        Assert.Equal(Errno.None, pages!.GetPage(index, forWrite, out int frame));
        return Encoding.Latin1.GetString(frames.Pointer(frame), FramePool.FrameSize);
    }

    public static T Done<T>(ValueTask<T> call)
    {
        Assert.True(call.IsCompleted);
        return call.Result;
    }
}
