using Kennel.Machine;

namespace Kennel.Tests;

/// <summary>A kernel whose processors never run: for tests that call its parts directly, as if inside the kernel lock.</summary>
internal sealed class TestMachine : IDisposable
{
    public TestMachine(long memory = 64 << 20, int processors = 1) =>
        Kernel = new Kernel(
            new KernelOptions { MemoryLimit = memory, Processors = processors, Seed = 1 }, new TestHost(), (_, _) => new IdleEngine());

    public Kernel Kernel { get; }

    public void Dispose() => Kernel.Dispose();

    private sealed class TestHost : IHostPlatform
    {
        public long MonotonicNanoseconds => 0;

        public long RealtimeNanoseconds => 0;

        public void FillRandom(Span<byte> bytes) => bytes.Fill(0x5a);
    }

    private sealed class IdleEngine : IExecutionEngine
    {
        public string Name => "idle";

        public unsafe StopReason Run(Processor processor, CpuState* state, PageTable memory, long budget) => StopReason.Preempted;

        public unsafe void MaterializeFlags(CpuState* state)
        {
        }

        public void Dispose()
        {
        }
    }
}
