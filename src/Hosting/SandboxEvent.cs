using System.Collections.Immutable;
using Kennel.Abi;
using Kennel.Probes;

namespace Kennel;

/// <summary>One record of what the kernel did, copied: it stays as it was when it happened. <see cref="EventKind"/> says what each kind carries.</summary>
public sealed class SandboxEvent
{
    internal SandboxEvent(in KernelEvent e)
    {
        Kind = e.Kind;
        Time = TimeSpan.FromTicks(e.Time / 100);
        Cpu = e.Cpu;
        Task = new SandboxEventTask(e.Task);
        Target = e.Target == null ? null : new SandboxEventTask(e.Target);
        Number = e.Number;
        Result = e.Result;
        Arguments = [e.A0, e.A1, e.A2, e.A3, e.A4, e.A5];
        Text = e.Text;
        Signal = e.Data is SignalInfo info ? info : null;
    }

    /// <summary>What happened.</summary>
    public EventKind Kind { get; }

    /// <summary>When, by the machine's monotonic clock.</summary>
    public TimeSpan Time { get; }

    /// <summary>The virtual CPU.</summary>
    public int Cpu { get; }

    /// <summary>In whose context.</summary>
    public SandboxEventTask Task { get; }

    /// <summary>The other task that it is about.</summary>
    public SandboxEventTask? Target { get; }

    /// <summary>A system call, signal, error or status; see the kind.</summary>
    public int Number { get; }

    /// <summary>What a system call returned; negative for an error.</summary>
    public long Result { get; }

    /// <summary>The six arguments, raw.</summary>
    public ImmutableArray<ulong> Arguments { get; }

    /// <summary>A path or a name.</summary>
    public string? Text { get; }

    /// <summary>A signal's siginfo.</summary>
    public SignalInfo? Signal { get; }
}

/// <summary>A task as it was when something happened.</summary>
public sealed class SandboxEventTask
{
    internal SandboxEventTask(ITracedTask task)
    {
        ProcessId = task.ProcessId;
        ThreadId = task.ThreadId;
        Name = task.Name;
    }

    /// <summary>Its process' id.</summary>
    public int ProcessId { get; }

    /// <summary>Its own id.</summary>
    public int ThreadId { get; }

    /// <summary>Its name (comm).</summary>
    public string Name { get; }
}
