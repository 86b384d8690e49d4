using Kennel.Machine;

namespace Kennel.Machine.Tests;

public sealed unsafe class FramePoolTests : IDisposable
{
    private const int Limit = 64;

    private readonly FramePool _frames = new((long)Limit << FramePool.FrameShift);

    public void Dispose() => _frames.Dispose();

    [Fact]
    public void AFrameIsZeroEvenWhenItWasUsedBefore()
    {
        int frame = _frames.Allocate();
        new Span<byte>(_frames.Pointer(frame), FramePool.FrameSize).Fill(0xaa);
        _frames.Release(frame);
        int again = _frames.Allocate();
        Assert.Equal(frame, again);
        Assert.Equal(-1, new Span<byte>(_frames.Pointer(again), FramePool.FrameSize).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void TheLastReferenceFrees()
    {
        int frame = _frames.Allocate();
        _frames.AddReference(frame);
        _frames.Release(frame);
        Assert.Equal(1, _frames.InUse);
        Assert.Equal(1, _frames.References(frame));
        _frames.Release(frame);
        Assert.Equal(0, _frames.InUse);
        Assert.Equal(1, _frames.Peak);
    }

    [Fact]
    public void AllocationFailsAtTheLimitAndNotBefore()
    {
        var taken = new HashSet<int>();
        for (int frame = _frames.Allocate(); frame != FramePool.None; frame = _frames.Allocate()) Assert.True(taken.Add(frame));
        Assert.Equal(Limit - 1, taken.Count); // one is the zero frame
        Assert.DoesNotContain(FramePool.Zero, taken);
        _frames.Release(taken.First());
        Assert.Equal(taken.First(), _frames.Allocate());
    }

    [Fact]
    public void AFullPoolAsksForFramesBack()
    {
        int held = _frames.Allocate();
        while (_frames.InUse < Limit - 1) _frames.Allocate();
        int asked = 0;
        _frames.Reclaim = () =>
        {
            if (asked++ > 0) return false;
            _frames.Release(held);
            return true;
        };
        Assert.Equal(held, _frames.Allocate());
        Assert.Equal(FramePool.None, _frames.Allocate());
        Assert.Equal(2, asked);
    }

    [Fact]
    public void ReleasingAFrameWithCodeTellsTheEngine()
    {
        var told = new List<int>();
        _frames.CodeFrameChanged += told.Add;
        int frame = _frames.Allocate();
        _frames.MarkCode(frame);
        _frames.BeforeWrite(frame);
        Assert.Equal([frame], told);
        Assert.False(_frames.HasCode(frame));
        _frames.MarkCode(frame);
        _frames.Release(frame);
        Assert.Equal([frame, frame], told);
    }
}
