using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls.Arguments;

/// <summary>ioctl: requests by name, and the structures of terminals.</summary>
internal static class IoctlArgs
{
    private const uint GetAttributes = 0x5401, SetAttributes = 0x5402, SetAttributesDrain = 0x5403, SetAttributesFlush = 0x5404, SendBreak = 0x5409, FlowControl = 0x540a,
        FlushQueue = 0x540b, SetControlling = 0x540e, GetGroup = 0x540f, SetGroup = 0x5410, QueuedOutput = 0x5411, GetSize = 0x5413, SetSize = 0x5414, BytesReady = 0x541b,
        SetPacket = 0x5420, SetNonBlocking = 0x5421, GetSession = 0x5429, GetNumber = 0x80045430, SetLock = 0x40045431, GetLock = 0x80045439, SetAsync = 0x5452,
        GetAttributes2 = 0x802c542a, SetAttributes2 = 0x402c542b, GetFileFlags = 0x80086601;

    private static readonly string[] ControlCharacters =
    [
        "VINTR", "VQUIT", "VERASE", "VKILL", "VEOF", "VTIME", "VMIN", "VSWTC", "VSTART", "VSTOP", "VSUSP", "VEOL", "VREPRINT", "VDISCARD", "VWERASE", "VLNEXT", "VEOL2",
    ];

    public static readonly Arg Request = new(static (p, v) => p.Text(Name((uint)v)));

    public static readonly Arg Rest = Plain.Tail(static (p, v) =>
    {
        switch ((uint)p.A[1])
        {
            case GetAttributes or GetAttributes2:
                p.Text(", ");
                p.Struct(v, 36, TerminalFields);
                break;
            case SetAttributes or SetAttributesDrain or SetAttributesFlush or SetAttributes2:
                p.Text(", ");
                p.Struct(v, 36, TerminalFields);
                break;
            case GetSize:
                p.Text(", ");
                p.Struct(v, 8, SizeFields);
                break;
            case SetSize:
                p.Text(", ");
                p.Struct(v, 8, SizeFields);
                break;
            case GetGroup or QueuedOutput or BytesReady or GetSession or GetNumber or GetLock:
                p.Text(", ");
                if (p.Failed) p.Address(v);
                else p.Boxed(v, 4, static (p, r) => p.Int(r.S32(0)));
                break;
            case SetGroup or SetPacket or SetNonBlocking or SetAsync or SetLock:
                p.Text(", ");
                p.Boxed(v, 4, static (p, r) => p.Int(r.S32(0)));
                break;
            case FlowControl: p.Text($", {TerminalNames.FlushActions.Value((uint)v)}"); break;
            case FlushQueue: p.Text($", {TerminalNames.FlushQueues.Value((uint)v)}"); break;
            case SendBreak or SetControlling: p.Text($", {(int)v}"); break;
            case 0x5450 or 0x5451 or 0x5422 or 0x540c or 0x540d: break; // FIONCLEX, FIOCLEX, TIOCNOTTY, TIOCEXCL, TIOCNXCL take none
            case GetFileFlags when p.Succeeded:
                p.Text(", ");
                p.Boxed(v, 4, static (p, r) => p.Hex(r.U32(0)));
                break;
            default: p.Text($", {(v == 0 ? "0" : Xlat.Hex(v))}"); break;
        }
    }, atExit: true);

    private static string Name(uint request)
    {
        if (TerminalNames.Ioctls.Find(request) is { } name) return name;
        uint direction = request >> 30, size = (request >> 16) & 0x3fff;
        string[] directions = ["_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE"];
        return $"_IOC({directions[direction]}, {Xlat.Hex((request >> 8) & 0xff)}, {Xlat.Hex(request & 0xff)}, {Xlat.Hex(size)})";
    }

    private static void SizeFields(CallPrinter p, Record r) => p.Text($"ws_row={r.U16(0)}, ws_col={r.U16(2)}, ws_xpixel={r.U16(4)}, ws_ypixel={r.U16(6)}");

    // As termios of the kernel: four words, the line, 19 characters.
    private static void TerminalFields(CallPrinter p, Record r)
    {
        p.Text($"c_iflag={TerminalNames.InputFlags.Flags(r.U32(0))}, c_oflag={OutputFlags(r.U32(4))}, c_cflag={ControlFlags(r.U32(8))}, c_lflag={TerminalNames.LocalFlags.Flags(r.U32(12))}, ");
        if (!p.Settings.Verbose)
        {
            p.Text("...");
            return;
        }
        p.Text(r.Bytes[16] == 0 ? "c_line=N_TTY, c_cc=[" : $"c_line={Xlat.Hex(r.Bytes[16])} /* N_??? */, c_cc=[");
        for (int i = 0; i < 19; i++) p.Text($"{(i == 0 ? "" : ", ")}[{(i < ControlCharacters.Length ? ControlCharacters[i] : i.ToString(System.Globalization.CultureInfo.InvariantCulture))}]={Xlat.Hex(r.Bytes[17 + i])}");
        p.Text("]");
    }

    private static string OutputFlags(uint flags)
    {
        const uint Delays = 0x7f00 | 0x8000;
        string text = "";
        (uint Mask, string Name)[] delays = [(0x100, "NL"), (0x600, "CR"), (0x1800, "TAB"), (0x2000, "BS"), (0x4000, "VT"), (0x8000, "FF")];
        foreach ((uint mask, string name) in delays) text += $"{(text.Length == 0 ? "" : "|")}{name}{(flags & mask) >> System.Numerics.BitOperations.TrailingZeroCount(mask)}";
        string rest = TerminalNames.OutputFlags.Flags(flags & ~Delays);
        return rest == "0" ? text : $"{text}|{rest}";
    }

    private static string ControlFlags(uint flags)
    {
        const uint BaudMask = 0x100f, SizeMask = 0x30;
        string text = $"{TerminalNames.BaudRates.Value(flags & BaudMask)}|{TerminalNames.CharacterSizes.Value(flags & SizeMask)}";
        string rest = TerminalNames.ControlFlags.Flags(flags & ~(BaudMask | SizeMask));
        return rest == "0" ? text : $"{text}|{rest}";
    }
}
