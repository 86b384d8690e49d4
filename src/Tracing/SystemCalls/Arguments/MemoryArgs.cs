using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls.Arguments;

/// <summary>mmap and its kin, futexes, and System V objects.</summary>
internal static class MemoryArgs
{
    private const uint TypeMask = 0x0f;

    public static readonly Arg MapFlags = new(static (p, v) =>
    {
        uint flags = (uint)v;
        var text = new System.Text.StringBuilder(MemoryNames.MapTypes.Value(flags & TypeMask));
        ulong rest = MemoryNames.MapFlags.AppendFlags(text, flags & ~TypeMask);
        const uint HugeMask = 0xfc000000;
        if ((rest & HugeMask) != 0) text.Append($"|{(rest & HugeMask) >> 26}<<MAP_HUGE_SHIFT");
        rest &= ~(ulong)HugeMask;
        if (rest != 0) text.Append('|').Append(Xlat.Hex(rest));
        p.Text(text.ToString());
    });

    public static readonly Arg MapFd = new(static (p, v) => p.Fd((int)v));

    /// <summary>mremap's new address, with the flags that use it.</summary>
    public static readonly Arg RemapTarget = Plain.Tail(static (p, v) =>
    {
        const ulong Fixed = 2;
        if ((p.A[3] & Fixed) == 0) return;
        p.Text(", ");
        p.Address(v);
    });

    public static readonly Arg Residency = Plain.Exit(static (p, v) =>
    {
        if (p.Failed) p.Address(v);
        else p.Array(v, (p.A[1] + 4095) / 4096, 1, static (p, r) => p.Int(r.Bytes[0] & 1));
    });

    /// <summary>futex: its operation, and what that one takes.</summary>
    public static readonly Arg FutexOperation = new(static (p, v) =>
    {
        const uint Private = 128, RealTime = 256;
        uint operation = (uint)v & ~(Private | RealTime);
        string name = ProcessNames.FutexOperations.Find(operation) ?? Xlat.Hex(operation);
        p.Text(name + (((uint)v & Private) != 0 ? "_PRIVATE" : "") + (((uint)v & RealTime) != 0 ? "|FUTEX_CLOCK_REALTIME" : ""));
    });

    public static readonly Arg FutexRest = Plain.Tail(static (p, _) =>
    {
        const int Wait = 0, Wake = 1, Requeue = 3, CompareRequeue = 4, WakeOp = 5, LockPi = 6, UnlockPi = 7, TryLockPi = 8, WaitBits = 9, WakeBits = 10,
            WaitRequeuePi = 11, CompareRequeuePi = 12, LockPi2 = 13;
        int operation = (int)p.A[1] & 127;
        uint value = (uint)p.A[2];
        switch (operation)
        {
            case Wait:
                p.Text($", {value}, ");
                p.Struct(p.A[3], 16, TimeStructs.SpecFields);
                break;
            case Wake: p.Text($", {(int)value}"); break;
            case LockPi or LockPi2:
                p.Text(", ");
                p.Struct(p.A[3], 16, TimeStructs.SpecFields);
                break;
            case UnlockPi or TryLockPi: break;
            case WaitBits:
                p.Text($", {value}, ");
                p.Struct(p.A[3], 16, TimeStructs.SpecFields);
                p.Text($", {Bits((uint)p.A[5])}");
                break;
            case WakeBits: p.Text($", {(int)value}, {Bits((uint)p.A[5])}"); break;
            case Requeue: p.Text($", {(int)value}, {(int)p.A[3]}, {Xlat.Hex(p.A[4])}"); break;
            case CompareRequeue or CompareRequeuePi: p.Text($", {(int)value}, {(int)p.A[3]}, {Xlat.Hex(p.A[4])}, {(uint)p.A[5]}"); break;
            case WakeOp: p.Text($", {(int)value}, {(int)p.A[3]}, {Xlat.Hex(p.A[4])}, {Xlat.Hex((uint)p.A[5])}"); break;
            case WaitRequeuePi:
                p.Text($", {value}, ");
                p.Struct(p.A[3], 16, TimeStructs.SpecFields);
                p.Text($", {Xlat.Hex(p.A[4])}");
                break;
            default: p.Text($", {value}, {Xlat.Hex(p.A[3])}, {Xlat.Hex(p.A[4])}, {Xlat.Hex((uint)p.A[5])}"); break;
        }
    });

    public static readonly Arg Key = new(static (p, v) => p.Text((int)v == 0 ? "IPC_PRIVATE" : Xlat.Hex((uint)v)));

    /// <summary>Flags of shmget and the like: names, and permission bits.</summary>
    public static Arg CreateFlags(Xlat table) => new((p, v) =>
    {
        uint flags = (uint)v;
        p.Text((flags & ~0x1ffu) == 0 ? CallPrinter.Octal(flags) : $"{table.Flags(flags & ~0x1ffu)}|{CallPrinter.Octal(flags & 0x1ff)}");
    });

    public static readonly Arg SharedMemoryBuffer = Plain.Exit(static (p, v) => WriteStatus(p, v, 112, "shm", static (p, r) =>
        p.Text($"shm_segsz={r.U64(48)}, shm_cpid={r.S32(80)}, shm_lpid={r.S32(84)}, shm_nattch={r.U64(88)}, shm_atime={r.S64(56)}, shm_dtime={r.S64(64)}, shm_ctime={r.S64(72)}")));

    public static readonly Arg QueueBuffer = Plain.Exit(static (p, v) => WriteStatus(p, v, 120, "msg", static (p, r) =>
    {
        p.Text($"msg_stime={r.S64(48)}, msg_rtime={r.S64(56)}, msg_ctime={r.S64(64)}, msg_qnum={r.U64(80)}, msg_qbytes={r.U64(88)}, ");
        p.Text($"msg_lspid={r.S32(96)}, msg_lrpid={r.S32(100)}");
    }));

    public static readonly Arg SemaphoreArgument = Plain.Exit(static (p, v) =>
    {
        const int SetValue = 16;
        if ((int)p.A[2] == SetValue) p.Text(v == 0 ? "NULL" : Xlat.Hex(v));
        else p.Address(v);
    });

    public static readonly Arg SemaphoreOperations = new(static (p, v) => p.Array(v, (uint)p.A[2], 6, static (p, r) =>
        p.Text($"{{sem_num={r.U16(0)}, sem_op={(short)r.U16(2)}, sem_flg={MemoryNames.SemFlags.Flags(r.U16(4))}}}")));

    /// <summary>msgsnd's message: its type, then so many bytes.</summary>
    public static readonly Arg InMessage = new(static (p, v) => WriteMessage(p, v, p.A[2]));

    public static readonly Arg OutMessage = Plain.Exit(static (p, v) =>
    {
        if (p.Failed) p.Address(v);
        else WriteMessage(p, v, p.A[2]);
    });

    private static void WriteMessage(CallPrinter p, ulong address, ulong length) => p.Struct(address, 8, (p, r) =>
    {
        p.Text($"mtype={r.S64(0)}, mtext=");
        p.Data(address + 8, length);
    });

    // The second argument is the command.
    private static void WriteStatus(CallPrinter p, ulong address, int size, string prefix, Action<CallPrinter, Record> rest)
    {
        const ulong Status = 2;
        if (p.A[1] != Status) p.Address(address);
        else p.Struct(address, size, (p, r) =>
        {
            p.Text($"{prefix}_perm={{uid={r.U32(4)}, gid={r.U32(8)}, mode={CallPrinter.Octal(r.U32(20))}, key={Xlat.Hex(r.U32(0))}, cuid={r.U32(12)}, cgid={r.U32(16)}}}, ");
            rest(p, r);
        });
    }

    private static string Bits(uint bits) => bits == uint.MaxValue ? "FUTEX_BITSET_MATCH_ANY" : Xlat.Hex(bits);
}
