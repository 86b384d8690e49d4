using System.Buffers.Binary;
using Kennel.Probes;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Providers;

/// <summary>
/// syscall::NAME:entry and return, under Linux' names and under those that Solaris has for the same. A clause that matches one call
/// by several names runs once, under the native one.
/// </summary>
internal sealed class SyscallProvider(ITraceTarget target, TypeTable types) : IProvider
{
    private const ulong CloneThread = 0x10000;

    private readonly List<(int Number, bool IsReturn, DProbe Probe, Func<KernelEvent, bool>? Filter)> _points = [];
    private Binding[]?[] _entries = [], _returns = [];
    private DDispatcher? _dispatcher;

    public void Publish(ProbeTable table)
    {
        Dictionary<string, SyscallShape> calls = target.Model.Syscalls.ToDictionary(c => c.Name, StringComparer.Ordinal);
        foreach (SyscallShape call in target.Model.Syscalls) Publish(table, call, call.Name, null);
        foreach ((string alias, string native, Func<KernelEvent, bool>? filter) in Aliases)
        {
            if (calls.TryGetValue(native, out SyscallShape? call) && !calls.ContainsKey(alias)) Publish(table, call, alias, filter);
        }
    }

    public void PublishFor(ProbeDescription description, ProbeTable table)
    {
        // All calls are known from the start.
    }

    public void Enable(DDispatcher dispatcher)
    {
        _dispatcher = dispatcher;
        int size = target.Model.Syscalls.Count == 0 ? 0 : target.Model.Syscalls.Max(c => c.Number) + 1;
        _entries = Bind(size, false);
        _returns = Bind(size, true);
        if (_entries.Any(e => e != null)) target.Probes.SyscallEntered.Attach(OnEntry);
        if (_returns.Any(e => e != null)) target.Probes.SyscallReturned.Attach(OnReturn);
    }

    public void Disable()
    {
        target.Probes.SyscallEntered.Detach(OnEntry);
        target.Probes.SyscallReturned.Detach(OnReturn);
    }

    private void Publish(ProbeTable table, SyscallShape call, string name, Func<KernelEvent, bool>? filter)
    {
        IReadOnlyList<CType> Parameters() => [.. call.Parameters.Select(p => TypeParser.Parse(p.Type, types) ?? types.Long)];
        _points.Add((call.Number, false, table.Add("syscall", "vmlinux", name, "entry", Parameters), filter));
        _points.Add((call.Number, true, table.Add("syscall", "vmlinux", name, "return", () => [types.Long, types.Long]), filter));
    }

    private Binding[]?[] Bind(int size, bool isReturn)
    {
        var result = new Binding[]?[size];
        foreach (IGrouping<int, (int Number, bool IsReturn, DProbe Probe, Func<KernelEvent, bool>? Filter)> call in _points.Where(p => p.IsReturn == isReturn && p.Probe.Clauses.Count > 0).GroupBy(p => p.Number))
        {
            // The native name comes first among the points of a call.
            Binding[] bindings =
            [
                .. call.SelectMany(p => p.Probe.Clauses.Select(c => new Binding(p.Probe, c, p.Filter)))
                    .GroupBy(b => b.Clause.Id).Select(g => g.FirstOrDefault(b => b.Filter == null) ?? g.First()).OrderBy(b => b.Clause.Id),
            ];
            if (bindings.Length > 0) result[call.Key] = bindings;
        }
        return result;
    }

    private void OnEntry(in KernelEvent e)
    {
        if ((uint)e.Number >= (uint)_entries.Length || _entries[e.Number] is not { } bindings || !_dispatcher!.Begin(e)) return;
        DRuntime rt = _dispatcher.Runtime;
        long[] a = rt.Arguments;
        (a[0], a[1], a[2], a[3], a[4], a[5]) = ((long)e.A0, (long)e.A1, (long)e.A2, (long)e.A3, (long)e.A4, (long)e.A5);
        Run(bindings, e);
    }

    private void OnReturn(in KernelEvent e)
    {
        if ((uint)e.Number >= (uint)_returns.Length || _returns[e.Number] is not { } bindings || !_dispatcher!.Begin(e)) return;
        DRuntime rt = _dispatcher.Runtime;
        rt.Arguments[0] = rt.Arguments[1] = e.Result;
        rt.Error = e.Result is < 0 and > -4096 ? -e.Result : 0;
        Run(bindings, e);
    }

    private void Run(Binding[] bindings, in KernelEvent e)
    {
        foreach (Binding b in bindings)
        {
            if (b.Filter == null || b.Filter(e)) _dispatcher!.FireClause(b.Probe, b.Clause);
        }
    }

    private static bool MakesProcess(KernelEvent e) => !MakesThread(e);

    // clone3 has its flags in memory.
    private static bool MakesThread(KernelEvent e)
    {
        if (e.Number != 435) return e.Number == 56 && (e.A0 & CloneThread) != 0;
        Span<byte> flags = stackalloc byte[8];
        return e.Task.ReadMemory(e.A0, flags) == 8 && (BinaryPrimitives.ReadUInt64LittleEndian(flags) & CloneThread) != 0;
    }

    private static (string Alias, string Native, Func<KernelEvent, bool>? Filter)[] Aliases =>
    [
        ("forksys", "fork", null), ("forksys", "vfork", null), ("forksys", "clone", MakesProcess), ("forksys", "clone3", MakesProcess),
        ("lwp_create", "clone", MakesThread), ("lwp_create", "clone3", MakesThread), ("exece", "execve", null), ("exece", "execveat", null),
        ("waitsys", "wait4", null), ("waitsys", "waitid", null), ("fstatat64", "newfstatat", null), ("fstatat", "newfstatat", null), ("rexit", "exit", null), ("rexit", "exit_group", null),
        ("pollsys", "poll", null), ("pollsys", "ppoll", null), ("pollsys", "select", null), ("pollsys", "pselect6", null), ("open64", "open", null), ("openat64", "openat", null),
        ("creat64", "creat", null), ("stat64", "stat", null), ("lstat64", "lstat", null), ("fstat64", "fstat", null), ("mmap64", "mmap", null), ("pread", "pread64", null),
        ("pwrite", "pwrite64", null), ("llseek", "lseek", null), ("gtime", "time", null), ("sigaction", "rt_sigaction", null), ("sigprocmask", "rt_sigprocmask", null),
        ("lwp_sigmask", "rt_sigprocmask", null), ("sigsuspend", "rt_sigsuspend", null), ("sigpending", "rt_sigpending", null), ("sigtimedwait", "rt_sigtimedwait", null),
        ("lwp_exit", "exit", null), ("lwp_kill", "tkill", null), ("lwp_kill", "tgkill", null), ("so_socket", "socket", null), ("recv", "recvfrom", null), ("send", "sendto", null),
        ("lwp_park", "futex", null), ("systeminfo", "uname", null), ("lwp_self", "gettid", null), ("memcntl", "madvise", null), ("getrlimit64", "getrlimit", null), ("setrlimit64", "setrlimit", null),
    ];

    private sealed record Binding(DProbe Probe, DClause Clause, Func<KernelEvent, bool>? Filter);
}
