using System.Text;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>/proc/PID/status: what stat says, and more, for people (man 5 proc_pid_status). Linux: fs/proc/array.c, proc_pid_status.</summary>
internal static class TaskStatus
{
    public static string Write(TaskView v)
    {
        LinuxTask t = v.Task;
        Credential c = t.Credential;
        var text = new StringBuilder();
        Line("Name", t.Comm.Replace("\\", "\\\\").Replace("\n", "\\n"));
        if (t.Fs != null) Line("Umask", "0" + Convert.ToString(t.Fs.Umask, 8).PadLeft(3, '0'));
        Line("State", StateOf(t.State));
        Line("Tgid", t.Group.Leader.Numbers.In(v.View));
        Line("Ngid", 0);
        Line("Pid", t.Numbers.In(v.View));
        Line("PPid", TaskStat.ParentOf(v));
        Line("TracerPid", 0);
        Line("Uid", $"{c.Uid}\t{c.EffectiveUid}\t{c.SavedUid}\t{c.FsUid}");
        Line("Gid", $"{c.Gid}\t{c.EffectiveGid}\t{c.SavedGid}\t{c.FsGid}");
        Line("FDSize", t.Files?.Capacity ?? 0);
        Line("Groups", string.Concat(c.Groups.Select(g => g + " ")));
        Line("NStgid", string.Join('\t', t.Group.Leader.Numbers.All.Skip(v.View.Level)));
        Line("NSpid", string.Join('\t', t.Numbers.All.Skip(v.View.Level)));
        Line("NSpgid", t.Group.ProcessGroup.Numbers.In(v.View));
        Line("NSsid", t.Group.Session.Numbers.In(v.View));
        Line("Kthread", t.IsKernelThread ? 1 : 0);
        if (t.Memory != null) WriteMemory(t.Memory);
        Line("CoreDumping", 0);
        Line("THP_enabled", 1);
        Line("untag_mask", "0xffffffffffffffff");
        Line("Threads", t.Group.Threads.Count);
        Line("SigQ", $"0/{t.Group.Limits.Soft(Resource.PendingSignals)}");
        (ulong ignored, ulong caught) = SignalSets.Of(t);
        Mask("SigPnd", t.Pending.Mask);
        Mask("ShdPnd", t.Group.Pending.Mask);
        Mask("SigBlk", t.Blocked);
        Mask("SigIgn", ignored);
        Mask("SigCgt", caught);
        Mask("CapInh", c.Inheritable);
        Mask("CapPrm", c.Permitted);
        Mask("CapEff", c.Effective);
        Mask("CapBnd", c.Bounding);
        Mask("CapAmb", c.Ambient);
        Line("NoNewPrivs", c.NoNewPrivileges ? 1 : 0);
        Line("Seccomp", 0);
        Line("Seccomp_filters", 0);
        Line("Speculation_Store_Bypass", "not vulnerable");
        Line("SpeculationIndirectBranch", "always enabled");
        int processors = t.Kernel.Machine.Count;
        ulong allowed = t.Scheduling.Affinity & (processors >= 64 ? ulong.MaxValue : (1UL << processors) - 1);
        Line("Cpus_allowed", allowed.ToString("x"));
        Line("Cpus_allowed_list", CpuList.Of(allowed));
        Line("Mems_allowed", "00000000,00000001");
        Line("Mems_allowed_list", 0);
        Line("voluntary_ctxt_switches", t.Accounting.VoluntarySwitches);
        Line("nonvoluntary_ctxt_switches", t.Accounting.InvoluntarySwitches);
        return text.ToString();

        void Line(string name, object value) => text.Append(name).Append(":\t").Append(value).Append('\n');

        void Mask(string name, ulong value) => text.Append(name).Append(":\t").Append(value.ToString("x16")).Append('\n');

        void Size(string name, long pages) => text.Append(name).Append(":\t").Append((pages * 4).ToString().PadLeft(8)).Append(" kB\n");

        void WriteMemory(AddressSpace m)
        {
            (long anonymous, long file, long shared) = m.CountResident();
            Size("VmPeak", Math.Max(m.PeakPages, m.TotalPages));
            Size("VmSize", m.TotalPages);
            Size("VmLck", m.LockedPages);
            Size("VmPin", 0);
            Size("VmHWM", m.PeakResidentPages);
            Size("VmRSS", anonymous + file + shared);
            Size("RssAnon", anonymous);
            Size("RssFile", file);
            Size("RssShmem", shared);
            Size("VmData", m.DataPages);
            Size("VmStk", m.StackPages);
            Size("VmExe", (long)((m.Layout.CodeEnd - (m.Layout.CodeStart & ~0xfffUL) + 0xfff) >> 12));
            Size("VmLib", Math.Max(0, m.CodePages - (long)((m.Layout.CodeEnd - m.Layout.CodeStart) >> 12)));
            Size("VmPTE", (m.ResidentPages / 512) + 12);
            Size("VmSwap", 0);
        }
    }

    private static string StateOf(TaskState state) => state switch
    {
        TaskState.Interruptible => "S (sleeping)",
        TaskState.Uninterruptible or TaskState.Killable or TaskState.New => "D (disk sleep)",
        TaskState.Stopped => "T (stopped)",
        TaskState.Traced => "t (tracing stop)",
        TaskState.Zombie => "Z (zombie)",
        TaskState.Dead => "X (dead)",
        TaskState.Idle => "I (idle)",
        TaskState.Parked => "P (parked)",
        _ => "R (running)",
    };
}

/// <summary>Processor masks as lists: 0-3,5.</summary>
internal static class CpuList
{
    public static string Of(ulong mask)
    {
        var parts = new List<string>();
        for (int i = 0; i < 64; i++)
        {
            if ((mask >> i & 1) == 0) continue;
            int last = i;
            while (last < 63 && (mask >> (last + 1) & 1) != 0) last++;
            parts.Add(i == last ? $"{i}" : $"{i}-{last}");
            i = last;
        }
        return string.Join(',', parts);
    }
}
