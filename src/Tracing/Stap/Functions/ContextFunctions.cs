using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>Who and where: the task at hand and the probe at hand (man 3stap, tapset::context).</summary>
internal static class ContextFunctions
{
    [StapFunction("pid")]
    public static long Pid(StapRuntime rt) => rt.Task.ProcessId;

    [StapFunction("tid")]
    public static long Tid(StapRuntime rt) => rt.Task.ThreadId;

    [StapFunction("ns_pid")]
    public static long NamespacePid(StapRuntime rt) => rt.Task.ProcessId;

    [StapFunction("ns_tid")]
    public static long NamespaceTid(StapRuntime rt) => rt.Task.ThreadId;

    [StapFunction("ppid"), StapFunction("ns_ppid")]
    public static long ParentPid(StapRuntime rt) => rt.Task.Parent?.ProcessId ?? 0;

    [StapFunction("pgrp"), StapFunction("ns_pgrp")]
    public static long ProcessGroup(StapRuntime rt) => Solaris(rt, "pr_pgid");

    [StapFunction("sid"), StapFunction("ns_sid")]
    public static long Session(StapRuntime rt) => Solaris(rt, "pr_sid");

    [StapFunction("uid"), StapFunction("ns_uid")]
    public static long Uid(StapRuntime rt) => rt.Task.UserId;

    [StapFunction("gid"), StapFunction("ns_gid")]
    public static long Gid(StapRuntime rt) => rt.Task.GroupId;

    [StapFunction("euid"), StapFunction("ns_euid")]
    public static long EffectiveUid(StapRuntime rt) => rt.Task.EffectiveUserId;

    [StapFunction("egid"), StapFunction("ns_egid")]
    public static long EffectiveGid(StapRuntime rt) => rt.Task.EffectiveGroupId;

    [StapFunction("is_myproc")]
    public static long IsMine(StapRuntime rt) => 1;

    [StapFunction("cpu"), StapFunction("cpuid")]
    public static long Cpu(StapRuntime rt) => rt.Cpu;

    [StapFunction("execname")]
    public static string ExecName(StapRuntime rt) => StapStrings.From(rt.Task.Name);

    [StapFunction("pexecname")]
    public static string ParentExecName(StapRuntime rt) => StapStrings.From(rt.Task.Parent?.Name ?? "");

    [StapFunction("pp")]
    public static string ProbePoint(StapRuntime rt) => rt.Cut(rt.Probe?.ResolvedName ?? "");

    [StapFunction("pn")]
    public static string ProbeName(StapRuntime rt) => rt.Cut(rt.Probe?.WrittenName ?? "");

    [StapFunction("ppfunc"), StapFunction("probefunc")]
    public static string ProbeFunction(StapRuntime rt) => rt.Probe?.Source is not { } source ? "" : source.Function ?? SyscallName(rt, source);

    [StapFunction("probemod")]
    public static string ProbeModule(StapRuntime rt) => rt.Probe?.Source.Kind is SourceKind.UserFunction or SourceKind.UserReturn ? StapStrings.From(Path.GetFileName(rt.Probe.Source.Path ?? "")) : "kernel";

    [StapFunction("is_return")]
    public static long IsReturn(StapRuntime rt) => rt.Probe?.Source.IsReturn == true ? 1 : 0;

    [StapFunction("probe_type")]
    public static string ProbeType(StapRuntime rt) => rt.Probe?.Source.Kind.ToString().ToLowerInvariant() ?? "";

    [StapFunction("target")]
    public static long Target(StapRuntime rt) => rt.TargetProcess;

    [StapFunction("target_set_pid")]
    public static long InTargetSet(StapRuntime rt, long pid)
    {
        for (ITracedTask? at = rt.Model.FindTask((int)pid); at != null && at.ThreadId != 0; at = at.Parent)
        {
            if (at.ProcessId == rt.TargetProcess) return 1;
            if (ReferenceEquals(at, at.Parent)) break;
        }
        return 0;
    }

    [StapFunction("stp_pid")]
    public static long OwnPid(StapRuntime rt) => Environment.ProcessId;

    [StapFunction("module_name")]
    public static string ModuleName(StapRuntime rt) => rt.Options.ModuleName;

    [StapFunction("module_size")]
    public static string ModuleSize(StapRuntime rt) => "";

    [StapFunction("registers_valid")]
    public static long RegistersValid(StapRuntime rt) => rt.Task.ThreadId == 0 ? 0 : 1;

    [StapFunction("user_mode")]
    public static long UserMode(StapRuntime rt) => rt.Probe?.Source.Kind switch
    {
        SourceKind.UserFunction or SourceKind.UserReturn => 1,
        SourceKind.Profile or SourceKind.Timer => rt.Task.ThreadId != 0 && rt.Task.Syscall < 0 ? 1 : 0,
        _ => 0,
    };

    [StapFunction("uaddr")]
    public static long UserAddress(StapRuntime rt) => rt.Task.ThreadId == 0 ? 0 : (long)rt.Task.Register(16);

    [StapFunction("is_64bit_syscall"), StapFunction("probing_64bit_app")]
    public static long Is64Bit(StapRuntime rt) => 1;

    [StapFunction("probing_32bit_app")]
    public static long Is32Bit(StapRuntime rt) => 0;

    [StapFunction("get_cycles")]
    public static long Cycles(StapRuntime rt) => rt.Target.Now;

    [StapFunction("print_regs", Acts = true)]
    public static void PrintRegisters(StapRuntime rt)
    {
        if (rt.Task.ThreadId == 0) return;
        string[] names = ["RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R08", "R09", "R10", "R11", "R12", "R13", "R14", "R15"];
        ulong[] values = [.. Enumerable.Range(0, 18).Select(rt.Task.Register)];
        rt.Text.Append($"RIP: {values[16]:x16}\nRSP: {values[4]:x16}  EFLAGS: {values[17]:x8}\n");
        foreach (int[] row in (int[][])[[0, 3, 1], [2, 6, 7], [5, 8, 9], [10, 11, 12], [13, 14, 15]])
            rt.Text.Append(string.Join(' ', row.Select(r => $"{names[r]}: {values[r]:x16}")) + "\n");
    }

    [StapFunction("stack_size")]
    public static long StackSize(StapRuntime rt) => 16384;

    [StapFunction("stack_used")]
    public static long StackUsed(StapRuntime rt) => 0;

    [StapFunction("stack_unused")]
    public static long StackUnused(StapRuntime rt) => 16384;

    [StapFunction("remote_id")]
    public static long RemoteId(StapRuntime rt) => -1;

    [StapFunction("remote_uri")]
    public static string RemoteName(StapRuntime rt) => "";

    [StapFunction("get_loadavg_index")]
    public static long LoadAverage(StapRuntime rt, long index) => 0;

    [StapFunction("__int32")]
    public static long Int32(StapRuntime rt, long value) => (int)value;

    [StapFunction("__uint32")]
    public static long UInt32(StapRuntime rt, long value) => (uint)value;

    [StapFunction("__event_text")]
    public static string EventText(StapRuntime rt) => StapStrings.From(rt.Event.Text);

    [StapFunction("__event_target", PointsTo = "task_struct")]
    public static long EventTarget(StapRuntime rt) => rt.Event.Target == null ? 0 : (long)rt.Model.AddressOf(rt.Event.Target);

    [StapFunction("__event_number")]
    public static long EventNumber(StapRuntime rt) => rt.Event.Number;

    [StapFunction("__event_result")]
    public static long EventResult(StapRuntime rt) => rt.Event.Result;

    [StapFunction("__event_arg")]
    public static long EventArgument(StapRuntime rt, long index) => (long)(index switch { 0 => rt.Event.A0, 1 => rt.Event.A1, 2 => rt.Event.A2, 3 => rt.Event.A3, 4 => rt.Event.A4, _ => rt.Event.A5 });

    private static string SyscallName(StapRuntime rt, ProbeSource source) =>
        source.Kind is SourceKind.Syscall or SourceKind.SyscallReturn ? "sys_" + SyscallFunctions.NameOf(rt, rt.Event.Number) : "";

    private static long Solaris(StapRuntime rt, string field) => rt.ReadField(rt.Task, "psinfo_t", field)?.Number ?? 0;
}
