using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Tests.Memory;

public sealed class OutOfMemoryTests : IDisposable
{
    private readonly SyscallMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void TheLargestProcessDiesAndItsMemoryIsThereAtOnce()
    {
        TestTask large = _machine.NewTask(), small = _machine.NewTask();
        Fill(large, 40 << 20);
        _machine.Kernel.SetCurrent(small.Task);
        Assert.True(Fill(small, 30 << 20));
        Assert.True(large.Task.Group.IsGroupExiting);
        Assert.False(small.Task.Group.IsGroupExiting);
        Assert.Equal(0, large.Task.Memory!.ResidentPages);
        Assert.False(large.Task.Memory.CopyIn(0x10000, new byte[1])); // nothing comes back
        Assert.Contains(_machine.Kernel.Log.Lines, l => l.Contains("Out of memory: Killed process"));
    }

    [Fact]
    public void WhoeverIsItselfTheLargestGetsAnError()
    {
        TestTask small = _machine.NewTask(), large = _machine.NewTask();
        Fill(small, 4 << 20);
        _machine.Kernel.SetCurrent(large.Task);
        Assert.False(Fill(large, 70 << 20));
        Assert.True(large.Task.Group.IsGroupExiting);
        Assert.False(small.Task.Group.IsGroupExiting);
    }

    [Fact]
    public void TheAdjustmentDecides()
    {
        TestTask large = _machine.NewTask(), other = _machine.NewTask(), small = _machine.NewTask();
        large.Task.Group.OomScoreAdjustment = -1000;
        Fill(large, 30 << 20);
        Fill(other, 20 << 20);
        _machine.Kernel.SetCurrent(small.Task);
        Assert.True(Fill(small, 14 << 20));
        Assert.False(large.Task.Group.IsGroupExiting);
        Assert.True(other.Task.Group.IsGroupExiting);
    }

    [Fact]
    public void CachedPagesGoBeforeProcesses()
    {
        TestTask task = _machine.NewTask();
        var cached = new Queue<int>();
        for (int i = 0; i < 8000; i++) cached.Enqueue(_machine.Kernel.Frames.Allocate());
        Func<bool>? before = _machine.Kernel.Frames.Reclaim;
        _machine.Kernel.Frames.Reclaim = () =>
        {
            if (!cached.TryDequeue(out int frame)) return before!();
            _machine.Kernel.Frames.Release(frame);
            return true;
        };
        _machine.Kernel.SetCurrent(task.Task);
        Assert.True(Fill(task, 50 << 20));
        Assert.False(task.Task.Group.IsGroupExiting);
    }

    private static bool Fill(TestTask task, ulong bytes)
    {
        AddressSpace memory = task.Task.Memory!;
        const MapFlags flags = MapFlags.MAP_PRIVATE | MapFlags.MAP_ANONYMOUS | MapFlags.MAP_NORESERVE;
        Assert.Equal(Errno.None, memory.Map(0, bytes, PageAccess.Read | PageAccess.Write, flags, null, 0, out ulong at));
        for (ulong page = at; page < at + bytes; page += 0x1000)
        {
            if (!memory.CopyOut(page, [1])) return false;
        }
        return true;
    }
}
