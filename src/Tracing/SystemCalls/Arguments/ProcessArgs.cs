using System.Text;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls.Arguments;

/// <summary>clone, exec, wait, prctl, scheduling, capabilities.</summary>
internal static class ProcessArgs
{
    private const ulong SetTls = 0x80000, ParentSetTid = 0x100000, ChildClearTid = 0x200000, ChildSetTid = 0x1000000, PidFd = 0x1000;

    /// <summary>clone: stack and flags at once, the rest when it has returned.</summary>
    public static readonly Arg CloneStack = new(static (p, v) =>
    {
        p.Text("child_stack=");
        p.Address(p.A[1]);
        p.Text($", flags={CloneFlags(p.A[0] & ~0xfful, (int)(p.A[0] & 0xff))}");
    });

    public static readonly Arg CloneRest = Plain.Tail(static (p, _) =>
    {
        ulong flags = p.A[0];
        if ((flags & (ParentSetTid | PidFd)) != 0)
        {
            p.Text(", parent_tid=");
            if (p.Failed) p.Address(p.A[2]);
            else p.Boxed(p.A[2], 4, static (p, r) => p.Int(r.S32(0)));
        }
        if ((flags & SetTls) != 0)
        {
            p.Text(", tls=");
            p.Hex(p.A[4]);
        }
        if ((flags & (ChildSetTid | ChildClearTid)) != 0)
        {
            p.Text(", child_tidptr=");
            p.Address(p.A[3]);
        }
    }, atExit: true);

    public static readonly Arg Clone3 = new(static (p, v) =>
    {
        if (p.A[1] < 64 || p.Read(v, (int)Math.Min(p.A[1], 88)) is not { } bytes)
        {
            p.Address(v);
            return;
        }
        var r = new Record(bytes);
        ulong flags = r.U64(0);
        p.Text($"{{flags={CloneFlags(flags, 0)}");
        if ((flags & PidFd) != 0) Field("pidfd", r.U64(8));
        if ((flags & (ChildSetTid | ChildClearTid)) != 0) Field("child_tid", r.U64(16));
        if ((flags & ParentSetTid) != 0) Field("parent_tid", r.U64(24));
        p.Text($", exit_signal={SignalText.Name((int)r.U64(32))}");
        Field("stack", r.U64(40));
        p.Text($", stack_size={Xlat.Hex(r.U64(48))}");
        if ((flags & SetTls) != 0) Field("tls", r.U64(56));
        p.Text("}");

        void Field(string name, ulong address)
        {
            p.Text($", {name}=");
            p.Address(address);
        }
    });

    /// <summary>What clone3 wrote into the ids that its structure names.</summary>
    public static readonly Arg Clone3Rest = Plain.Tail(static (p, _) =>
    {
        if (p.Succeeded && p.Read(p.A[0], 64) is { } bytes)
        {
            var r = new Record(bytes);
            ulong flags = r.U64(0);
            List<string> written = [];
            if ((flags & PidFd) != 0 && p.ReadInt(r.U64(8)) is { } pidfd) written.Add($"pidfd=[{pidfd}]");
            if ((flags & ParentSetTid) != 0 && p.ReadInt(r.U64(24)) is { } tid) written.Add($"parent_tid=[{tid}]");
            if (written.Count > 0) p.Text($" => {{{string.Join(", ", written)}}}");
        }
        p.Text($", {p.A[1]}");
    }, atExit: true);

    public static readonly Arg Unshared = new(static (p, v) => p.Text(ProcessNames.CloneFlags.Flags((uint)v)));

    public static readonly Arg ArgumentList = new(static (p, v) => WriteStrings(p, v));

    public static readonly Arg EnvironmentList = new(static (p, v) =>
    {
        if (p.Settings.Verbose)
        {
            WriteStrings(p, v);
            return;
        }
        p.Address(v);
        if (v == 0) return;
        const int Most = 1 << 17; // more than the kernel takes
        int count = 0;
        while (count < Most && p.ReadU64(v + ((ulong)count * 8)) is not (null or 0)) count++;
        p.Text($" /* {count} var{(count == 1 ? "" : "s")} */");
    });

    public static readonly Arg OutStatus = Plain.Exit(static (p, v) =>
    {
        if (p.Failed || p.Result == 0 || v == 0 || p.ReadInt(v) is not { } status) p.Address(v);
        else p.Text($"[{SignalText.Status(status)}]");
    });

    public static readonly Arg OutWaitUsage = Plain.Exit(static (p, v) => TimeStructs.WriteUsage(p, v, p.Result > 0));

    public static readonly Arg OutCpuSet = Plain.Exit(static (p, v) => WriteCpuSet(p, v, p.Failed ? 0 : (ulong)p.Result));

    public static readonly Arg InCpuSet = new(static (p, v) => WriteCpuSet(p, v, p.A[1]));

    public static readonly Arg InPriority = new(static (p, v) => p.Boxed(v, 4, static (p, r) => p.Int(r.S32(0))));

    public static readonly Arg Policy = new(static (p, v) =>
    {
        const uint ResetOnFork = 0x40000000;
        string name = ProcessNames.Schedulers.Value((uint)v & ~ResetOnFork);
        p.Text(((uint)v & ResetOnFork) != 0 ? $"{name}|SCHED_RESET_ON_FORK" : name);
    });

    public static readonly Arg CapabilityHeader = Plain.In(8, static (p, r) => p.Text($"version={ProcessNames.CapabilityVersions.Value(r.U32(0))}, pid={r.S32(4)}"));

    public static readonly Arg InCapabilities = Plain.In(24, CapabilityFields);

    public static readonly Arg OutCapabilities = Plain.Out(24, CapabilityFields);

    /// <summary>prctl: what follows depends on the option.</summary>
    public static readonly Arg PrctlRest = Plain.Tail(static (p, _) => PrctlText.Write(p), atExit: true);

    public static string CloneFlags(ulong flags, int signal)
    {
        string text = flags == 0 ? "" : ProcessNames.CloneFlags.Flags(flags);
        if (signal == 0) return text.Length == 0 ? "0" : text;
        return text.Length == 0 ? SignalText.Name(signal) : $"{text}|{SignalText.Name(signal)}";
    }

    private static void WriteStrings(CallPrinter p, ulong address)
    {
        if (address == 0)
        {
            p.Text("NULL");
            return;
        }
        if (p.ReadU64(address) == null)
        {
            p.Address(address);
            return;
        }
        p.Text("[");
        for (int i = 0; ; i++)
        {
            if (p.ReadU64(address + ((ulong)i * 8)) is not { } item)
            {
                p.Text($"{(i == 0 ? "" : ", ")}... /* {Xlat.Hex(address + ((ulong)i * 8))} */");
                break;
            }
            if (item == 0) break;
            if (i != 0) p.Text(", ");
            if (i >= p.Settings.StringSize && !p.Settings.Verbose)
            {
                p.Text("...");
                break;
            }
            p.String(item);
        }
        p.Text("]");
    }

    private static void WriteCpuSet(CallPrinter p, ulong address, ulong length)
    {
        if (length is 0 or > 1024 || p.Read(address, (int)length) is not { } bytes)
        {
            p.Address(address);
            return;
        }
        p.Text($"[{string.Join(' ', Enumerable.Range(0, bytes.Length * 8).Where(i => (bytes[i >> 3] >> (i & 7) & 1) != 0))}]");
    }

    private static void CapabilityFields(CallPrinter p, Record r) =>
        p.Text($"effective={CapabilityNames.Set(r.U32(0), r.U32(12))}, permitted={CapabilityNames.Set(r.U32(4), r.U32(16))}, inheritable={CapabilityNames.Set(r.U32(8), r.U32(20))}");
}
