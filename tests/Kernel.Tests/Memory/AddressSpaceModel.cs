using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.Tests.Memory;

/// <summary>
/// Processes that map, write, fork and exit, beside a model that a reader can check by eye: a dictionary from page to a byte and its
/// rights; shared pages are the same object in several dictionaries. Bytes go through the real fault path.
/// </summary>
internal sealed class AddressSpaceModel : IDisposable
{
    private const ulong Base = 0x1000_0000, Pages = 160;
    private const int MostProcesses = 5;

    private readonly TestMachine _machine = new(16 << 20);
    private readonly List<(AddressSpace Space, Dictionary<ulong, Cell> Model)> _all = [];

    public AddressSpaceModel() => _all.Add((new AddressSpace(_machine.Kernel), []));

    public void Do(int choice)
    {
        var random = new Random(choice);
        (AddressSpace space, Dictionary<ulong, Cell> model) = _all[random.Next(_all.Count)];
        ulong start = Base + ((ulong)random.Next((int)Pages) << 12);
        ulong end = Math.Min(start + ((ulong)random.Next(1, 70) << 12), Base + (Pages << 12));
        var access = (PageAccess)random.Next(8);
        switch (random.Next(12))
        {
            case 0 when _all.Count < MostProcesses:
                _all.Add((space.Fork(), model.ToDictionary(m => m.Key, m => m.Value with { Page = m.Value.IsShared ? m.Value.Page : m.Value.Page.Copy() })));
                break;
            case 1 when _all.Count > 1:
                space.Release();
                _all.RemoveAll(t => t.Space == space);
                break;
            case 2 or 3:
                Map(space, model, start, end, access | PageAccess.Write, shared: random.Next(3) == 0);
                break;
            case 4:
                Assert.Equal(Errno.None, space.Unmap(start, end - start));
                foreach (ulong page in Range(start, end)) model.Remove(page);
                break;
            case 5:
                Protect(space, model, start, end, access);
                break;
            case 6:
                Drop(space, model, start, end);
                break;
            case 7:
                Move(space, model, start, end, random);
                break;
            default:
                Write(space, model, start, end, random);
                break;
        }
    }

    /// <summary>Every page of every process reads as the model says, or cannot be read where the model says so.</summary>
    public void Check()
    {
        foreach ((AddressSpace space, Dictionary<ulong, Cell> model) in _all)
        {
            foreach (ulong page in Range(Base, Base + (Pages << 12)))
            {
                byte[] value = [0];
                bool readable = model.TryGetValue(page, out Cell? cell) && cell.Access != 0;
                Assert.Equal(readable, space.CopyIn(page + 7, value));
                if (readable) Assert.Equal(cell!.Page.Value, value[0]);
            }
            CheckAreas(space, model);
        }
    }

    public void Dispose()
    {
        foreach ((AddressSpace space, _) in _all) space.Release();
        Assert.Equal(0, _machine.Kernel.Frames.InUse);
        Assert.Equal(0, _machine.Kernel.Nodes.InUse);
        Assert.Equal(0, _machine.Kernel.AreaCount);
        _machine.Dispose();
    }

    private static void Map(AddressSpace space, Dictionary<ulong, Cell> model, ulong start, ulong end, PageAccess access, bool shared)
    {
        MapFlags flags = MapFlags.MAP_ANONYMOUS | MapFlags.MAP_FIXED | (shared ? MapFlags.MAP_SHARED : MapFlags.MAP_PRIVATE);
        Assert.Equal(Errno.None, space.Map(start, end - start, access, flags, null, 0, out ulong at));
        Assert.Equal(start, at);
        foreach (ulong page in Range(start, end)) model[page] = new Cell(new Content(), shared, access);
    }

    private static void Protect(AddressSpace space, Dictionary<ulong, Cell> model, ulong start, ulong end, PageAccess access)
    {
        bool hasHole = Range(start, end).Any(p => !model.ContainsKey(p));
        Assert.Equal(hasHole ? Errno.ENOMEM : Errno.None, space.Protect(start, end - start, (MemoryProtection)access));
        foreach (ulong page in Range(start, end).TakeWhile(model.ContainsKey)) model[page] = model[page] with { Access = access };
    }

    private static void Drop(AddressSpace space, Dictionary<ulong, Cell> model, ulong start, ulong end)
    {
        bool hasHole = Range(start, end).Any(p => !model.ContainsKey(p));
        Assert.Equal(hasHole ? Errno.ENOMEM : Errno.None, space.Advise(start, end - start, MemoryAdvice.MADV_DONTNEED));
        foreach (ulong page in Range(start, end))
        {
            if (model.TryGetValue(page, out Cell? cell) && !cell.IsShared) model[page] = cell with { Page = new Content() };
        }
    }

    private static void Move(AddressSpace space, Dictionary<ulong, Cell> model, ulong start, ulong end, Random random)
    {
        Vma? area = space.Find(start);
        if (area == null) return;
        end = Math.Min(end, area.End);
        ulong to = Base + ((ulong)random.Next((int)(Pages - ((end - start) >> 12))) << 12);
        if (to < end && start < to + (end - start)) return;
        RemapFlags flags = RemapFlags.MREMAP_MAYMOVE | RemapFlags.MREMAP_FIXED;
        Assert.Equal(Errno.None, space.Remap(start, end - start, end - start, flags, to, out ulong at));
        Assert.Equal(to, at);
        foreach (ulong page in Range(start, end))
        {
            model[page - start + to] = model[page];
            model.Remove(page);
        }
    }

    // One byte in each page, until the first page that cannot be written.
    private static void Write(AddressSpace space, Dictionary<ulong, Cell> model, ulong start, ulong end, Random random)
    {
        byte value = (byte)random.Next(1, 256);
        foreach (ulong page in Range(start, end).Take(6))
        {
            bool writable = model.TryGetValue(page, out Cell? cell) && (cell.Access & PageAccess.Write) != 0;
            Assert.Equal(writable, space.CopyOut(page + 7, [value]));
            if (writable) cell!.Page.Value = value;
        }
    }

    private static void CheckAreas(AddressSpace space, Dictionary<ulong, Cell> model)
    {
        ulong last = 0;
        long pages = 0;
        foreach (Vma area in space.Areas)
        {
            Assert.True(area.Start >= last && area.End > area.Start);
            last = area.End;
            pages += area.PageCount;
            foreach (ulong page in Range(area.Start, area.End))
            {
                Assert.Equal(model[page].Access, area.Access);
                Assert.Equal(model[page].IsShared, area.IsShared);
            }
        }
        Assert.Equal(model.Count, pages);
        Assert.Equal(pages, space.TotalPages);
    }

    private static IEnumerable<ulong> Range(ulong start, ulong end)
    {
        for (ulong page = start; page < end; page += 0x1000) yield return page;
    }

    private sealed class Content
    {
        public byte Value { get; set; }

        public Content Copy() => new() { Value = Value };
    }

    private sealed record Cell(Content Page, bool IsShared, PageAccess Access);
}
