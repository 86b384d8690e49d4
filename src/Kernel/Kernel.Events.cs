using Kennel.Probes;

namespace Kennel;

/// <summary>Records of what happens here. A site tests its probe first: <c>if (Probes.X.IsEnabled) Fire(Probes.X, ...)</c>.</summary>
public sealed partial class Kernel
{
    /// <summary>A record with time, processor and task filled in, to be completed and fired.</summary>
    internal KernelEvent NewRecord(EventKind kind)
    {
        ITracedTask task = Current ?? Tasks.Idle;
        return new KernelEvent { Kind = kind, Time = Time.Now(), Task = task, Cpu = Current?.Processor?.Id ?? 0 };
    }

    /// <summary>Fires a record that has a number and another task at most.</summary>
    internal void Fire(Probe probe, int number = 0, ITracedTask? target = null, string? text = null)
    {
        KernelEvent record = NewRecord(probe.Kind);
        record.Number = number;
        record.Target = target;
        record.Text = text;
        probe.Fire(record);
    }
}
