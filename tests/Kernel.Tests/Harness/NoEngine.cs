using Kennel.Machine;

namespace Kennel.Tests;

/// <summary>An engine for tests that make system calls without guest code.</summary>
internal sealed class NoEngine : IExecutionEngine
{
    public string Name => "none";

    public unsafe StopReason Run(Processor processor, CpuState* state, PageTable memory, long budget) => StopReason.Preempted;

    public unsafe void MaterializeFlags(CpuState* state)
    {
    }

    public void Dispose()
    {
    }
}
