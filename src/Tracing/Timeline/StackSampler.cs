using System.Globalization;
using System.Text;
using Kennel.Probes;

namespace Kennel.Tracing.Timeline;

/// <summary>
/// Looks, so many times a second, at what each processor runs, and tells its stack: folded, outermost function first, with
/// semicolons between. An idle processor gives no sample, so samples are shares of CPU time.
/// </summary>
internal sealed class StackSampler : IDisposable
{
    private const int DeepestStack = 128;

    private readonly ITraceTarget _target;
    private readonly Action<ITracedTask, string> _sink;
    private readonly IDisposable _timer;
    private readonly ulong[] _frames = new ulong[DeepestStack];

    /// <summary>Begins to look. Inside the kernel lock.</summary>
    public StackSampler(ITraceTarget target, int rate, Action<ITracedTask, string> sink)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        _target = target;
        _sink = sink;
        _timer = target.StartTimer(1_000_000_000L / rate, Tick);
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
        if (count == 0) return "[kernel]";
        var names = new List<string>(count);
        for (int i = 0; i < count; i++)
        {
            // A return address may lie behind the function that made the call, if that never returns.
            ulong address = _frames[i] - (i > 0 ? 1ul : 0);
            names.Add(NameOf(task.FindUserSymbol(address), address));
        }
        names.Reverse();
        return string.Join(';', names);
    }

    private static string NameOf(UserSymbol? symbol, ulong address) => symbol switch
    {
        null => "[unknown]",
        { Name: "" } place => $"{FileName(place.Path)}+0x{(address - place.Start).ToString("x", CultureInfo.InvariantCulture)}",
        { } function => Clean(function.Name),
    };

    private static string FileName(string path) => Clean(path[(path.LastIndexOf('/') + 1)..]);

    // A folded stack is one line, its functions divided by semicolons.
    private static string Clean(string name)
    {
        if (name.AsSpan().IndexOfAny(';', '\n') < 0) return name;
        return new StringBuilder(name).Replace(';', ':').Replace('\n', ' ').ToString();
    }
}
