using Kennel.Files;
using Kennel.Machine;
using Kennel.Tasks;

namespace Kennel.FileSystems.Tests;

/// <summary>A kernel that never runs guest code: its clock, memory and tables, and kernel threads that play the guest.</summary>
internal static class IdleMachine
{
    /// <summary>Runs a body as a task of the machine; a failed assertion in it fails the test.</summary>
    public static void Run(Kernel kernel, MountNamespace mounts, params Func<LinuxTask, ValueTask>[] bodies)
    {
        var done = new CountdownEvent(bodies.Length);
        var failures = new List<Exception>();
        var root = new VfsPath(mounts.Root, mounts.Root.Root);
        kernel.CreateInit(mounts, new FsContext { Root = root, WorkingDirectory = root });
        foreach (Func<LinuxTask, ValueTask> body in bodies) kernel.KernelThreads.Create("test", task => RunAsync(task, body, done, failures));
        kernel.Start();
        bool inTime = done.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        kernel.Halt();
        if (failures.Count > 0) throw new AggregateException(failures);
        Assert.True(inTime, "the tasks did not end");
        Assert.Equal(0, kernel.OopsCount);
    }

    private static async ValueTask RunAsync(LinuxTask task, Func<LinuxTask, ValueTask> body, CountdownEvent done, List<Exception> failures)
    {
        try
        {
            await body(task);
        }
        catch (Exception e)
        {
            failures.Add(e);
        }
        done.Signal();
    }

    public static Kernel Create(long memory = 64 << 20) =>
        new(new KernelOptions { MemoryLimit = memory, Seed = 1 }, new Platform(), (_, _) => new NoEngine());

    private sealed class Platform : IHostPlatform
    {
        public long MonotonicNanoseconds => 1_000_000_000;

        public long RealtimeNanoseconds => 1_700_000_000_000_000_000;

        public void FillRandom(Span<byte> bytes) => bytes.Fill(7);
    }

    private sealed unsafe class NoEngine : IExecutionEngine
    {
        public string Name => "none";

        public void MaterializeFlags(CpuState* state)
        {
        }

        public StopReason Run(Processor processor, CpuState* cpu, PageTable memory, long budget) => throw new InvalidOperationException();

        public void Dispose()
        {
        }
    }
}
