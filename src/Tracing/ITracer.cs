using Kennel.Probes;

namespace Kennel.Tracing;

/// <summary>A sink of kernel events: a strace, a script, a timeline. It serves one machine, once.</summary>
public interface ITracer
{
    /// <summary>Begins to watch. Inside the kernel lock, before the first guest program runs.</summary>
    /// <param name="target">The machine.</param>
    void Attach(ITraceTarget target);

    /// <summary>The first program was made: its process id (dtrace's $target, stap's target()). Inside the lock, before it runs its first instruction.</summary>
    void SetTarget(int processId);

    /// <summary>Completes when the tracer itself wants the session to end (dtrace's exit()); with the exit status that it asks for.</summary>
    Task<int> Ended { get; }

    /// <summary>Stops watching and writes what is left to write (END probes, tables). Inside the lock; the machine may still run.</summary>
    /// <returns>The exit status that the tracer asks for; null to take the program's.</returns>
    int? Detach();
}
