using Kennel.Tracing.SystemCalls.Arguments;
using Kennel.Tracing.SystemCalls.Tables;
using static Kennel.Tracing.SystemCalls.Arguments.Plain;
using static Kennel.Tracing.SystemCalls.CallClass;

namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>The machine as a whole, and what fits nowhere else.</summary>
internal static class SystemCalls
{
    private static readonly Arg UserName = Out(390, static (p, r) =>
    {
        const int Field = 65;
        string[] names = p.Settings.Verbose ? ["sysname", "nodename", "release", "version", "machine", "domainname"] : ["sysname", "nodename"];
        for (int i = 0; i < names.Length; i++)
        {
            p.Text($"{(i == 0 ? "" : ", ")}{names[i]}=");
            p.Inline(r.Part(i * Field, Field));
        }
        if (!p.Settings.Verbose) p.Text(", ...");
    });

    private static readonly Arg Information = Out(112, static (p, r) =>
        p.Text($"uptime={r.S64(0)}, loads=[{r.U64(8)}, {r.U64(16)}, {r.U64(24)}], totalram={r.U64(32)}, freeram={r.U64(40)}, sharedram={r.U64(48)}, bufferram={r.U64(56)}, totalswap={r.U64(64)}, freeswap={r.U64(72)}, procs={r.U16(80)}, totalhigh={r.U64(88)}, freehigh={r.U64(96)}, mem_unit={r.U32(104)}"));

    private static readonly Arg Random = Exit(static (p, v) =>
    {
        if (p.Failed) p.Address(v);
        else p.Data(v, (ulong)p.Result, HexStrings.Always);
    });

    private static readonly Arg QueueAttributes = In(64, QueueFields);

    public static readonly CallShape[] All =
    [
        new(63, "uname", None, UserName),
        new(95, "umask", None, Mode) { Result = ResultKind.Octal },
        new(99, "sysinfo", None, Information),
        new(103, "syslog", None, Int, Address, Int),
        new(153, "vhangup", None),
        new(169, "reboot", None, Value(ProcessNames.RebootMagic), Hex32, Hex32),
        new(170, "sethostname", None, Data(1), Size),
        new(171, "setdomainname", None, Data(1), Size),
        new(172, "iopl", None, Int),
        new(173, "ioperm", None, Hex, Hex, Int),
        new(175, "init_module", None, Address, Size, Plain.String),
        new(179, "quotactl", CallClass.File, Hex32, FilePath, Int, Address),
        new(219, "restart_syscall", None, new Arg(static (p, _) => p.Text("<... resuming interrupted system call ...>"))),
        new(240, "mq_open", Desc, Plain.String, FcntlArgs.OpenFlags, QueueMode) { Result = ResultKind.Descriptor },
        new(241, "mq_unlink", None, Plain.String),
        new(242, "mq_timedsend", Desc, Fd, Data(2), Size, UInt, TimeStructs.InSpec),
        new(243, "mq_timedreceive", Desc, Fd, ReadData, Size, OutUInt, TimeStructs.InSpec),
        new(244, "mq_notify", Desc, Fd, TimeStructs.SignalEvent),
        new(245, "mq_getsetattr", Desc, Fd, QueueAttributes, Out(64, QueueFields)),
        new(298, "perf_event_open", Desc, Address, Int, Int, Fd, Hex) { Result = ResultKind.Descriptor },
        new(318, "getrandom", None, Random, Size, Flags(ProcessNames.RandomFlags)),
        new(321, "bpf", Desc, Hex32, Address, UInt),
        new(425, "io_uring_setup", Desc, UInt, Address) { Result = ResultKind.Descriptor },
        new(426, "io_uring_enter", Desc, Fd, UInt, UInt, Hex32, Address, Size),
        new(427, "io_uring_register", Desc, Fd, Hex32, Address, UInt),
    ];

    private static Arg QueueMode => Tail(static (p, v) =>
    {
        const ulong Create = 0x40;
        if ((p.A[1] & Create) == 0) return;
        p.Text(", ");
        p.Mode((uint)v & 0xffff);
        p.Text(", ");
        p.Struct(p.A[3], 64, QueueFields);
    });

    private static void QueueFields(CallPrinter p, Record r) =>
        p.Text($"mq_flags={FcntlArgs.Open((uint)r.U64(0))}, mq_maxmsg={r.S64(8)}, mq_msgsize={r.S64(16)}, mq_curmsgs={r.S64(24)}");
}
