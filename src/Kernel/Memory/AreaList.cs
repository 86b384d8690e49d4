using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>
/// The areas of an address space, sorted, with their sums. Like page-table nodes it is counted and copied before a change: fork
/// takes one more reference, whatever the number of areas, and the first side to change something copies the list.
/// </summary>
/// <remarks>
/// The list holds one reference to the file of each area in it. Guarded by the kernel lock. Methods that change a list may be called on
/// one that has a single user; <see cref="Own"/> gives such a list.
/// </remarks>
internal sealed class AreaList(Kernel kernel)
{
    private Vma[] _areas = [];
    private int _users = 1;

    public int Count { get; private set; }

    public Vma this[int index] => _areas[index];

    // Sums in pages, for the limits and /proc/PID/status (Linux: total_vm, data_vm, stack_vm, exec_vm, locked_vm).
    public long TotalPages { get; private set; }

    public long DataPages { get; private set; }

    public long StackPages { get; private set; }

    public long CodePages { get; private set; }

    public long LockedPages { get; private set; }

    /// <summary>Whether an area that can be executed has come, gone or changed since somebody set this to false.</summary>
    public bool HasNewCode { get; set; }

    /// <summary>Areas that a child must not simply share: DontFork, WipeOnFork, Locked.</summary>
    public int ForkExceptions { get; private set; }

    /// <summary>Another address space uses it as it is.</summary>
    public AreaList Share()
    {
        _users++;
        return this;
    }

    /// <summary>A list with the same content that only the caller uses; the caller's use of this one passes to it.</summary>
    public AreaList Own()
    {
        if (_users == 1) return this;
        _users--;
        var copy = new AreaList(kernel) { _areas = new Vma[Count + 4] };
        for (int i = 0; i < Count; i++)
        {
            _areas[i].File?.AddReference();
            copy.Insert(i, _areas[i]);
        }
        copy.HasNewCode = HasNewCode;
        return copy;
    }

    /// <summary>A user is done with it; the last one gives up the files.</summary>
    public void Release()
    {
        if (--_users != 0) return;
        while (Count > 0) Remove(Count - 1);
    }

    /// <summary>Index of the first area that ends behind <paramref name="address"/>: the one that holds it, or the next one.</summary>
    public int IndexOf(ulong address)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_areas[middle].End > address) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    /// <summary>Puts an area at an index; its file reference passes to the list.</summary>
    public void Insert(int index, Vma area)
    {
        if (Count == _areas.Length) Array.Resize(ref _areas, Math.Max(8, Count * 2));
        Array.Copy(_areas, index, _areas, index + 1, Count - index);
        _areas[index] = area;
        Count++;
        kernel.AreaCount++;
        Account(area, 1);
    }

    /// <summary>Takes an area out and gives up its file.</summary>
    public void Remove(int index)
    {
        Vma area = _areas[index];
        Count--;
        Array.Copy(_areas, index + 1, _areas, index, Count - index);
        _areas[Count] = null!;
        kernel.AreaCount--;
        Account(area, -1);
        area.File?.Release();
    }

    /// <summary>Puts another version of an area, for the same file, in its place.</summary>
    public void Replace(int index, Vma area)
    {
        Account(_areas[index], -1);
        _areas[index] = area;
        Account(area, 1);
    }

    /// <summary>Makes <paramref name="address"/> a border between areas if it lies inside one; answers the index behind the border.</summary>
    public int SplitAt(ulong address)
    {
        int index = IndexOf(address);
        if (index == Count || _areas[index].Start >= address) return index;
        Vma whole = _areas[index];
        Replace(index, whole.Slice(whole.Start, address));
        whole.File?.AddReference();
        Insert(index + 1, whole.Slice(address, whole.End));
        return index + 1;
    }

    /// <summary>Joins the area at <paramref name="index"/> with its predecessor if they are alike; answers whether it did.</summary>
    public bool MergeWithPrevious(int index)
    {
        if (index <= 0 || index >= Count || !_areas[index - 1].CanMerge(_areas[index])) return false;
        ulong end = _areas[index].End;
        Remove(index);
        Replace(index - 1, _areas[index - 1] with { End = end });
        return true;
    }

    /// <summary>Joins what is alike among the areas from the one before <paramref name="first"/> to the one behind <paramref name="last"/>.</summary>
    public void MergeAround(int first, int last)
    {
        for (int i = Math.Min(last + 1, Count - 1); i >= Math.Max(first, 1); i--) MergeWithPrevious(i);
    }

    private void Account(Vma area, int sign)
    {
        long pages = area.PageCount * sign;
        if ((area.Access & PageAccess.Execute) != 0) HasNewCode = true;
        TotalPages += pages;
        if (area.IsData) DataPages += pages;
        if (area.GrowsDown) StackPages += pages;
        if ((area.Access & (PageAccess.Execute | PageAccess.Write)) == PageAccess.Execute && !area.GrowsDown) CodePages += pages;
        if (area.IsLocked) LockedPages += pages;
        if (area.Pages != null) area.Pages.Mappings += sign;
        if ((area.Flags & (VmaFlags.DontFork | VmaFlags.WipeOnFork | VmaFlags.Locked)) != 0) ForkExceptions += sign;
    }
}
