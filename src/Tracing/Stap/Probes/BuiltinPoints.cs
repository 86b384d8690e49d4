using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Probes;

/// <summary>The probe points that all others are made of (man 3 stapprobes).</summary>
internal sealed partial class BuiltinPoints(ITraceTarget target, StapOptions options, GuestVariables guest)
{
    private const long Jiffy = 10_000_000;
    private const long ShortestTimer = 10_000;

    private readonly IKernelModel _model = target.Model;

    public void AddTo(ProbeTree tree)
    {
        AddSession(tree);
        AddTimers(tree);
        tree.AddBuiltin("__event(s)", Event);
        tree.AddBuiltin("__syscall(s)", parts => Syscall(parts, SourceKind.Syscall));
        tree.AddBuiltin("__syscall(s).return", parts => Syscall(parts, SourceKind.SyscallReturn));
        AddFunctions(tree);
        AddTracepoints(tree);
        AddProcesses(tree);
        AddCounters(tree);
        foreach (SyscallShape shape in _model.Syscalls)
        {
            SyscallAliases aliases = new(shape);
            string name = shape.Name switch { "pread64" => "pread", "pwrite64" => "pwrite", "umount2" => "umount", "newfstatat" => "fstatat", _ => "" };
            if (name.Length > 0)
            {
                tree.AddDefaultAlias(["syscall", name], () => aliases.Make(false));
                tree.AddDefaultAlias(["syscall", name, "return"], () => aliases.Make(true));
                tree.AddDefaultAlias(["nd_syscall", name], () => aliases.MakeOther(false));
                tree.AddDefaultAlias(["nd_syscall", name, "return"], () => aliases.MakeOther(true));
            }
            tree.AddDefaultAlias(["syscall", shape.Name], () => aliases.Make(false));
            tree.AddDefaultAlias(["syscall", shape.Name, "return"], () => aliases.Make(true));
            // Without debug information, as it is called: the same here.
            tree.AddDefaultAlias(["nd_syscall", shape.Name], () => aliases.MakeOther(false));
            tree.AddDefaultAlias(["nd_syscall", shape.Name, "return"], () => aliases.MakeOther(true));
        }
    }

    private static void AddSession(ProbeTree tree)
    {
        foreach ((string name, SourceKind kind) in new[] { ("begin", SourceKind.Begin), ("end", SourceKind.End), ("error", SourceKind.Error) })
        {
            tree.AddBuiltin(name, parts => [new ProbeSource { Kind = kind, Name = parts[0].ToString() }]);
            tree.AddBuiltin(name + "(n)", parts => [new ProbeSource { Kind = kind, Name = parts[0].ToString(), Number = parts[0].Number }]);
        }
        tree.AddBuiltin("never", _ => [new ProbeSource { Kind = SourceKind.Never, Name = "never" }]);
    }

    private static void AddTimers(ProbeTree tree)
    {
        (string Unit, long Period)[] units =
        [
            ("s", 1_000_000_000), ("sec", 1_000_000_000), ("ms", 1_000_000), ("msec", 1_000_000), ("us", 1000), ("usec", 1000), ("ns", 1), ("nsec", 1), ("jiffies", Jiffy),
        ];
        foreach ((string unit, long period) in units)
        {
            tree.AddBuiltin($"timer.{unit}(n)", parts => [Timer(parts, period, 0)]);
            tree.AddBuiltin($"timer.{unit}(n).randomize(n)", parts => [Timer(parts, period, parts[2].Number * period)]);
        }
        tree.AddBuiltin("timer.hz(n)", parts => [Timer(parts, 0, 0)]);
        tree.AddBuiltin("timer.profile", _ => [new ProbeSource { Kind = SourceKind.Profile, Name = "timer.profile", Period = Jiffy }]);
        tree.AddBuiltin("timer.profile.tick", _ => [new ProbeSource { Kind = SourceKind.Profile, Name = "timer.profile.tick", Period = Jiffy }]);
        tree.AddBuiltin("timer.profile.freq.hz(n)", parts =>
            [new ProbeSource { Kind = SourceKind.Profile, Name = string.Join('.', parts), Period = 1_000_000_000 / Math.Clamp(parts[3].Number, 1, 1_000_000) }]);
    }

    private static ProbeSource Timer(IReadOnlyList<PointPart> parts, long unit, long jitter)
    {
        long number = parts[1].Number;
        if (number <= 0 || unit > 0 && number > long.MaxValue / unit) throw new StapSemanticException(unit == 0 ? "frequency must be greater than 0" : "invalid interval", parts[1].At);
        return new ProbeSource { Kind = SourceKind.Timer, Name = string.Join('.', parts), Period = unit == 0 ? Math.Max(ShortestTimer, 1_000_000_000 / number) : Math.Max(ShortestTimer, number * unit), Jitter = jitter };
    }

    private IEnumerable<ProbeSource> Event(IReadOnlyList<PointPart> parts)
    {
        if (!Enum.TryParse(parts[0].Text, out EventKind kind)) throw new StapSemanticException("no match", null);
        return [new ProbeSource { Kind = SourceKind.Event, Name = EventPoint(kind), Event = kind, Variables = EventVariables(kind), IsReturn = kind == EventKind.PageFaultReturned, Function = EventFunction(kind) }];
    }

    // What the tapset of a real kernel has behind its aliases.
    private static string EventPoint(EventKind kind) => kind switch
    {
        EventKind.ProcessCreated => "kernel.trace(\"sched:sched_process_fork\")",
        EventKind.ProcessExited => "kernel.trace(\"sched:sched_process_exit\")",
        EventKind.ProcessFreed => "kernel.trace(\"sched:sched_process_free\")",
        EventKind.WaitBlocked => "kernel.trace(\"sched:sched_process_wait\")",
        EventKind.FirstWakeup => "kernel.trace(\"sched:sched_wakeup_new\")",
        EventKind.Wakeup => "kernel.trace(\"sched:sched_wakeup\")",
        EventKind.OnCpu or EventKind.OffCpu => "kernel.trace(\"sched:sched_switch\")",
        EventKind.Migrated => "kernel.trace(\"sched:sched_migrate_task\")",
        EventKind.ThreadCreated => "kernel.function(\"copy_process@kernel/fork.c\").return",
        EventKind.TaskStarted => "kernel.function(\"schedule_tail@kernel/sched/core.c\")",
        EventKind.ExecSucceeded or EventKind.ExecFailed => "kernel.function(\"do_execveat_common@fs/exec.c\").return",
        EventKind.ThreadExited => "kernel.function(\"do_exit@kernel/exit.c\").call",
        EventKind.TaskReleased => "kernel.function(\"release_task@kernel/exit.c\").call",
        EventKind.SignalSent => "kernel.function(\"__send_signal@kernel/signal.c\").call",
        EventKind.SignalHandled => "kernel.function(\"handle_signal@arch/x86/kernel/signal.c\").call",
        EventKind.SignalDiscarded => "kernel.function(\"sig_ignored@kernel/signal.c\").return",
        EventKind.Tick => "kernel.function(\"scheduler_tick@kernel/sched/core.c\").call",
        EventKind.PageFault => "kernel.function(\"__handle_mm_fault@mm/memory.c\").call",
        EventKind.PageFaultReturned => "kernel.function(\"__handle_mm_fault@mm/memory.c\").return",
        _ => $"kernel.trace(\"{kind}\")",
    };

    private static string? EventFunction(EventKind kind) => kind switch
    {
        EventKind.PageFault or EventKind.PageFaultReturned => "handle_mm_fault",
        EventKind.ThreadExited or EventKind.ProcessExited => "do_exit",
        EventKind.ProcessCreated or EventKind.ThreadCreated => "copy_process",
        EventKind.FirstWakeup => "wake_up_new_task",
        EventKind.TaskReleased => "release_task",
        EventKind.SignalSent => "send_signal",
        EventKind.WaitBlocked => "do_wait",
        _ => null,
    };

    private static IReadOnlyList<TargetVariable> EventVariables(EventKind kind) => kind switch
    {
        EventKind.PageFault =>
        [
            new("mm", "struct mm_struct *", TargetOrigin.AddressSpace), new("vma", "struct vm_area_struct *", TargetOrigin.Data),
            new("address", "unsigned long", TargetOrigin.Raw, 0), new("flags", "unsigned int", TargetOrigin.Raw, 1),
        ],
        EventKind.PageFaultReturned =>
        [
            new("mm", "struct mm_struct *", TargetOrigin.AddressSpace), new("vma", "struct vm_area_struct *", TargetOrigin.Data),
            new("address", "unsigned long", TargetOrigin.Raw, 0), new("flags", "unsigned int", TargetOrigin.Raw, 1), new("return", "int", TargetOrigin.Result),
        ],
        _ =>
        [
            new("number", "int", TargetOrigin.Number), new("result", "long", TargetOrigin.Result), new("target", "struct task_struct *", TargetOrigin.Target),
            new("target_pid", "int", TargetOrigin.TargetProcessId), new("target_tid", "int", TargetOrigin.TargetThreadId),
            new("a0", "unsigned long", TargetOrigin.Raw, 0), new("a1", "unsigned long", TargetOrigin.Raw, 1), new("a2", "unsigned long", TargetOrigin.Raw, 2),
        ],
    };

    private IEnumerable<ProbeSource> Syscall(IReadOnlyList<PointPart> parts, SourceKind kind)
    {
        bool isReturn = kind == SourceKind.SyscallReturn;
        if (parts[0].Text == "*")
        {
            string any = isReturn ? "kernel.trace(\"raw_syscalls:sys_exit\")" : "kernel.trace(\"raw_syscalls:sys_enter\")";
            return [new ProbeSource { Kind = kind, Name = any, Number = -1, IsReturn = isReturn, Variables = RawSyscallVariables(isReturn) }];
        }
        SyscallShape shape = _model.Syscalls.FirstOrDefault(s => s.Name == parts[0].Text) ?? throw new StapSemanticException("no match", null);
        return [SyscallSource(shape, kind)];
    }

    private static ProbeSource SyscallSource(SyscallShape shape, SourceKind kind)
    {
        bool isReturn = kind == SourceKind.SyscallReturn;
        List<TargetVariable> variables = [.. shape.Parameters.Select((p, i) => new TargetVariable(p.Name, p.Type, TargetOrigin.Raw, i))];
        if (isReturn) variables.Add(new TargetVariable("return", "long", TargetOrigin.Result));
        return new ProbeSource
        {
            Kind = kind,
            Name = $"kernel.function(\"sys_{shape.Name}\").{(isReturn ? "return" : "call")}",
            Number = shape.Number,
            Path = shape.Name,
            Function = "sys_" + shape.Name,
            IsReturn = isReturn,
            Variables = variables,
        };
    }

    private static IReadOnlyList<TargetVariable> RawSyscallVariables(bool isReturn) => isReturn
        ? [new("id", "long", TargetOrigin.Number), new("ret", "long", TargetOrigin.Result), new("return", "long", TargetOrigin.Result)]
        : [new("id", "long", TargetOrigin.Number), .. Enumerable.Range(0, 6).Select(i => new TargetVariable($"arg{i + 1}", "unsigned long", TargetOrigin.Raw, i))];
}
