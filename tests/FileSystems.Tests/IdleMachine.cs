using Kennel.Machine;

namespace Kennel.FileSystems.Tests;

/// <summary>A kernel that never runs guest code, for tests of what needs only its clock, memory and tables.</summary>
internal static class IdleMachine
{
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
