namespace Kennel.Machine;

/// <summary>
/// Runs guest code until something needs the kernel. Engines return, they never call back.
/// </summary>
public interface IExecutionEngine : IDisposable
{
    /// <summary>The name that <c>--engine</c> takes.</summary>
    string Name { get; }

    /// <summary>Runs guest code from <c>state-&gt;Rip</c>, outside the kernel lock, on the calling thread.</summary>
    /// <param name="processor">The virtual CPU that the calling thread is.</param>
    /// <param name="state">The task's registers; exact again when the call returns.</param>
    /// <param name="memory">The task's address space.</param>
    /// <param name="budget">Instructions to run at most, to within one block; 1 runs a single instruction and answers SingleStep.</param>
    unsafe StopReason Run(Processor processor, CpuState* state, PageTable memory, long budget);

    /// <summary>Whether <see cref="Watch"/> does anything.</summary>
    bool CanWatch => false;

    /// <summary>Has guest code stop with <see cref="StopReason.Watch"/> before it runs the instructions at these offsets of a frame; none for not at all.</summary>
    void Watch(int frame, IReadOnlyList<int> offsets)
    {
    }

    /// <summary>
    /// Tells that an area is about to be announced (<see cref="PageTable.AnnounceCode"/>), so that an engine which has kept its code from an earlier
    /// time can go on with that. The caller holds the kernel lock.
    /// </summary>
    /// <param name="area">The area.</param>
    /// <param name="frameOf">The source's frame for one of its pages, read if need be; <see cref="FramePool.None"/> if that cannot be.</param>
    void Adopt(CodeArea area, Func<long, int> frameOf)
    {
    }

    /// <summary>Whether <see cref="CpuState.Retired"/> counts instructions; else it is an estimate from time.</summary>
    bool CountsInstructions => true;

    /// <summary>What the guest's processor has.</summary>
    CpuLevel CpuLevel => CpuLevel.V2;

    /// <summary>Makes the status flags in <c>state-&gt;Eflags</c> exact (they may be kept lazily while a task is not running).</summary>
    unsafe void MaterializeFlags(CpuState* state);
}
