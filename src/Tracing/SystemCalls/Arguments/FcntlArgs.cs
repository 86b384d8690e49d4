using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls.Arguments;

/// <summary>Opening, and fcntl: what follows the flags or the command.</summary>
internal static class FcntlArgs
{
    private const int DupFd = 0, GetFd = 1, SetFd = 2, GetFl = 3, SetFl = 4, GetLock = 5, SetLock = 6, SetLockWait = 7, SetOwn = 8, GetOwn = 9, SetSig = 10, GetSig = 11,
        SetOwnEx = 15, GetOwnEx = 16, OfdGetLock = 36, OfdSetLock = 37, OfdSetLockWait = 38, SetLease = 1024, GetLease = 1025, Notify = 1026, DupFdCloexec = 1030,
        SetPipeSize = 1031, GetPipeSize = 1032, AddSeals = 1033, GetSeals = 1034;

    public static readonly Arg OpenFlags = new(static (p, v) => p.Text(Open((uint)v)));

    /// <summary>The mode, when a file may be made.</summary>
    public static Arg OpenMode(int flagsAt) => Plain.Tail((p, v) =>
    {
        const ulong Create = 0x40, Temporary = 0x410000;
        ulong flags = p.A[flagsAt];
        if ((flags & Create) == 0 && (flags & Temporary) != Temporary) return;
        p.Text(", ");
        p.Mode((uint)v & 0xffff);
    });

    /// <summary>openat2's structure; a longer one than is known has its rest shown.</summary>
    public static readonly Arg OpenHow = new(static (p, v) =>
    {
        const int Known = 24, Most = 4096;
        int size = (int)Math.Min(p.A[3], Most);
        if (size < Known)
        {
            p.Address(v);
            return;
        }
        p.Struct(v, size, (p, r) =>
        {
            p.Text($"flags={Open(r.U64(0))}");
            if ((r.U64(0) & 0x40) != 0 || r.U64(8) != 0) p.Text($", mode={CallPrinter.Octal(r.U64(8))}");
            p.Text($", resolve={FileNames.ResolveFlags.Flags(r.U64(16))}");
            if (!r.Part(Known, size - Known).ContainsAnyExcept((byte)0)) return;
            p.Text($", /* bytes {Known}..{size - 1} */ ");
            Quoting.Append(p.Out, r.Part(Known, size - Known), HexStrings.Always);
        });
    });

    /// <summary>The device, for special files.</summary>
    public static Arg NodeDevice(int modeAt) => Plain.Tail((p, v) =>
    {
        if (((uint)p.A[modeAt] & 0xf000) is 0x2000 or 0x6000) p.Text($", {FileStructs.Device(v)}");
    });

    public static readonly Arg NodeMode = new(static (p, v) => p.Text(FileStructs.Mode((uint)v & 0xffff)));

    public static readonly Arg Rest = Plain.Tail(static (p, v) =>
    {
        switch ((int)p.A[1])
        {
            case GetFd or GetFl or GetOwn or GetSig or GetLease or GetPipeSize or GetSeals: break;
            case DupFd or DupFdCloexec or SetPipeSize:
                p.Text($", {(uint)v}");
                break;
            case SetOwn:
                p.Text($", {(int)v}");
                break;
            case SetFd: p.Text($", {FileNames.DescriptorFlags.Flags((uint)v)}"); break;
            case SetFl: p.Text($", {Open((uint)v)}"); break;
            case SetSig: p.Text($", {SignalText.Name((int)v)}"); break;
            case SetLease: p.Text($", {FileNames.LockTypes.Value((uint)v)}"); break;
            case AddSeals: p.Text($", {FileNames.Seals.Flags((uint)v)}"); break;
            case Notify: p.Text($", {FileNames.Notifications.Flags((uint)v)}"); break;
            case SetLock or SetLockWait or OfdSetLock or OfdSetLockWait:
                p.Text(", ");
                p.Struct(v, 32, static (p, r) => LockFields(p, r, withPid: false));
                break;
            case GetLock or OfdGetLock:
                p.Text(", ");
                p.Struct(v, 32, static (p, r) => LockFields(p, r, withPid: true));
                break;
            case SetOwnEx or GetOwnEx:
                p.Text(", ");
                p.Struct(v, 8, static (p, r) => p.Text($"type={(r.U32(0) switch { 0 => "F_OWNER_TID", 1 => "F_OWNER_PID", 2 => "F_OWNER_PGRP", var t => Xlat.Hex(t) })}, pid={r.S32(4)}"));
                break;
            default: p.Text($", {Xlat.Hex(v)}"); break;
        }
    }, atExit: true);

    /// <summary>What the flags say that fcntl answers.</summary>
    public static string? Note(CallPrinter p) => p.Result == 0 && (int)p.A[1] != GetFl && (int)p.A[1] != GetLease ? null : (int)p.A[1] switch
    {
        GetFd => $"flags {FileNames.DescriptorFlags.Flags((ulong)p.Result)}",
        GetFl => $"flags {Open((uint)p.Result)}",
        GetSig => SignalText.Name((int)p.Result),
        GetLease => FileNames.LockTypes.Value((ulong)p.Result),
        GetSeals => $"seals {FileNames.Seals.Flags((ulong)p.Result)}",
        _ => null,
    };

    public static ResultKind Kind(CallPrinter p) => (int)p.A[1] switch
    {
        GetFd or GetFl or GetLease or GetSeals => ResultKind.Hex,
        DupFd or DupFdCloexec => ResultKind.Descriptor,
        _ => ResultKind.Decimal,
    };

    /// <summary>The access mode and flags of open.</summary>
    public static string Open(ulong flags)
    {
        const ulong AccessMask = 3;
        var text = new System.Text.StringBuilder(FileNames.OpenModes.Find(flags & AccessMask));
        ulong rest = FileNames.OpenFlags.AppendFlags(text, flags & ~AccessMask);
        return rest == 0 ? text.ToString() : text.Append('|').Append(Xlat.Hex(rest)).ToString();
    }

    private static void LockFields(CallPrinter p, Record r, bool withPid)
    {
        p.Text($"l_type={FileNames.LockTypes.Value(r.U16(0))}, l_whence={FileNames.Whence.Value(r.U16(2))}, l_start={r.S64(8)}, l_len={r.S64(16)}");
        if (withPid) p.Text($", l_pid={r.S32(24)}");
    }
}
