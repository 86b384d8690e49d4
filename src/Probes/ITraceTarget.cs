namespace Kennel.Probes;

/// <summary>A running machine, for tracers: where events come from, and the little else that they need of it.</summary>
public interface ITraceTarget
{
    /// <summary>The points to watch. Attach and detach inside <see cref="Lock"/>.</summary>
    ProbeSet Probes { get; }

    /// <summary>The kernel's objects.</summary>
    IKernelModel Model { get; }

    /// <summary>The kernel lock.</summary>
    Lock Lock { get; }

    /// <summary>Monotonic nanoseconds.</summary>
    long Now { get; }

    /// <summary>Nanoseconds since 1970.</summary>
    long WallClock { get; }

    /// <summary>Virtual CPUs.</summary>
    int Processors { get; }

    /// <summary>The task that runs on a processor now; the idle task when none does. Inside the lock.</summary>
    ITracedTask CurrentOn(int processor);

    /// <summary>Calls back every so many nanoseconds, inside the lock, in interrupt context. Dispose to end it (inside the lock).</summary>
    /// <param name="period">How long from one to the next.</param>
    /// <param name="tick">What is called.</param>
    /// <param name="samples">
    /// Whether it is to see what the processors do. It is then called inside a system call when it fell due inside one; else only between two stretches of guest code.
    /// System calls read the clock for that, twice each.
    /// </param>
    IDisposable StartTimer(long period, Action tick, bool samples = false);

    /// <summary>
    /// Watches an instruction of a guest program: <see cref="EventKind.UserBreakpoint"/> is fired before it runs, in every process that maps the
    /// file, or in one only. Dispose to end it.
    /// </summary>
    /// <param name="path">The ELF file, as the guest names it.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="processId">The process; 0 for all.</param>
    /// <param name="id">What comes as the record's Number: no other watch has it.</param>
    /// <returns>The watch; null when such a one cannot be made.</returns>
    IDisposable? WatchCode(string path, long offset, int processId, out int id);

    /// <summary>The function symbols of an ELF file in the guest's tree: name, file offset, size. Empty when there is no such file.</summary>
    IReadOnlyList<ElfFunction> FunctionsOf(string path);

    /// <summary>A section of an ELF file in the guest's tree, unpacked; empty when there is none.</summary>
    byte[] SectionOf(string path, string name) => [];

    /// <summary>Where an address, as an ELF file was linked, lies in the file; -1 for nowhere.</summary>
    long FileOffset(string path, ulong address) => -1;
}

/// <summary>A function of an ELF file.</summary>
public readonly record struct ElfFunction(string Name, long Offset, long Size);
