using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.FileSystems.Tests.Host;

/// <summary>What comes along with a page of a mapped host file.</summary>
public sealed class MappedConstantsTests : IDisposable
{
    private const int FilePages = 2048, Around = 16, Window = 512, ReadAhead = 128;

    private readonly Kernel _kernel = IdleMachine.Create(256 << 20);
    private readonly HostDirectory _host;
    private readonly AddressSpace _space;
    private readonly OpenFile _file;

    public MappedConstantsTests()
    {
        _host = new HostDirectory(_kernel);
        _space = new AddressSpace(_kernel);
        byte[] bytes = new byte[FilePages << 12];
        for (int page = 0; page < FilePages; page++) BitConverter.TryWriteBytes(bytes.AsSpan(page << 12), page);
        File.WriteAllBytes(Path.Combine(_host.Path, "file"), bytes);
        _file = _host.Open().Root.Find("file").Open();
    }

    public void Dispose()
    {
        _file.Release();
        _space.Release();
        _host.Dispose();
        Assert.Equal(0, _kernel.Frames.InUse);
        _kernel.Dispose();
    }

    [Theory]
    [InlineData(100, Around)] // a small process
    [InlineData(4096, Window)]
    [InlineData(1100, 1100 / 4)] // no more than is little beside what it has
    public void ALargeProcessGetsConstantsInLargePieces(int pages, int most)
    {
        ulong data = Map((ulong)pages << 12, PageAccess.Read | PageAccess.Write, null), file = Map(FilePages << 12, PageAccess.Read, _file);
        for (int page = 0; page < pages; page++) Assert.True(_space.CopyOut(data + ((ulong)page << 12), [1]));
        long resident = _space.ResidentPages;
        const int asked = 700;
        _space.HandleFault(file + (asked << 12), PageAccess.Read, fromUser: true);
        Assert.InRange(_space.ResidentPages - resident, most == Around ? 1 : most / 2, most is Around or Window ? most : most + ReadAhead);
        byte[] seen = new byte[4];
        foreach (int page in (int[])[asked, asked - 1, asked + 1, 512, 1023, 2047])
        {
            Assert.True(_space.CopyIn(file + ((ulong)page << 12), seen));
            Assert.Equal(page, BitConverter.ToInt32(seen));
        }
    }

    private ulong Map(ulong length, PageAccess access, OpenFile? file)
    {
        MapFlags flags = MapFlags.MAP_PRIVATE | (file == null ? MapFlags.MAP_ANONYMOUS : 0);
        Assert.Equal(Errno.None, _space.Map(0, length, access, flags, file, 0, out ulong at));
        return at;
    }
}
