using System.Text;
using Kennel.Abi;

namespace Kennel.Tests;

/// <summary>What tests do with files all the time.</summary>
internal static class TestTaskFiles
{
    public static int Open(this TestTask task, string path, OpenFlags flags = OpenFlags.ReadOnly, uint mode = 0x1b6) =>
        (int)task.Ok("open", path, flags, mode);

    public static void Write(this TestTask task, int fd, string text) =>
        Assert.Equal(text.Length, task.Ok("write", fd, task.Put(Encoding.Latin1.GetBytes(text)), text.Length));

    public static string Read(this TestTask task, int fd, int count = 4096)
    {
        ulong buffer = task.Room(count);
        long got = task.Ok("read", fd, buffer, count);
        return task.GetText(buffer, got);
    }

    public static void WriteFile(this TestTask task, string path, string text)
    {
        int fd = task.Open(path, OpenFlags.Create | OpenFlags.WriteOnly | OpenFlags.Truncate);
        task.Write(fd, text);
        task.Ok("close", fd);
    }

    public static string ReadFile(this TestTask task, string path)
    {
        int fd = task.Open(path);
        string text = task.Read(fd, 65536);
        task.Ok("close", fd);
        return text;
    }

    public static StatStruct Stat(this TestTask task, string path)
    {
        ulong buffer = task.Room(144);
        task.Ok("lstat", path, buffer);
        return task.Get<StatStruct>(buffer);
    }

    public static (int Read, int Write) Pipe(this TestTask task, OpenFlags flags = OpenFlags.ReadOnly)
    {
        ulong ends = task.Room(8);
        task.Ok("pipe2", ends, flags);
        return (task.Get<int>(ends), task.Get<int>(ends + 4));
    }

    public static string[] List(this TestTask task, string path)
    {
        int fd = task.Open(path, OpenFlags.Directory);
        ulong buffer = task.Room(4096);
        var names = new List<string>();
        while (task.Ok("getdents64", fd, buffer, 4096) is > 0 and var count)
        {
            byte[] bytes = task.Get(buffer, count);
            for (int at = 0; at < count; at += BitConverter.ToUInt16(bytes, at + 16))
            {
                int end = Array.IndexOf(bytes, (byte)0, at + 19);
                names.Add(Encoding.Latin1.GetString(bytes, at + 19, end - at - 19));
            }
        }
        task.Ok("close", fd);
        return [.. names.Where(n => n is not ("." or "..")).Order(StringComparer.Ordinal)];
    }
}
