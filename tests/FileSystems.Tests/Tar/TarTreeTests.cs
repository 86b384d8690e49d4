using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Kennel.Abi;
using Kennel.FileSystems.Tar;
using Kennel.FileSystems.Tmp;
using Kennel.Files;

namespace Kennel.FileSystems.Tests.Tar;

public sealed class TarTreeTests : IDisposable
{
    private readonly Kernel _kernel = IdleMachine.Create();

    public void Dispose() => _kernel.Dispose();

    private static MemoryStream Pack(TarEntryFormat format, params (TarEntryType Type, string Name, string Content)[] entries)
    {
        var packed = new MemoryStream();
        using (var writer = new TarWriter(packed, format, leaveOpen: true))
        {
            foreach ((TarEntryType type, string name, string content) in entries)
            {
                TarEntry entry = format == TarEntryFormat.Pax ? new PaxTarEntry(type, name) : format == TarEntryFormat.Gnu
                    ? new GnuTarEntry(type, name) : new UstarTarEntry(type, name);
                entry.Mode = (UnixFileMode)0x1e8;
                entry.Uid = 1000;
                entry.Gid = 50;
                entry.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1_500_000_000);
                if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink) entry.LinkName = content;
                if (type == TarEntryType.RegularFile) entry.DataStream = new MemoryStream(Encoding.Latin1.GetBytes(content));
                if (entry is PosixTarEntry device && type == TarEntryType.CharacterDevice) (device.DeviceMajor, device.DeviceMinor) = (1, 3);
                writer.WriteEntry(entry);
            }
        }
        packed.Position = 0;
        return packed;
    }

    private Inode Load(MemoryStream packed)
    {
        TmpFileSystem tree = TarTree.Load(_kernel, packed);
        return tree.Root;
    }

    private static string Content(Inode file, Kernel kernel) => file.Pages!.ReadPage(kernel.Frames, 0)[..(int)file.Stat().Size];

    [Theory]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void Unpacks_what_was_packed(TarEntryFormat format)
    {
        Inode root = Load(Pack(
            format,
            (TarEntryType.Directory, "./", ""),
            (TarEntryType.Directory, "bin/", ""),
            (TarEntryType.RegularFile, "bin/tool", "#!/bin/sh\n"),
            (TarEntryType.HardLink, "bin/same", "bin/tool"),
            (TarEntryType.SymbolicLink, "sh", "../bin/tool"),
            (TarEntryType.CharacterDevice, "dev/null", ""),
            (TarEntryType.Fifo, "pipe", "")));
        Assert.Equal(["bin", "dev", "pipe", "sh"], root.List());
        Inode tool = root.Find("bin/tool");
        Assert.Equal("#!/bin/sh\n", Content(tool, _kernel));
        Assert.Same(tool, root.Find("bin/same"));
        InodeAttributes a = tool.Stat();
        Assert.Equal((0x1e8u, 1000u, 50u, 2u, 1_500_000_000_000_000_000L), (a.Permissions, a.Uid, a.Gid, a.Links, a.ModifyTime));
        Assert.Equal(1_500_000_000_000_000_000L, root.Find("bin").Stat().ModifyTime);
        Assert.Equal("../bin/tool", root.Find("sh").Target());
        Assert.Equal(new DeviceNumber(1, 3), root.Find("dev/null").Stat().RawDevice);
        Assert.Equal(FileType.Fifo, root.Find("pipe").Type);
    }

    [Fact]
    public void Gzip_is_recognised()
    {
        MemoryStream plain = Pack(TarEntryFormat.Pax, (TarEntryType.RegularFile, "f", "x"));
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) plain.CopyTo(gzip);
        packed.Position = 0;
        Assert.Equal("x", Content(Load(packed).Find("f"), _kernel));
    }

    [Fact]
    public void A_later_entry_takes_the_place_of_an_earlier_one()
    {
        Inode root = Load(Pack(TarEntryFormat.Pax, (TarEntryType.RegularFile, "f", "old"), (TarEntryType.RegularFile, "f", "new")));
        Assert.Equal("new", Content(root.Find("f"), _kernel));
    }

    [Fact]
    public void Names_that_lead_outside_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => Load(Pack(TarEntryFormat.Pax, (TarEntryType.RegularFile, "../f", "x"))));
        Assert.Throws<InvalidDataException>(() => Load(Pack(TarEntryFormat.Pax, (TarEntryType.HardLink, "f", "../../etc/passwd"))));
        MemoryStream throughLink = Pack(TarEntryFormat.Pax, (TarEntryType.SymbolicLink, "d", "/etc"), (TarEntryType.RegularFile, "d/f", "x"));
        Assert.Throws<InvalidDataException>(() => Load(throughLink));
    }

    [Fact]
    public void What_is_no_tar_file_is_told()
    {
        byte[] noise = new byte[2048];
        noise.AsSpan().Fill((byte)'x');
        Assert.Throws<InvalidDataException>(() => Load(new MemoryStream(noise)));
        Assert.Equal(0, _kernel.Frames.InUse);
    }

    [Fact]
    public void A_tree_that_does_not_fit_is_told_and_leaves_nothing()
    {
        MemoryStream packed = Pack(TarEntryFormat.Pax, (TarEntryType.RegularFile, "f", new string('x', 40 << 20)));
        Assert.Throws<IOException>(() => Load(packed));
        Assert.Equal(0, _kernel.Frames.InUse);
    }
}
