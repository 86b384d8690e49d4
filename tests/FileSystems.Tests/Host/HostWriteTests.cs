using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;

namespace Kennel.FileSystems.Tests.Host;

public sealed class HostWriteTests : IDisposable
{
    private readonly HostDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_read_only_mount_refuses_every_change()
    {
        _host.Write("f", "x");
        Inode root = _host.Open().Root;
        Inode file = root.Find("f");
        Assert.Equal(Errno.EROFS, file.TryOpen(OpenFlags.ReadWrite).Error);
        Assert.Equal(Errno.EROFS, file.SetAttributes(new AttributeChange { Permissions = 0 }));
        Assert.Equal(Errno.EROFS, root.Create("n", FileType.Regular, 0x1a4, default, InodeExtensions.Root, out _));
        Assert.Equal(Errno.EROFS, root.Symlink("n", "t", InodeExtensions.Root, out _));
        Assert.Equal(Errno.EROFS, root.Link("n", file));
        Assert.Equal(Errno.EROFS, root.Unlink("f", file));
        Assert.Equal(Errno.EROFS, root.Rename("f", file, root, "g", null, false));
        Assert.Equal("x", _host.Read("f"));
    }

    [Fact]
    public void Changes_go_to_the_host()
    {
        Inode root = _host.Open(writable: true).Root;
        Inode d = root.Make("d", FileType.Directory, 0x1ed);
        Inode f = d.Make("f", FileType.Regular, 0x1a0);
        OpenFile file = f.Open(OpenFlags.ReadWrite);
        Assert.Equal(5, file.Write(_host.Task, "hello").Value);
        Assert.Equal("hello", _host.Read("d/f"));
        Assert.Equal(5, f.Stat().Size);
        Assert.Equal(0x1a0u, f.Stat().Permissions);

        Assert.Equal(Errno.None, d.Rename("f", f, root, "g", null, false));
        Assert.Equal("hello", _host.Read("g"));
        Assert.Equal(Errno.None, root.RemoveDirectory("d", d));
        Assert.Equal(Errno.None, f.SetAttributes(new AttributeChange { Size = 2, Permissions = 0x180, ModifyTime = 1_500_000_000_123_456_789 }));
        Assert.Equal("he", _host.Read("g"));
        Assert.Equal(1_500_000_000_123_456_789, f.Stat().ModifyTime);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_host.Path, "g")));

        Assert.Equal(Errno.None, root.Unlink("g", f));
        Assert.Equal("he", file.Read());
        Assert.Equal(0u, f.Stat().Links);
        file.Release();
        Assert.Empty(Directory.GetFileSystemEntries(_host.Path));
    }

    [Fact]
    public void Links_and_renames_over_names_follow_the_inodes()
    {
        _host.Write("a", "A");
        _host.Write("b", "B");
        Inode root = _host.Open(writable: true).Root;
        Inode a = root.Find("a"), b = root.Find("b");
        Assert.Equal(Errno.None, root.Link("a2", a));
        Assert.Same(a, root.Find("a2"));
        Assert.Equal(2u, a.Stat().Links);
        Assert.Equal(Errno.None, root.Rename("b", b, root, "a", a, false));
        Assert.Equal("B", root.Find("a").ReadAll());
        Assert.Equal("A", root.Find("a2").ReadAll());
        Assert.Equal(1u, root.Find("a2").Stat().Links);
        Assert.Equal(Errno.None, root.Rename("a", b, root, "a2", root.Find("a2"), true));
        Assert.Equal("B", _host.Read("a2"));
        Assert.Equal("A", _host.Read("a"));
    }

    [Fact]
    public void Devices_are_not_made_on_the_host()
    {
        Inode root = _host.Open(writable: true).Root;
        Assert.Equal(Errno.EPERM, root.Create("n", FileType.CharacterDevice, 0x1b6, new DeviceNumber(1, 3), InodeExtensions.Root, out _));
        Assert.Equal(Errno.EPERM, root.Create("n", FileType.BlockDevice, 0x1b6, new DeviceNumber(8, 0), InodeExtensions.Root, out _));
        Assert.Equal(Errno.None, root.Create("p", FileType.Fifo, 0x1b6, default, InodeExtensions.Root, out Inode? pipe));
        Assert.Equal(FileType.Fifo, pipe!.Type);
    }

    [Fact]
    public unsafe void Pages_and_writes_see_each_other()
    {
        _host.Write("f", "0123456789");
        Inode f = _host.Open(writable: true).Root.Find("f");
        OpenFile file = f.Open(OpenFlags.ReadWrite);
        Assert.StartsWith("0123456789\0", f.Pages!.ReadPage(_host.Frames, 0, forWrite: true));
        file.Write(_host.Task, "abc", 8);
        Assert.StartsWith("01234567abc\0", f.Pages!.ReadPage(_host.Frames, 0));
        Assert.Equal(Errno.None, f.Pages!.GetPage(0, true, out int frame));
        _host.Frames.AddReference(frame); // as a mapping
        _host.Frames.Pointer(frame)[0] = (byte)'X';
        Assert.Equal("X1234567abc", file.Read());
        Assert.Equal(Errno.None, file.Sync());
        Assert.Equal("X1234567abc", _host.Read("f"));
        _host.Frames.Pointer(frame)[1] = (byte)'Y';
        file.Release();
        _host.Frames.Release(frame);
        Assert.Equal("XY234567abc", _host.Read("f"));
        Assert.Equal(Errno.None, f.SetAttributes(new AttributeChange { Size = 3 }));
        Assert.Equal("XY2" + new string('\0', 4093), f.Pages!.ReadPage(_host.Frames, 0));
    }

    [Fact]
    public void Appending_goes_to_the_end()
    {
        _host.Write("f", "one");
        OpenFile file = _host.Open(writable: true).Root.Find("f").Open(OpenFlags.WriteOnly | OpenFlags.Append);
        File.AppendAllText(Path.Combine(_host.Path, "f"), "two");
        file.Write(_host.Task, "three", file.Length);
        file.Release();
        Assert.Equal("onetwothree", _host.Read("f"));
    }
}
