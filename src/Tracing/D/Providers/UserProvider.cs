using System.Globalization;
using Kennel.Probes;
using Kennel.Tracing.D.Runtime;

namespace Kennel.Tracing.D.Providers;

/// <summary>pid$target:object:function:entry, return and instruction offsets, by breakpoints in the guest's code.</summary>
/// <param name="target">The machine.</param>
/// <param name="program">The path of the first program: the object a.out.</param>
internal sealed class UserProvider(ITraceTarget target, string? program) : IProvider
{
    private static string[] LibraryDirectories => ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"];

    private readonly List<Point> _points = [];
    private readonly HashSet<DProbe> _published = [];
    private readonly GuestCalls<Point> _calls = new(target);
    private readonly Dictionary<int, Point> _watched = [];
    private readonly List<IDisposable> _watches = [];
    private readonly Dictionary<string, IReadOnlyList<ElfFunction>> _functions = new(StringComparer.Ordinal);
    private DDispatcher? _dispatcher;
    private bool _ended;

    public void Publish(ProbeTable table)
    {
        // There are as many as there are instructions: only those that somebody names.
    }

    public void PublishFor(ProbeDescription description, ProbeTable table)
    {
        if (!description.Provider.StartsWith("pid", StringComparison.Ordinal) || !int.TryParse(description.Provider.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) return;
        foreach (string path in Objects(description.Module))
        {
            // An object goes by the name that the description has for it: a.out, libc.
            string shown = description.Module.Length == 0 || Glob.IsPattern(description.Module) ? DRuntime.Basename(path) : description.Module;
            foreach (ElfFunction f in Functions(path).Where(f => Glob.Matches(description.Function, f.Name)).DistinctBy(f => f.Name))
            {
                foreach (string name in Names(description.Name, f))
                {
                    DProbe probe = table.Add(description.Provider, shown, f.Name, name);
                    if (_published.Add(probe)) _points.Add(new Point(probe, path, f, name, pid));
                }
            }
        }
    }

    public void Enable(DDispatcher dispatcher)
    {
        _dispatcher = dispatcher;
        bool any = false;
        foreach (Point point in _points.Where(static p => p.Probe.Clauses.Count > 0))
        {
            if (!Watch(point)) throw new DtraceException($"failed to enable probe {point.Probe}: {point.Path} cannot be watched");
            any = true;
        }
        if (any) target.Probes.UserBreakpoint.Attach(OnBreakpoint);
    }

    public void Disable()
    {
        target.Probes.UserBreakpoint.Detach(OnBreakpoint);
        foreach (IDisposable watch in _watches) watch.Dispose();
        _watches.Clear();
        _calls.Dispose();
    }

    /// <summary>The number of $target is known now; probes were named without it.</summary>
    public void SetTarget(int processId)
    {
        foreach (Point point in _points.Where(p => p.Pid == 0)) point.Probe.Provider = string.Create(CultureInfo.InvariantCulture, $"pid{processId}");
    }

    /// <summary>The target has ended; another process may get its number.</summary>
    public void TargetEnded() => _ended = true;

    private bool Watch(Point point)
    {
        long offset = point.Name is "entry" or "return" ? 0 : long.Parse(point.Name, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if (target.WatchCode(point.Path, point.Function.Offset + offset, point.Pid, out int id) is not { } watch) return false;
        _watches.Add(watch);
        _watched[id] = point;
        return true;
    }

    private void OnBreakpoint(in KernelEvent e)
    {
        if (_ended) return;
        while (_calls.TryEnd(e, out Point? ended)) Fire(ended, e);
        if (!_watched.TryGetValue(e.Number, out Point? point)) return;
        // Pid 0 stands for $target: its number was not known when the watch was made.
        if (point.Pid == 0 && e.Task.ProcessId != _dispatcher!.Runtime.TargetPid) return;
        if (point.Name == "return") _calls.Entered(e, point);
        else Fire(point, e);
    }

    private void Fire(Point point, in KernelEvent e)
    {
        if (!_dispatcher!.Begin(e)) return;
        DRuntime rt = _dispatcher.Runtime;
        if (point.Name == "return")
        {
            rt.Arguments[1] = (long)e.Task.Register(0);
        }
        else if (point.Name == "entry")
        {
            // RDI RSI RDX RCX R8 R9.
            (rt.Arguments[0], rt.Arguments[1], rt.Arguments[2]) = ((long)e.Task.Register(7), (long)e.Task.Register(6), (long)e.Task.Register(2));
            (rt.Arguments[3], rt.Arguments[4], rt.Arguments[5]) = ((long)e.Task.Register(1), (long)e.Task.Register(8), (long)e.Task.Register(9));
        }
        _dispatcher.Fire(point.Probe);
    }

    private IEnumerable<string> Objects(string module)
    {
        string? own = program;
        if (module.Length == 0 || module == "*")
        {
            if (own != null) yield return own;
            if (Find("libc.so.6") is { } c) yield return c;
            yield break;
        }
        if (module.StartsWith('/'))
        {
            yield return module;
            yield break;
        }
        if (own != null && (module == "a.out" || Glob.Matches(module, DRuntime.Basename(own)))) yield return own;
        // "libc" stands for libc.so.6, as it does for dtrace.
        else if ((Find(module) ?? Find(module + ".so.6") ?? Find(module + ".so") ?? (module.Contains("libc", StringComparison.Ordinal) ? Find("libc.so.6") : null)) is { } path) yield return path;
    }

    private string? Find(string name) => Glob.IsPattern(name) ? null : LibraryDirectories.Select(d => $"{d}/{name}").FirstOrDefault(p => Functions(p).Count > 0);

    private IReadOnlyList<ElfFunction> Functions(string path)
    {
        if (!_functions.TryGetValue(path, out IReadOnlyList<ElfFunction>? list)) _functions[path] = list = target.FunctionsOf(path);
        return list;
    }

    private static IEnumerable<string> Names(string pattern, ElfFunction function)
    {
        if (Glob.Matches(pattern, "entry")) yield return "entry";
        if (Glob.Matches(pattern, "return")) yield return "return";
        if (pattern.Length is > 0 and < 8 && pattern.All(char.IsAsciiHexDigit) && long.Parse(pattern, NumberStyles.HexNumber, CultureInfo.InvariantCulture) < function.Size) yield return pattern;
    }

    private sealed record Point(DProbe Probe, string Path, ElfFunction Function, string Name, int Pid);
}
