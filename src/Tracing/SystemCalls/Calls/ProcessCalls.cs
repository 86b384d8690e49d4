using Kennel.Tracing.SystemCalls.Arguments;
using Kennel.Tracing.SystemCalls.Tables;
using static Kennel.Tracing.SystemCalls.Arguments.Plain;
using static Kennel.Tracing.SystemCalls.CallClass;

namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>Calls on processes and threads, and on how they are scheduled.</summary>
internal static class ProcessCalls
{
    private static readonly Arg SchedulerAttributes = In(48, SchedulerFields);

    private static readonly Arg CodeOrAddress = new(static (p, v) =>
    {
        const ulong SetGs = 0x1001, SetFs = 0x1002;
        if (p.A[0] is SetGs or SetFs) p.Hex(v);
        else if (p.Succeeded && p.A[0] is 0x1003 or 0x1004) p.Boxed(v, 8, static (p, r) => p.Hex(r.U64(0)));
        else p.Hex(v);
    }, AtExit: true);

    public static readonly CallShape[] All =
    [
        new(24, "sched_yield", None),
        new(39, "getpid", Pure),
        new(56, "clone", Process, ProcessArgs.CloneStack, ProcessArgs.CloneRest),
        new(57, "fork", Process),
        new(58, "vfork", Process),
        new(59, "execve", CallClass.File | Process, FilePath, ProcessArgs.ArgumentList, ProcessArgs.EnvironmentList),
        new(60, "exit", Process, Int),
        new(61, "wait4", Process, Int, ProcessArgs.OutStatus, Flags(ProcessNames.WaitOptions), ProcessArgs.OutWaitUsage),
        new(101, "ptrace", None, Value(ProcessNames.PtraceRequests), Int, Address, Address),
        new(109, "setpgid", None, Int, Int),
        new(110, "getppid", Pure),
        new(111, "getpgrp", Pure),
        new(112, "setsid", None),
        new(121, "getpgid", None, Int),
        new(124, "getsid", None, Int),
        new(135, "personality", None, Personality) { Result = ResultKind.Hex, Note = static p => PersonalityText((uint)p.Result) },
        new(140, "getpriority", None, Value(ProcessNames.PriorityWhich), Int),
        new(141, "setpriority", None, Value(ProcessNames.PriorityWhich), Int, Int),
        new(142, "sched_setparam", None, Int, ProcessArgs.InPriority),
        new(143, "sched_getparam", None, Int, OutInt),
        new(144, "sched_setscheduler", None, Int, ProcessArgs.Policy, ProcessArgs.InPriority),
        new(145, "sched_getscheduler", None, Int) { Note = static p => ProcessNames.Schedulers.Value((ulong)p.Result & 0xff) },
        new(146, "sched_get_priority_max", None, Value(ProcessNames.Schedulers)),
        new(147, "sched_get_priority_min", None, Value(ProcessNames.Schedulers)),
        new(148, "sched_rr_get_interval", None, Int, TimeStructs.OutSpec),
        new(154, "modify_ldt", None, Int, Address, Size),
        new(157, "prctl", Clock, Value(ProcessNames.PrctlOptions), ProcessArgs.PrctlRest) { Note = PrctlText.Note },
        new(158, "arch_prctl", None, Value(ProcessNames.ArchPrctl), CodeOrAddress),
        new(186, "gettid", Pure),
        new(202, "futex", None, Address, MemoryArgs.FutexOperation, MemoryArgs.FutexRest),
        new(203, "sched_setaffinity", None, Int, UInt, ProcessArgs.InCpuSet),
        new(204, "sched_getaffinity", None, Int, UInt, ProcessArgs.OutCpuSet),
        new(218, "set_tid_address", None, Address),
        new(231, "exit_group", Process, Int),
        new(247, "waitid", Process, Value(ProcessNames.WaitIdTypes), Int, SignalStructs.OutWaitInfo, Flags(ProcessNames.WaitOptions), ProcessArgs.OutWaitUsage),
        new(251, "ioprio_set", None, Int, Int, Hex32),
        new(252, "ioprio_get", None, Int, Int),
        new(272, "unshare", Process, ProcessArgs.Unshared),
        new(273, "set_robust_list", None, Address, Size),
        new(274, "get_robust_list", None, Int, Address, Address),
        new(302, "prlimit64", None, Int, Value(ProcessNames.Resources), TimeStructs.InLimit, TimeStructs.OutLimit),
        new(308, "setns", Desc, Fd, ProcessArgs.Unshared),
        new(309, "getcpu", None, OutUInt, OutUInt, Address),
        new(312, "kcmp", Process, Int, Int, Value(ProcessNames.KcmpTypes), Hex, Hex),
        new(314, "sched_setattr", None, Int, SchedulerAttributes, Hex32),
        new(315, "sched_getattr", None, Int, Out(48, SchedulerFields), UInt, Hex32),
        new(317, "seccomp", None, Value(ProcessNames.SeccompOperations), Hex32, Address),
        new(322, "execveat", Desc | CallClass.File | Process, DirFd, FilePath, ProcessArgs.ArgumentList, ProcessArgs.EnvironmentList, Flags(FileNames.AtFlags)),
        new(334, "rseq", None, Address, Hex32, Hex32, Hex32),
        new(434, "pidfd_open", Desc | Process, Int, Flags(ProcessNames.PidfdFlags)) { Result = ResultKind.Descriptor },
        new(435, "clone3", Process, ProcessArgs.Clone3, ProcessArgs.Clone3Rest),
        new(438, "pidfd_getfd", Desc, Fd, Int, Hex32) { Result = ResultKind.Descriptor },
    ];

    private static Arg Personality => new(static (p, v) => p.Text((uint)v == uint.MaxValue ? "0xffffffff" : PersonalityText((uint)v)));

    private static string PersonalityText(uint value)
    {
        string flags = ProcessNames.PersonalityFlags.Flags(value & ~0xffu), type = ProcessNames.Personalities.Value(value & 0xff);
        return flags == "0" ? type : $"{type}|{flags}";
    }

    private static void SchedulerFields(CallPrinter p, Record r)
    {
        const uint Other = 0, Fifo = 1, RoundRobin = 2, Batch = 3, Deadline = 6;
        uint policy = r.U32(4);
        p.Text($"size={r.U32(0)}, sched_policy={ProcessNames.Schedulers.Value(policy)}, sched_flags={ProcessNames.SchedulerFlags.Flags(r.U64(8))}");
        if (policy is Other or Batch) p.Text($", sched_nice={r.S32(16)}");
        if (policy is Fifo or RoundRobin) p.Text($", sched_priority={r.U32(20)}");
        if (policy == Deadline) p.Text($", sched_runtime={r.U64(24)}, sched_deadline={r.U64(32)}, sched_period={r.U64(40)}");
        p.Text(", ...");
    }
}
