using Kennel.Generated;
using Kennel.Probes;
using Kennel.Syscalls;

namespace Kennel.Views;

/// <summary>
/// All functions that can be watched: first those that carry <see cref="KernelFunctionAttribute"/>, then the system calls, each under the name that
/// it has on x86-64 and under the plain one (__x64_sys_read, sys_read), then what is at the bottom of every kernel stack.
/// </summary>
internal sealed class KernelFunctions
{
    // As a kernel's text is placed; each function has a page of its own.
    private const ulong Text = 0xffff_ffff_8100_0000;
    private const int Shift = 12;

    // A return address lies behind the start.
    private const ulong CallSite = 0x2a;

    private const int NamesOfCall = 2;

    private readonly List<KernelFunction> _all = [];
    private readonly Dictionary<int, int> _calls = [];
    private readonly int _bottom;
    private readonly Action _changed;
    private readonly Action<Exception> _failed;

    /// <param name="changed">Called when watchers of any function come or go.</param>
    /// <param name="failed">Called when one of them throws.</param>
    public KernelFunctions(Action changed, Action<Exception> failed)
    {
        (_changed, _failed) = (changed, failed);
        foreach ((string file, string prototype) in WatchedFunctions.Table)
        {
            (string returns, string name, IReadOnlyList<ParameterShape> parameters) = CPrototype.Parse(prototype);
            Add(name, file, returns, parameters);
        }
        Dictionary<string, IReadOnlyList<ParameterShape>> prototypes = SyscallPrototypes.Parse();
        foreach (SyscallInfo call in SyscallTable.All)
        {
            _calls[call.Number] = _all.Count;
            IReadOnlyList<ParameterShape> parameters = prototypes.GetValueOrDefault(call.Name, []);
            string file = SyscallFiles.Of(call.Family);
            Add("__x64_sys_" + call.Name, file, "long", parameters);
            Add("sys_" + call.Name, file, "long", parameters);
        }
        Schedule = _all.Count;
        Add("schedule", "kernel/sched/core.c", "void", []);
        _bottom = _all.Count;
        Add("do_syscall_64", "arch/x86/entry/common.c", "void", []);
        Add("entry_SYSCALL_64_after_hwframe", "arch/x86/entry/entry_64.S", "void", []);
    }

    /// <summary>The number of schedule(), which a task is in while it sleeps.</summary>
    public int Schedule { get; }

    /// <summary>By number.</summary>
    public IReadOnlyList<KernelFunction> All => _all;

    /// <summary>Whether anybody watches any of them.</summary>
    public bool IsAnyOn => _all.Exists(static f => f.Entry.IsEnabled || f.Return.IsEnabled);

    /// <summary>Whether anybody watches the function of any system call.</summary>
    public bool IsAnyCallOn => _calls.Values.Any(first => Enumerable.Range(first, NamesOfCall).Any(i => _all[i].Entry.IsEnabled || _all[i].Return.IsEnabled));

    /// <summary>The functions of a system call; none for an unknown one.</summary>
    public IEnumerable<KernelFunction> OfCall(int number) => _calls.TryGetValue(number, out int first) ? _all.Skip(first).Take(NamesOfCall) : [];

    /// <summary>Where a function begins.</summary>
    public static ulong AddressOf(int id) => Text + ((ulong)id << Shift);

    /// <summary>The function that an address lies in.</summary>
    public KernelFunction? At(ulong address)
    {
        ulong index = (address - Text) >> Shift;
        return address >= Text && index < (ulong)_all.Count ? _all[(int)index] : null;
    }

    /// <summary>A stack as addresses, innermost first: the calls that were noted, then the system call, and how that was entered.</summary>
    public int Stack(IEnumerable<int> calls, int syscall, Span<ulong> frames)
    {
        int count = 0;
        foreach (int id in calls)
        {
            if (count == frames.Length) return count;
            frames[count] = AddressOf(id) + (count == 0 ? 0 : CallSite);
            count++;
        }
        if (!_calls.TryGetValue(syscall, out int call)) return count;
        foreach (int id in (ReadOnlySpan<int>)[call, _bottom, _bottom + 1])
        {
            if (count == frames.Length) return count;
            frames[count++] = AddressOf(id) + CallSite;
        }
        return count;
    }

    private void Add(string name, string file, string returns, IReadOnlyList<ParameterShape> parameters) =>
        _all.Add(new KernelFunction(_all.Count, name, file, returns, parameters) { Changed = _changed, Failed = _failed });
}
