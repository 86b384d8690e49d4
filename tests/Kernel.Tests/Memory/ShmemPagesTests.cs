using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.Tests.Memory;

/// <summary>Pages in memory: what lies behind the end of a file.</summary>
public sealed unsafe class ShmemPagesTests : IDisposable
{
    private readonly TestMachine _machine = new();
    private readonly ShmemPages _pages;

    public ShmemPagesTests() => _pages = new ShmemPages(_machine.Kernel, FramePool.FrameSize + 100);

    public void Dispose()
    {
        _pages.Dispose();
        _machine.Dispose();
    }

    [Theory]
    [InlineData(FramePool.FrameSize + 300)]
    [InlineData(FramePool.FrameSize * 2)]
    [InlineData(FramePool.FrameSize * 5)]
    public void What_a_mapping_stored_behind_the_end_is_gone_when_the_file_grows_over_it(long size)
    {
        Span<byte> page = Page(1);
        page.Fill(7);
        _pages.SetSize(size);
        Assert.Equal(size, _pages.Size);
        int grown = (int)Math.Min(size - FramePool.FrameSize, FramePool.FrameSize);
        Assert.True(page[..100].IndexOfAnyExcept((byte)7) < 0);
        Assert.True(page[100..grown].IndexOfAnyExcept((byte)0) < 0);
        Assert.True(page[grown..].IndexOfAnyExcept((byte)7) < 0);
    }

    [Fact]
    public void What_was_cut_off_reads_as_zero_when_the_file_grows_again()
    {
        Page(1).Fill(7);
        _pages.SetSize(FramePool.FrameSize + 10);
        _pages.SetSize(FramePool.FrameSize * 3);
        Assert.True(Page(1)[..10].IndexOfAnyExcept((byte)7) < 0);
        Assert.True(Page(1)[10..].IndexOfAnyExcept((byte)0) < 0);
    }

    private Span<byte> Page(long index)
    {
        Assert.Equal(Errno.None, _pages.GetPage(index, forWrite: true, out int frame));
        return new Span<byte>(_machine.Kernel.Frames.Pointer(frame), FramePool.FrameSize);
    }
}
