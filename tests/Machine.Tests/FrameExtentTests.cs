namespace Kennel.Machine.Tests;

public sealed unsafe class FrameExtentTests : IDisposable
{
    private const int Limit = 1 << 15;
    private const ulong Start = 0x4000_0000;

    private readonly FramePool _frames = new((long)Limit << FramePool.FrameShift);
    private readonly PageNodePool _nodes = new();
    private readonly ProcessorSet _processors = new(1);

    public void Dispose()
    {
        _processors.Dispose();
        _nodes.Dispose();
        _frames.Dispose();
    }

    [Fact]
    public void AFrameIsTakenOnce()
    {
        int extent = _frames.ReserveExtent(1, FramePool.None, FramePool.None);
        Assert.True(_frames.TryTake(extent + 5));
        Assert.False(_frames.TryTake(extent + 5));
        Assert.Equal(1, _frames.InUse);
        _frames.Release(extent + 5);
        Assert.Equal(0, _frames.InUse);
        Assert.True(_frames.TryTake(extent + 5));
    }

    [Fact]
    public void AFrameThatComesBackIsZeroIfAskedFor()
    {
        int extent = _frames.ReserveExtent(1, FramePool.None, FramePool.None);
        for (int round = 0; round < 3; round++)
        {
            Assert.True(_frames.TryTake(extent));
            Assert.True(IsZero(extent));
            new Span<byte>(_frames.Pointer(extent), FramePool.FrameSize).Fill(0xaa);
            _frames.Release(extent);
        }
    }

    [Fact]
    public void TooMuchIdleMemoryGoesBackToTheHost()
    {
        int first = _frames.ReserveExtent(1, FramePool.None, FramePool.None), second = _frames.ReserveExtent(2, first, FramePool.None);
        Assert.Equal(first + FramePool.ExtentFrames, second);
        for (int n = 0; n < FramePool.ExtentFrames + 100; n++)
        {
            Assert.True(_frames.TryTake(first + n));
            *_frames.Pointer(first + n) = 1;
        }
        for (int n = 0; n < FramePool.ExtentFrames + 100; n++) _frames.Release(first + n);
        Assert.Equal(0, _frames.InUse);
        Assert.Equal(0, *_frames.Pointer(first + 1));
        for (int n = 0; n < FramePool.ExtentFrames + 100; n++)
        {
            Assert.True(_frames.TryTake(first + n));
            Assert.Equal(0, *_frames.Pointer(first + n));
        }
    }

    [Fact]
    public void AnExtentIsFreeWhenItsLastFrameIs()
    {
        var all = new List<int>();
        for (int extent; (extent = _frames.ReserveExtent((ulong)all.Count + 1, FramePool.None, FramePool.None)) != FramePool.None;) all.Add(extent);
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.True(_frames.TryTake(all[3]));
        _frames.ReleaseExtent(all[3]);
        Assert.Equal(FramePool.None, _frames.ReserveExtent(9, FramePool.None, FramePool.None));
        _frames.Release(all[3]);
        Assert.Equal(all[3], _frames.ReserveExtent(9, FramePool.None, FramePool.None));
    }

    [Fact]
    public void TheLimitHoldsForBothKindsOfFrames()
    {
        int extent = _frames.ReserveExtent(1, FramePool.None, FramePool.None);
        for (int n = 0; n < 1000; n++) Assert.True(_frames.TryTake(extent + n));
        int others = 0;
        while (_frames.Allocate(zeroed: false) != FramePool.None) others++;
        Assert.Equal(Limit - 1 - 1000, others);
        Assert.False(_frames.TryTake(extent + 1000));
        _frames.Release(extent);
        Assert.True(_frames.TryTake(extent + 1000));
    }

    [Fact]
    public void GatheringMovesWhatIsAloneAndLeavesTheRest()
    {
        using var table = new PageTable(_frames, _nodes, _processors);
        const PageAccess both = PageAccess.Read | PageAccess.Write;
        int shared = _frames.Allocate(), cached = _frames.Allocate();
        _frames.AddReference(cached);
        for (int n = 99; n >= 0; n--) table.Set(Start + ((ulong)n << 12), Pte.For(Filled(n), both, shared: false));
        table.Set(Start + 0x20000, Pte.For(shared, both, shared: true));
        table.Set(Start + 0x21000, Pte.For(cached, both, shared: false));
        int extent = _frames.ReserveExtent(1, FramePool.None, FramePool.None), inUse = _frames.InUse;
        Assert.True(_frames.TryTake(extent + 7));
        Assert.Equal(97, table.Gather(Start, extent));
        Assert.Equal(inUse + 1, _frames.InUse);
        for (int n = 0; n < 100; n++)
        {
            if (n is 0x20 or 0x21) continue;
            int frame = table.Walk(Start + ((ulong)n << 12), out _).Frame;
            Assert.Equal(n == 7, frame != extent + n);
            Assert.Equal(n, *_frames.Pointer(frame));
        }
        Assert.Equal(shared, table.Walk(Start + 0x20000, out _).Frame);
        Assert.Equal(cached, table.Walk(Start + 0x21000, out _).Frame);
        Assert.Equal(6, table.CountBelow(Start + 0x6000, extent + 6, write: true, 100));
        Assert.Equal(0x1f - 8, table.CountAbove(Start + 0x8000, extent + 8, write: true, 1000));
    }

    [Fact]
    public void GatheringLeavesWhatAForkShares()
    {
        using var table = new PageTable(_frames, _nodes, _processors);
        table.Set(Start, Pte.For(Filled(1), PageAccess.Write, shared: false));
        using PageTable child = table.Fork();
        Assert.Equal(0, table.Gather(Start, _frames.ReserveExtent(1, FramePool.None, FramePool.None)));
        Assert.Equal(child.Walk(Start, out _), table.Walk(Start, out _));
    }

    private int Filled(int value)
    {
        int frame = _frames.Allocate();
        *_frames.Pointer(frame) = (byte)value;
        return frame;
    }

    private bool IsZero(int frame) => new Span<byte>(_frames.Pointer(frame), FramePool.FrameSize).IndexOfAnyExcept((byte)0) < 0;
}
