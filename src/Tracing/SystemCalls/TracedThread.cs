using Kennel.Abi;
using Kennel.Probes;

namespace Kennel.Tracing.SystemCalls;

/// <summary>What a strace knows of a thread.</summary>
internal sealed class TracedThread(ITracedTask task)
{
    public ITracedTask Task { get; } = task;

    public int Id { get; } = task.ThreadId;

    /// <summary>The number that stands for no call.</summary>
    public const int NoCall = int.MinValue;

    /// <summary>The call that it is in, or <see cref="NoCall"/>.</summary>
    public int Number { get; set; } = NoCall;

    /// <summary>Whether it is in a call.</summary>
    public bool IsInCall => Number != NoCall;

    /// <summary>The last call that was shown of it; negative for none.</summary>
    public int LastNumber { get; set; } = -1;

    /// <summary>Whether it has no registers any more.</summary>
    public bool HasEnded { get; set; }

    /// <summary>How that call is written; only of one that is.</summary>
    public CallShape? Call { get; set; }

    /// <summary>Whether that call is shown.</summary>
    public bool IsShown { get; set; }

    /// <summary>Whether its line was given up for another thread's.</summary>
    public bool IsUnfinished { get; set; }

    /// <summary>How many arguments have been written.</summary>
    public int Written { get; set; }

    /// <summary>What was written at entry, while the line is held back until the result is known.</summary>
    public string Held { get; set; } = "";

    public ulong[] Arguments { get; } = new ulong[6];

    public int? Before { get; set; }

    public long EntryTime { get; set; }

    public long EntrySystem { get; set; }

    /// <summary>Whether the call's result was injected, or the call delayed.</summary>
    public bool IsInjected { get; set; }

    /// <inheritdoc cref="IsInjected"/>
    public bool IsDelayed { get; set; }

    /// <summary>Nanoseconds to wait before it goes on.</summary>
    public long DelayExit { get; set; }

    /// <summary>How often each rule's calls were made.</summary>
    public Dictionary<InjectionRule, int> Times { get; } = [];

    /// <summary>The last signal that was sent to it and that it has not taken.</summary>
    public SignalInfo? Sent { get; set; }

    /// <summary>Signals that the kernel dropped because they are ignored: a strace shows them, too, when the thread comes out of the kernel. Null for none.</summary>
    public List<SignalInfo>? Ignored { get; set; }
}
