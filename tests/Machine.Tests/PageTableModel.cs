using Kennel.Machine;

namespace Kennel.Machine.Tests;

/// <summary>
/// Page tables that are forked, changed and dropped, beside a model of each: a dictionary from page to entry. Every operation is done
/// on both; <see cref="Check"/> compares them, and what the processor remembers of them.
/// </summary>
internal sealed unsafe class PageTableModel : IDisposable
{
    private const int MostTables = 5;

    // Pages whose addresses differ at several levels of the tree, with neighbours, so that ranges cut nodes and leaves.
    private static readonly ulong[] _bases = [0x10000, 0x3f000, 0x40000, 0x7fc0000, 0x1000_0000, 0x5555_5555_4000, 0x7fff_f7fc_0000, 0x7fff_ffff_e000];

    private readonly FramePool _frames = new(16 << 20);
    private readonly PageNodePool _nodes = new();
    private readonly ProcessorSet _processors = new(1);
    private readonly List<(PageTable Table, SortedDictionary<ulong, Pte> Model)> _all = [];

    public PageTableModel() => _all.Add((new PageTable(_frames, _nodes, _processors), []));

    /// <summary>One operation, chosen and parameterised by a number.</summary>
    public void Do(int choice)
    {
        var random = new Random(choice); // a fixed function of the number
        (PageTable table, SortedDictionary<ulong, Pte> model) = _all[random.Next(_all.Count)];
        ulong page = Page(random), end = page + ((ulong)random.Next(1, 140) << 12);
        end = Math.Min(end, PageTable.AddressLimit);
        var access = (PageAccess)random.Next(8);
        switch (random.Next(10))
        {
            case 0 when _all.Count < MostTables:
                _all.Add((table.Fork(), new SortedDictionary<ulong, Pte>(model)));
                break;
            case 1 when _all.Count > 1:
                table.Dispose();
                _all.RemoveAll(t => t.Table == table);
                break;
            case 2:
                table.Clear(page, end, code: true);
                foreach (ulong key in model.Keys.Where(k => k >= page && k < end).ToList()) model.Remove(key);
                break;
            case 3:
                table.Protect(page, end, access);
                foreach (ulong key in model.Keys.Where(k => k >= page && k < end).ToList()) model[key] = model[key].WithAccess(access);
                break;
            case 4:
                Move(table, model, page, end - page, random);
                break;
            case 5:
                CopyOnWrite(table, model, page);
                break;
            case 6:
                SetAround(table, model, page, access, random);
                break;
            default:
                Set(table, model, page, Pte.For(_frames.Allocate(), access | PageAccess.Read, shared: random.Next(4) == 0));
                break;
        }
        Touch(table, random);
    }

    /// <summary>Compares everything.</summary>
    public void Check()
    {
        foreach ((PageTable table, SortedDictionary<ulong, Pte> model) in _all)
        {
            Assert.Equal(model.Count, table.Resident);
            var present = new List<(ulong, Pte)>();
            for (ulong at = 0; table.NextPresent(ref at, PageTable.AddressLimit, out Pte found); at += 0x1000) present.Add((at, found));
            Assert.Equal(model.Select(m => (m.Key, m.Value)), present);
            foreach ((ulong page, Pte expected) in model)
            {
                Pte pte = table.Walk(page, out bool exclusive);
                Assert.Equal(expected, pte);
                bool alone = Holders(pte.Frame) == 1;
                Assert.Equal(pte.CanWrite && (pte.IsShared || alone), table.IsWritableNow(pte, exclusive));
            }
            CheckRemembered(table);
        }
    }

    /// <summary>Drops all tables: no frame and no node may be left.</summary>
    public void Dispose()
    {
        foreach ((PageTable table, _) in _all) table.Dispose();
        Assert.Equal(0, _frames.InUse);
        Assert.Equal(0, _nodes.InUse);
        _processors.Dispose();
        _nodes.Dispose();
        _frames.Dispose();
    }

    private static ulong Page(Random random) =>
        Math.Min(_bases[random.Next(_bases.Length)] + ((ulong)random.Next(70) << 12), PageTable.AddressLimit - 0x1000);

    private int Holders(int frame) => _all.Sum(t => t.Model.Values.Count(p => p.Frame == frame));

    private void Set(PageTable table, SortedDictionary<ulong, Pte> model, ulong page, Pte pte)
    {
        table.Set(page, pte);
        model[page] = pte;
    }

    // What the kernel does for a write to a private page.
    private void CopyOnWrite(PageTable table, SortedDictionary<ulong, Pte> model, ulong page)
    {
        Pte pte = table.Walk(page, out bool exclusive);
        if (!pte.IsPresent || pte.IsShared || table.IsWritableNow(pte, exclusive)) return;
        Set(table, model, page, Pte.For(_frames.Allocate(zeroed: false), pte.Access | PageAccess.Write, shared: false));
    }

    private void SetAround(PageTable table, SortedDictionary<ulong, Pte> model, ulong page, PageAccess access, Random random)
    {
        page &= ~0xffffUL;
        var frames = new int[(int)Math.Min(16, (PageTable.AddressLimit - page) >> 12)];
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = random.Next(3) == 0 ? FramePool.None : _frames.Allocate();
            ulong at = page + ((ulong)i << 12);
            if (frames[i] >= 0) model.TryAdd(at, Pte.For(frames[i], access, shared: false));
        }
        table.SetAbsent(page, frames, access, shared: false);
        foreach (int frame in frames.Where(f => f >= 0)) _frames.Release(frame); // the table took references of its own
    }

    private static void Move(PageTable table, SortedDictionary<ulong, Pte> model, ulong from, ulong length, Random random)
    {
        ulong to = Page(random);
        if (to + length > PageTable.AddressLimit || (to < from + length && from < to + length)) return;
        table.Clear(to, to + length);
        foreach (ulong key in model.Keys.Where(k => k >= to && k < to + length).ToList()) model.Remove(key);
        table.Move(from, to, length);
        foreach (ulong key in model.Keys.Where(k => k >= from && k < from + length).ToList())
        {
            model[to + (key - from)] = model[key];
            model.Remove(key);
        }
    }

    // Has the processor remember some pages, as running guest code would.
    private void Touch(PageTable table, Random random)
    {
        if (_all.TrueForAll(t => t.Table != table)) return;
        TranslationCache cache = _processors[0].EnterGuest(table);
        for (int i = 0; i < 8; i++) cache.Fill(table, Page(random), random.Next(2) == 0 ? PageAccess.Read : PageAccess.Write, out _);
        _processors[0].LeaveGuest();
    }

    // What is remembered must be true now.
    private void CheckRemembered(PageTable table)
    {
        TranslationCache cache = _processors[0].EnterGuest(table);
        _processors[0].LeaveGuest();
        for (int i = 0; i < TranslationCache.Entries; i++)
        {
            TlbEntry entry = cache.Tlb[i];
            if (entry.ReadTag != TlbEntry.Invalid)
            {
                Pte pte = table.Walk(entry.ReadTag, out _);
                Assert.True(pte.CanRead || pte.CanWrite);
                Assert.Equal((nint)_frames.Pointer(pte.Frame), (nint)(entry.ReadTag + (ulong)entry.Delta));
            }
            if (entry.WriteTag != TlbEntry.Invalid)
            {
                Pte pte = table.Walk(entry.WriteTag, out bool exclusive);
                Assert.True(table.IsWritableNow(pte, exclusive));
                Assert.Equal((nint)_frames.Pointer(pte.Frame), (nint)(entry.WriteTag + (ulong)entry.Delta));
            }
        }
    }
}
