using Kennel.Tasks;

namespace Kennel.Time;

/// <summary>The timers of a process: interval timers and POSIX timers.</summary>
public sealed class ProcessTimers(ThreadGroup owner)
{
    internal ThreadGroup Owner { get; } = owner;

    /// <summary>The process ends.</summary>
    internal void StopAll()
    {
    }

    /// <summary>Looks at the timers that count CPU time.</summary>
    internal void CheckCpuTime()
    {
    }

    /// <summary>Another program: POSIX timers are gone, interval timers go on.</summary>
    internal void OnExec()
    {
    }
}
