using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.Tests.Memory;

/// <summary>Pages of a large process that come along with others.</summary>
public sealed class FillTests : IDisposable
{
    private readonly TestMachine _machine = new();
    private readonly AddressSpace _space;

    public FillTests() => _space = new AddressSpace(_machine.Kernel);

    public void Dispose()
    {
        _space.Release();
        Assert.Equal(0, _machine.Kernel.Frames.InUse);
        _machine.Dispose();
    }

    [Fact]
    public void HolesInALargeHeapAreFilled()
    {
        const int pages = 4096;
        ulong at = Map(pages << 12);
        for (int page = 0; page < pages; page += page % 5 == 3 ? 2 : 1)
        {
            ulong address = at + ((ulong)page << 12);
            _space.HandleFault(address, PageAccess.Write, fromUser: true);
            _space.CopyOut(address, [(byte)page]);
        }
        Assert.Equal(pages, _space.ResidentPages);
        byte[] seen = new byte[1];
        for (int page = 0; page < pages; page++)
        {
            Assert.True(_space.CopyIn(at + ((ulong)page << 12), seen));
            Assert.Equal(page % 5 == 4 ? 0 : (byte)page, seen[0]);
        }
    }

    /// <summary>Bytes of a large process that go on from below up to a run that is longer by far need not be faulted in one by one.</summary>
    [Theory]
    [InlineData(320, 1280, true)]
    [InlineData(304, 1208, true)]
    [InlineData(320, 1200, false)]
    [InlineData(496, 2048, true)]
    [InlineData(528, 2400, false)]
    public void AGapBeforeALongRunIsClosed(int gap, int run, bool closes)
    {
        const int before = 16; // what comes along with any page
        ulong at = (Map((ulong)(before + gap + run + 16) << 12) + 0xffff) & ~0xffffUL;
        for (int page = before + gap; page < before + gap + run; page++) Write(page);
        long resident = _space.ResidentPages;
        for (int page = 0; page < before; page++) Write(page);
        Assert.Equal(resident + before + (closes ? gap : 0), _space.ResidentPages);
        byte[] seen = new byte[1];
        for (int page = 0; page < before + gap + run; page++)
        {
            Assert.True(_space.CopyIn(at + ((ulong)page << 12), seen));
            Assert.Equal(page >= before && page < before + gap ? 0 : 7, seen[0]);
        }

        void Write(int page)
        {
            _space.HandleFault(at + ((ulong)page << 12), PageAccess.Write, fromUser: true);
            _space.CopyOut(at + ((ulong)page << 12), [7]);
        }
    }

    /// <summary>Nobody faults beside such a gap again, so it is looked for as the process grows.</summary>
    [Fact]
    public void AGapIsClosedWhenWhatLiesBehindItHasGrown()
    {
        const int before = 1536, gap = 400, run = 4096;
        ulong at = (Map((before + gap + run + 16) << 12) + 0xffff) & ~0xffffUL;
        for (int page = 0; page < before; page++) Write(page);
        Assert.Equal(before, _space.ResidentPages);
        for (int page = before + gap; page < before + gap + run; page++) Write(page);
        Assert.Equal(before + gap + run, _space.ResidentPages);

        void Write(int page)
        {
            _space.HandleFault(at + ((ulong)page << 12), PageAccess.Write, fromUser: true);
            _space.CopyOut(at + ((ulong)page << 12), [7]);
        }
    }

    [Fact]
    public void SparselyUsedMemoryIsNotFilled()
    {
        const int pages = 4096;
        ulong at = Map(pages << 12);
        for (int page = 0; page < pages; page += 2) _space.CopyOut(at + ((ulong)page << 12), [1]);
        Assert.Equal(pages / 2, _space.ResidentPages);
    }

    private ulong Map(ulong length)
    {
        const PageAccess access = PageAccess.Read | PageAccess.Write;
        Assert.Equal(Errno.None, _space.Map(0, length, access, MapFlags.MAP_PRIVATE | MapFlags.MAP_ANONYMOUS, null, 0, out ulong at));
        return at;
    }
}
