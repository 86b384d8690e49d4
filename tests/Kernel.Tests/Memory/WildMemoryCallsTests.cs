using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Syscalls;

namespace Kennel.Tests.Memory;

/// <summary>Memory calls with arguments that nobody means: errors at most, never an exception, and nothing left behind.</summary>
public sealed class WildMemoryCallsTests : IDisposable
{
    private static readonly int[] _calls =
    [
        9, 10, 11, 12, 25, 26, 27, 28, 149, 150, 151, 152, 216, 237, 238, 239, 256, 279, 310, 311, 319, 323, 325, 329, 330, 331, 440, 447, 450,
        29, 30, 31, 67, 64, 66, 68, 69, 71,
    ];

    private static readonly ulong[] _nasty =
    [
        0, 1, 2, 3, 7, 0xfff, 0x1000, 0x1001, 0x10000, 0x20000, 0x40000, 0x11_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x7fff_f7ff_e000,
        0x7fff_ffff_e000, 0x7fff_ffff_f000, 0x8000_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_ffff_f000, ulong.MaxValue,
    ];

    private readonly SyscallMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NothingBreaks(int seed)
    {
        int frames = _machine.Kernel.Frames.InUse, areas = _machine.Kernel.AreaCount;
        var random = new Random(seed);
        TestTask task = _machine.NewTask(seed == 1 ? 0u : 1000, 1000);
        task.Task.Files!.Install(MemoryFile.Create(task.Task, "x", 0x1ff, FileSeals.None), false, 10, out _);
        _machine.Kernel.SetCurrent(task.Task);
        for (int i = 0; i < 6000; i++)
        {
            int number = _calls[random.Next(_calls.Length)];
            ulong[] a = [.. Enumerable.Range(0, 6).Select(_ => Value(random))];
            if (number == 9) a[3] = (ulong)(random.Next(4) | (random.Next(4) == 0 ? 0x10 : 0) | (random.Next(2) == 0 ? 0x20 : 0) | (int)(a[3] & 0x4100));
            if (number is 9 or 10 or 12 or 25 && IsHuge(a[number == 12 ? 0 : 1])) a[1] = 0x5000;
            ValueTask<SyscallResult> call = SyscallTable.Dispatch(task.Task, number, a[0], a[1], a[2], a[3], a[4], a[5]);
            if (call.IsCompleted) _ = new PendingCall(call).Value; // a full message queue sleeps for good
            Check(task.Task.Memory!);
        }
        _machine.Kernel.SetCurrent(null);
        Assert.Equal(0, _machine.Kernel.OopsCount);
        task.Task.Memory!.Release();
        task.Task.Files.Release();
        foreach (var segment in _machine.Kernel.Ipc.SharedSegments.All.ToArray()) segment.Remove();
        Assert.Equal(areas, _machine.Kernel.AreaCount);
        Assert.Equal(frames, _machine.Kernel.Frames.InUse);
    }

    private static ulong Value(Random random) => random.Next(4) switch
    {
        0 => _nasty[random.Next(_nasty.Length)],
        1 => (ulong)random.Next(0, 64),
        2 => 0x10000 + ((ulong)random.Next(0, 0x140) << 12), // around the arguments' arena
        _ => _nasty[random.Next(_nasty.Length)] + (ulong)random.Next(-2, 3),
    };

    // Populating, locking or copying that much would only take time.
    private static bool IsHuge(ulong length) => length is > 0x100_0000 and < AddressSpace.Top;

    private static void Check(AddressSpace memory)
    {
        ulong last = 0;
        long pages = 0;
        foreach (Vma area in memory.Areas)
        {
            Assert.True(area.Start >= last && area.End > area.Start && area.End <= AddressSpace.Top && ((area.Start | area.End) & 0xfff) == 0);
            last = area.End;
            pages += area.PageCount;
        }
        Assert.Equal(pages, memory.TotalPages);
        ulong at = 0;
        for (; memory.Pages.NextPresent(ref at, AddressSpace.Top, out _); at += 0x1000) Assert.NotNull(memory.Find(at));
    }
}
