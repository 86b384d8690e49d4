using FsCheck;
using FsCheck.Fluent;
using Kennel.Machine;

namespace Kennel.Machine.Tests;

public sealed unsafe class PageTableTests : IDisposable
{
    private const ulong Page = 0x7fff_f000_0000;

    private readonly FramePool _frames = new(512 << 20);
    private readonly PageNodePool _nodes = new();
    private readonly ProcessorSet _processors = new(1);

    public void Dispose()
    {
        _processors.Dispose();
        _nodes.Dispose();
        _frames.Dispose();
    }

    [Fact]
    public void TablesBehaveAsTheModelWhateverIsDone()
    {
        Arbitrary<int[]> operations = Gen.Choose(0, int.MaxValue).ArrayOf().ToArbitrary();
        Prop.ForAll(operations, (int[] choices) =>
        {
            using var model = new PageTableModel();
            foreach (int choice in choices)
            {
                model.Do(choice);
                model.Check();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithStartSize(20).WithEndSize(150).WithReplay(20260101, 1));
    }

    [Fact]
    public void ForkCostsTheSameWhateverIsMapped()
    {
        PageTable parent = NewTable();
        for (ulong i = 0; i < 65536; i++) parent.Set(Page + (i << 12), Pte.For(_frames.Allocate(), PageAccess.Read | PageAccess.Write, false));
        int nodes = _nodes.InUse, frames = _frames.InUse;
        PageTable child = parent.Fork();
        Assert.Equal(nodes, _nodes.InUse);
        Assert.Equal(65536, child.Resident);

        // The first write copies the nodes on one path, and one frame's worth of references.
        child.Set(Page, Pte.For(_frames.Allocate(), PageAccess.Read | PageAccess.Write, false));
        Assert.Equal(nodes + 6, _nodes.InUse);
        Assert.Equal(frames + 1, _frames.InUse);
        child.Dispose();
        Assert.Equal(nodes, _nodes.InUse);
        Assert.Equal(frames, _frames.InUse);
        Assert.True(IsWritable(parent, Page)); // alone again: no copy
        parent.Dispose();
        Assert.Equal(0, _frames.InUse);
        Assert.Equal(0, _nodes.InUse);
    }

    [Fact]
    public void ACacheThatIsFreeIsUsedBeforeANewOne()
    {
        PageTable parent = NewTable();
        TranslationCache first = _processors[0].EnterGuest(parent);
        PageTable child = NewTable();
        TranslationCache second = _processors[0].EnterGuest(child);
        Assert.NotSame(first, second);
        for (int run = 0; run < 3; run++)
        {
            Assert.Same(first, _processors[0].EnterGuest(parent));
            child.Dispose();
            child = NewTable();
            Assert.Same(second, _processors[0].EnterGuest(child));
        }
        child.Dispose();
        parent.Dispose();
    }

    [Fact]
    public void ASharedPageIsWrittenInPlaceByAllWhoMapIt()
    {
        PageTable parent = NewTable();
        int frame = _frames.Allocate();
        parent.Set(Page, Pte.For(frame, PageAccess.Read | PageAccess.Write, shared: true));
        PageTable child = parent.Fork();
        Assert.True(IsWritable(parent, Page));
        Assert.True(IsWritable(child, Page));
        child.Dispose();
        parent.Dispose();
    }

    [Fact]
    public void ForkTakesBackRememberedRightsToWriteButNotToRead()
    {
        PageTable parent = NewTable();
        parent.Set(Page, Pte.For(_frames.Allocate(), PageAccess.Read | PageAccess.Write, false));
        TranslationCache cache = _processors[0].EnterGuest(parent);
        Assert.True(cache.Fill(parent, Page + 5, PageAccess.Write, out _));
        PageTable child = parent.Fork();
        TlbEntry entry = cache.Tlb[TranslationCache.SlotOf(Page)];
        Assert.Equal(Page, entry.ReadTag);
        Assert.Equal(TlbEntry.Invalid, entry.WriteTag);
        Assert.False(cache.Fill(parent, Page, PageAccess.Write, out _));
        child.Dispose();
        Assert.True(cache.Fill(parent, Page, PageAccess.Write, out _));
        parent.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(2000)]
    public void RightsToWriteAreTakenBackHoweverManyThereAre(int pages)
    {
        PageTable table = NewTable();
        for (ulong i = 0; i < (ulong)pages; i++) table.Set(Page + (i << 12), Pte.For(_frames.Allocate(), PageAccess.Read | PageAccess.Write, false));
        TranslationCache cache = _processors[0].EnterGuest(table);
        for (int round = 0; round < 2; round++)
        {
            for (ulong i = 0; i < (ulong)pages; i++) Assert.True(cache.Fill(table, Page + (i << 12), PageAccess.Write, out _));
            _processors.FlushWrites();
            for (int slot = 0; slot < TranslationCache.Entries; slot++) Assert.True(cache.Tlb[slot].WriteTag is TlbEntry.Invalid);
        }
        Assert.Equal(Page + ((ulong)(pages - 1) << 12), cache.Tlb[TranslationCache.SlotOf(Page + ((ulong)(pages - 1) << 12))].ReadTag);
        table.Dispose();
    }

    [Fact]
    public void AFrameIsReleasedOnlyWhenNoProcessorRemembersItAnyMore()
    {
        PageTable table = NewTable();
        int frame = _frames.Allocate();
        table.Set(Page, Pte.For(frame, PageAccess.Read | PageAccess.Execute, false));
        TranslationCache cache = _processors[0].EnterGuest(table);
        Assert.True(cache.Fill(table, Page, PageAccess.Read, out _));
        _frames.MarkCode(frame);
        bool remembered = true, locked = true;
        _frames.CodeFrameChanged += _ =>
        {
            remembered = cache.Tlb[TranslationCache.SlotOf(Page)].ReadTag == Page;
            locked = Monitor.IsEntered(table);
        };
        table.Clear(Page, Page + 0x1000);
        Assert.False(remembered);
        Assert.False(locked); // stopping the processors with the monitor held could wait for itself
        table.Dispose();
    }

    [Fact]
    public void NodesThatBecomeEmptyAreFreed()
    {
        PageTable table = NewTable();
        int nodes = _nodes.InUse;
        for (ulong i = 0; i < 200; i++) table.Set(Page + (i << 12), Pte.For(_frames.Allocate(), PageAccess.Read, false));
        table.Clear(Page + 0x3000, Page + 0x2000);
        Assert.Equal(200, table.Resident);
        table.Move(Page, 0x10000, 200 << 12);
        Assert.Equal(200, table.Resident);
        table.Clear(0x10000, 0x10000 + (200 << 12));
        Assert.Equal(nodes, _nodes.InUse);
        Assert.Equal(0, _frames.InUse);
        table.Dispose();
    }

    [Fact]
    public void ThePoolOfNodesTellsWhenItIsFull()
    {
        using var nodes = new PageNodePool(10_000);
        var table = new PageTable(_frames, nodes, _processors);
        for (ulong i = 0; !nodes.IsFull; i++) table.Set(i << 30, Pte.For(_frames.Allocate(), PageAccess.Read, false));
        Assert.InRange(nodes.InUse, 10, 30);
        table.Dispose();
        Assert.False(nodes.IsFull);
    }

    private PageTable NewTable() => new(_frames, _nodes, _processors);

    private static bool IsWritable(PageTable table, ulong page)
    {
        Pte pte = table.Walk(page, out bool exclusive);
        return table.IsWritableNow(pte, exclusive);
    }
}
