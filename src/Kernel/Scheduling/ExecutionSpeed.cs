namespace Kennel.Scheduling;

/// <summary>
/// How long a guest instruction takes on this host, learnt from long runs in user mode. It tells user time from system time,
/// and how many instructions fit before the next timer.
/// </summary>
public sealed class ExecutionSpeed
{
    private const ulong LongRun = 20_000;

    // Picoseconds an instruction. guard-note: the kernel lock.
    private long _picoseconds = 8_000;

    /// <summary>Nanoseconds that so many instructions take.</summary>
    public long ToNanoseconds(ulong instructions) => (long)(instructions * (ulong)_picoseconds / 1000);

    /// <summary>Instructions that fit into a time.</summary>
    public long ToInstructions(long nanoseconds) => nanoseconds > long.MaxValue / 1000 ? long.MaxValue : nanoseconds * 1000 / _picoseconds;

    /// <summary>The part of a time that was spent on instructions, given how often the kernel was entered in between.</summary>
    internal long Split(long elapsed, ulong instructions, int kernelEntries)
    {
        if (elapsed <= 0 || instructions == 0) return 0;
        if (kernelEntries <= 1 && instructions >= LongRun)
        {
            long measured = Math.Max(1, (long)((ulong)elapsed * 1000 / instructions));
            _picoseconds = ((_picoseconds * 3) + measured) / 4;
            return elapsed;
        }
        return Math.Min(elapsed, ToNanoseconds(instructions));
    }
}
