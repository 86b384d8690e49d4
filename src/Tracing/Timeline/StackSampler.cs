using System.Text;
using Kennel.Probes;

namespace Kennel.Tracing.Timeline;

/// <summary>
/// Looks, so many times a second, at what each processor runs, and tells its stack: folded, outermost function first, with
/// semicolons between. An idle processor gives no sample, so samples are shares of CPU time.
/// </summary>
internal sealed class StackSampler : IDisposable
{
    /// <summary>Ends the name of a system call, which stands on top of the functions that led to it.</summary>
    public const string InKernel = " [kernel]";

    private const int DeepestStack = 128;

    private readonly ITraceTarget _target;
    private readonly Action<ITracedTask, string> _sink;
    private readonly IDisposable _timer;
    private readonly Dictionary<int, string> _callNames;
    private readonly ulong[] _frames = new ulong[DeepestStack];

    /// <summary>Begins to look. Inside the kernel lock.</summary>
    public StackSampler(ITraceTarget target, int rate, Action<ITracedTask, string> sink)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        _target = target;
        _sink = sink;
        _callNames = target.Model.Syscalls.ToDictionary(c => c.Number, c => c.Name);
        _timer = target.StartTimer(1_000_000_000L / rate, Tick, samples: true);
    }

    /// <summary>Ends it. Inside the kernel lock.</summary>
    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        for (int cpu = 0; cpu < _target.Processors; cpu++)
        {
            ITracedTask task = _target.CurrentOn(cpu);
            if (task.ThreadId != 0) _sink(task, Fold(task));
        }
    }

    private string Fold(ITracedTask task)
    {
        int count = task.UserStack(_frames);
        var names = new List<string>(count + 1);
        if (task.Syscall >= 0) names.Add((_callNames.GetValueOrDefault(task.Syscall) ?? $"syscall_{task.Syscall}") + InKernel);
        else if (count == 0) names.Add("[kernel]");
        for (int i = 0; i < count; i++)
        {
            // A return address may lie behind the function that made the call, if that never returns.
            ulong address = _frames[i] - (i > 0 ? 1ul : 0);
            names.Add(NameOf(task.FindUserSymbol(address)));
        }
        names.Reverse();
        return string.Join(';', names);
    }

    // A file without symbols is one name: addresses in it would only scatter the samples.
    private static string NameOf(UserSymbol? symbol) => symbol switch
    {
        null => "[unknown]",
        { Name: "" } place => $"[{Clean(place.Path[(place.Path.LastIndexOf('/') + 1)..])}]",
        { } function => Clean(function.Name),
    };

    /// <summary>A name for a folded stack, which is one line, its functions divided by semicolons.</summary>
    internal static string Clean(string name)
    {
        if (name.AsSpan().IndexOfAny(';', '\n') < 0) return name;
        return new StringBuilder(name).Replace(';', ':').Replace('\n', ' ').ToString();
    }
}
