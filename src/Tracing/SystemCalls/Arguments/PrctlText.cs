using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls.Arguments;

/// <summary>The arguments of prctl behind its option (man 2 prctl).</summary>
internal static class PrctlText
{
    private const int SetDeathSignal = 1, GetDeathSignal = 2, GetDumpable = 3, SetDumpable = 4, GetKeepCaps = 7, SetKeepCaps = 8, SetName = 15, GetName = 16,
        GetSeccomp = 21, SetSeccomp = 22, BoundingRead = 23, BoundingDrop = 24, GetSecureBits = 27, SetSecureBits = 28, SetSlack = 29, GetSlack = 30,
        SetSubreaper = 36, GetSubreaper = 37, SetNoNewPrivileges = 38, GetNoNewPrivileges = 39, GetTidAddress = 40, SetHugePages = 41, GetHugePages = 42,
        Ambient = 47, SetVma = 0x53564d41, SetTracer = 0x59616d61, GetTimeStamp = 25, SetTimeStamp = 26;

    public static void Write(CallPrinter p)
    {
        ulong a = p.A[1];
        switch ((int)p.A[0])
        {
            case GetDumpable or GetKeepCaps or GetSeccomp or GetSecureBits or GetSlack: break;
            case SetDeathSignal: p.Text($", {SignalText.Name((int)a)}"); break;
            case GetDeathSignal: Out(p, a, static (p, r) => p.Text(SignalText.Name(r.S32(0)))); break;
            case GetSubreaper: Out(p, a, static (p, r) => p.UInt(r.U32(0))); break;
            case GetTidAddress:
                p.Text(", ");
                if (p.Failed) p.Address(a);
                else p.Boxed(a, 8, static (p, r) => p.Address(r.U64(0)));
                break;
            case GetTimeStamp: Out(p, a, static (p, r) => p.Text(TimeStamp(r.U32(0)))); break;
            case SetTimeStamp: p.Text($", {TimeStamp(a)}"); break;
            case SetDumpable:
                p.Text($", {Dumpable(a)}");
                break;
            case SetName:
                p.Text(", ");
                Name(p, a);
                break;
            case GetName:
                p.Text(", ");
                if (p.Failed) p.Address(a);
                else Name(p, a);
                break;
            case BoundingRead or BoundingDrop: p.Text($", {CapabilityNames.Name(a)}"); break;
            case SetKeepCaps or SetSecureBits or SetSlack or SetSubreaper: p.Text($", {a}"); break;
            case SetSeccomp: p.Text(a switch { 1 => ", SECCOMP_MODE_STRICT", 2 => $", SECCOMP_MODE_FILTER, {Xlat.Hex(p.A[2])}", _ => $", {Xlat.Hex(a)} /* SECCOMP_MODE_??? */" }); break;
            case SetTracer: p.Text(unchecked((long)a) == -1 ? ", PR_SET_PTRACER_ANY" : $", {(int)a}"); break;
            case SetNoNewPrivileges or GetNoNewPrivileges or SetHugePages or GetHugePages:
                p.Text($", {a}");
                for (int i = 2; i < 5; i++) p.Text($", {Xlat.Hex(p.A[i])}");
                break;
            case Ambient:
                string which = a switch { 1 => "PR_CAP_AMBIENT_IS_SET", 2 => "PR_CAP_AMBIENT_RAISE", 3 => "PR_CAP_AMBIENT_LOWER", 4 => "PR_CAP_AMBIENT_CLEAR_ALL", _ => Xlat.Hex(a) };
                p.Text($", {which}, {(a is >= 1 and <= 3 ? CapabilityNames.Name(p.A[2]) : Xlat.Hex(p.A[2]))}, {Xlat.Hex(p.A[3])}, {Xlat.Hex(p.A[4])}");
                break;
            case SetVma:
                p.Text(a == 0 ? ", PR_SET_VMA_ANON_NAME, " : $", {Xlat.Hex(a)} /* PR_SET_VMA_??? */, ");
                p.Text($"{Xlat.Hex(p.A[2])}, {p.A[3]}, ");
                p.String(p.A[4]);
                break;
            default:
                for (int i = 1; i < 5; i++) p.Text($", {Xlat.Hex(p.A[i])}");
                break;
        }
    }

    /// <summary>What the result says.</summary>
    public static string? Note(CallPrinter p) => (int)p.A[0] switch
    {
        GetDumpable => Dumpable((ulong)p.Result),
        _ => null,
    };

    private static string TimeStamp(ulong value) => value switch
    {
        1 => "PR_TSC_ENABLE",
        2 => "PR_TSC_SIGSEGV",
        _ => $"{Xlat.Hex(value)} /* PR_TSC_??? */",
    };

    private static string Dumpable(ulong value) => value switch
    {
        0 => "SUID_DUMP_DISABLE",
        1 => "SUID_DUMP_USER",
        2 => "SUID_DUMP_ROOT",
        _ => $"{Xlat.Hex(value)} /* SUID_DUMP_??? */",
    };

    // At most 15 bytes of a name count.
    private static void Name(CallPrinter p, ulong address)
    {
        Span<byte> bytes = stackalloc byte[16];
        int got = p.Task.ReadMemory(address, bytes);
        if (got == 0)
        {
            p.Address(address);
            return;
        }
        int end = bytes[..got].IndexOf((byte)0);
        Quoting.Append(p.Out, bytes[..(end < 0 ? Math.Min(got, 15) : end)], p.Settings.Hex);
        if (end < 0) p.Text("...");
    }

    private static void Out(CallPrinter p, ulong address, Action<CallPrinter, Record> write)
    {
        p.Text(", ");
        if (p.Failed) p.Address(address);
        else p.Boxed(address, 4, write);
    }
}
