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
    [InlineData(100, 1, Around)] // a small process
    [InlineData(4096, Window, Window)]
    public void ALargeProcessGetsConstantsInLargePieces(int pages, int least, int most)
    {
        ulong file = Prepare(pages);
        Assert.InRange(Fault(file, 700), least, most);
        byte[] seen = new byte[4];
        foreach (int page in (int[])[700, 699, 701, 512, 1023, 2047])
        {
            Assert.True(_space.CopyIn(file + ((ulong)page << 12), seen));
            Assert.Equal(page, BitConverter.ToInt32(seen));
        }
    }

    [Fact]
    public void NoMoreIsReadThanTheProcessHasBesides()
    {
        const int pages = 1100;
        ulong file = Prepare(pages);
        long mapped = 0;
        foreach (int page in (int[])[100, 700, 1300, 1900]) mapped += Fault(file, page);
        Assert.InRange(mapped, 2 * Window, pages + (3 * ReadAhead));
    }

    // A process that has used so many pages, and maps the file.
    private ulong Prepare(int pages)
    {
        ulong data = Map((ulong)pages << 12, PageAccess.Read | PageAccess.Write, null);
        for (int page = 0; page < pages; page++) Assert.True(_space.CopyOut(data + ((ulong)page << 12), [1]));
        return Map(FilePages << 12, PageAccess.Read, _file);
    }

    // How many pages come along.
    private long Fault(ulong file, int page)
    {
        long resident = _space.ResidentPages;
        _space.HandleFault(file + ((ulong)page << 12), PageAccess.Read, fromUser: true);
        return _space.ResidentPages - resident;
    }

    private ulong Map(ulong length, PageAccess access, OpenFile? file)
    {
        MapFlags flags = MapFlags.MAP_PRIVATE | (file == null ? MapFlags.MAP_ANONYMOUS : 0);
        Assert.Equal(Errno.None, _space.Map(0, length, access, flags, file, 0, out ulong at));
        return at;
    }
}
