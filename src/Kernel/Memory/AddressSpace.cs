using Kennel.Files;
using Kennel.Machine;
using Kennel.Views;

namespace Kennel.Memory;

/// <summary>
/// The memory of a process (Linux: mm_struct): areas that say what may be where, and the page table that says what is there.
/// Shared with CLONE_VM.
/// </summary>
/// <remarks>
/// Guarded by the kernel lock. Its parts: Map (mmap, munmap), Change (mprotect, madvise), Remap (mremap), Break (brk), Fault, Fork,
/// Copy (the kernel's own accesses), Statistics (what procfs shows).
/// </remarks>
public sealed partial class AddressSpace
{
    /// <summary>One past the highest user address (Linux: TASK_SIZE_MAX).</summary>
    public const ulong Top = PageTable.AddressLimit;

    /// <summary>Addresses below can be mapped by the privileged only (/proc/sys/vm/mmap_min_addr).</summary>
    public const ulong Bottom = 0x10000;

    /// <summary>Bytes kept free below an area that grows down (Linux: stack_guard_gap, 256 pages).</summary>
    public const ulong StackGuardGap = 256 * PageSize;

    /// <summary>/proc/sys/vm/max_map_count.</summary>
    public const int MaxAreas = 65530;

    internal const ulong PageSize = FramePool.FrameSize, PageMask = ~(PageSize - 1);

    private readonly LinkedListNode<AddressSpace> _place;
    private AreaList _areas;
    private int _users = 1;
    private bool _deniesWriting;

    public AddressSpace(Kernel kernel)
        : this(kernel, new PageTable(kernel.Frames, kernel.Nodes, kernel.Machine), new AreaList(kernel))
    {
    }

    private AddressSpace(Kernel kernel, PageTable pages, AreaList areas)
    {
        Kernel = kernel;
        Pages = pages;
        _areas = areas;
        _isForked = areas.Count > 0;
        _place = kernel.AddressSpaces.AddLast(this);
    }

    public Kernel Kernel { get; }

    /// <summary>What engines translate with.</summary>
    public PageTable Pages { get; }

    /// <summary>The areas, ascending (Linux: for_each_vma).</summary>
    public IEnumerable<Vma> Areas
    {
        get
        {
            for (int i = 0; i < _areas.Count; i++) yield return _areas[i];
        }
    }

    /// <summary>The program that runs here (/proc/PID/exe); holds a reference.</summary>
    public OpenFile? Executable { get; private set; }

    /// <summary>Where things lie; set by the loader.</summary>
    public MemoryLayout Layout { get; set; } = MemoryLayout.Default;

    /// <summary>How many tasks use it.</summary>
    public int Users => _users;

    /// <summary>Whether the out-of-memory killer has chosen it: no page of it comes back any more (Linux: MMF_UNSTABLE).</summary>
    internal bool IsDoomed { get; set; }

    /// <summary>The area that holds an address, or null.</summary>
    public Vma? Find(ulong address)
    {
        int index = _areas.IndexOf(address);
        return index < _areas.Count && _areas[index].Start <= address ? _areas[index] : null;
    }

    /// <summary>Sets <see cref="Executable"/>, which cannot be written to from now on; takes over the caller's reference.</summary>
    public void SetExecutable(OpenFile? file)
    {
        if (_deniesWriting) Executable!.Inode!.EndRunning();
        Executable?.Release();
        Executable = file;
        _deniesWriting = file?.Inode?.TryBeginRunning() == true;
    }

    /// <summary>Another task shares it.</summary>
    public AddressSpace Share()
    {
        _users++;
        return this;
    }

    /// <summary>A task is done with it; the last one frees it (Linux: mmput, exit_mmap).</summary>
    [KernelFunction("kernel/fork.c", "void mmput(struct mm_struct *mm = this)")]
    public void Release()
    {
        if (--_users != 0) return;
        Kernel.AddressSpaces.Remove(_place);
        Pages.Dispose();
        ReleaseHomes();
        WriteBackAll();
        _areas.Release();
        SetExecutable(null);
    }

    /// <summary>Gives up all pages while its tasks are still dying (Linux: mm/oom_kill.c, __oom_reap_task_mm).</summary>
    internal void Reap()
    {
        NotePeakResident();
        Pages.Clear(0, Top);
    }

    // The list, for changing it.
    private AreaList OwnAreas() => _areas = _areas.Own();

    private static ulong PageUp(ulong value) => (value + PageSize - 1) & PageMask;
}
