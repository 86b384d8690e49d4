using System.Buffers.Binary;
using System.Net;
using System.Text;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls.Arguments;

/// <summary>Addresses, messages and options of sockets.</summary>
internal static class SocketArgs
{
    private const int Unix = 1, Inet = 2, Inet6 = 10, Netlink = 16;

    public static readonly Arg Type = new(static (p, v) =>
    {
        const uint TypeMask = 0xf;
        if (SocketNames.Types.Find((uint)v & TypeMask) == null)
        {
            p.Text(SocketNames.Types.Value((uint)v));
            return;
        }
        var text = new StringBuilder(SocketNames.Types.Value((uint)v & TypeMask));
        ulong rest = SocketNames.TypeFlags.AppendFlags(text, (uint)v & ~TypeMask);
        p.Text(rest == 0 ? text.ToString() : $"{text}|{Xlat.Hex(rest)}");
    });

    public static readonly Arg Protocol = new(static (p, v) => p.Text((int)p.A[0] switch
    {
        Inet or Inet6 => SocketNames.Protocols.Value((uint)v),
        Netlink => SocketNames.NetlinkProtocols.Value((uint)v),
        _ => ((int)v).ToString(System.Globalization.CultureInfo.InvariantCulture),
    }));

    public static Arg InAddress(int lengthAt) => new((p, v) => WriteAddress(p, v, (int)p.A[lengthAt]));

    /// <summary>An address that the call gives, and its length behind it.</summary>
    public static Arg OutAddress(int lengthAt) => Plain.Exit((p, v) =>
    {
        if (p.Failed || v == 0 || p.ReadInt(p.A[lengthAt]) is not { } length) p.Address(v);
        else WriteAddress(p, v, length);
    });

    /// <summary>The length: strace shows what the caller allowed, too, where it differs.</summary>
    public static readonly Arg OutLength = Plain.Exit(static (p, v) =>
    {
        if (v == 0 || p.ReadInt(v) is not { } length) p.Address(v);
        else p.Text(p.Before is { } before && before != length && !p.Failed ? $"[{before} => {length}]" : $"[{length}]");
    });

    public static readonly Arg InMessage = new(static (p, v) => WriteMessage(p, v, ulong.MaxValue));

    public static readonly Arg OutMessage = Plain.Exit(static (p, v) =>
    {
        if (p.Failed) WriteFailedMessage(p, v);
        else WriteMessage(p, v, (ulong)p.Result);
    });

    public static readonly Arg InMessages = new(static (p, v) => p.Array(v, (uint)p.A[2], 64, static (p, r) => WriteBatched(p, r, ulong.MaxValue)));

    public static readonly Arg OutMessages = Plain.Exit(static (p, v) =>
    {
        if (p.Failed) p.Address(v);
        else p.Array(v, (ulong)p.Result, 64, static (p, r) => WriteBatched(p, r, r.U32(56)));
    });

    public static readonly Arg OptionName = new(static (p, v) => p.Text((p.A[1] switch
    {
        1 => SocketNames.SocketOptions,
        6 => SocketNames.TcpOptions,
        0 => SocketNames.IpOptions,
        41 => SocketNames.Ipv6Options,
        _ => null,
    })?.Value((uint)v) ?? Xlat.Hex((uint)v)));

    public static readonly Arg InOption = new(static (p, v) => WriteOption(p, v, (int)p.A[4]));

    public static readonly Arg OutOption = Plain.Exit(static (p, v) =>
    {
        if (p.Failed || p.ReadInt(p.A[4]) is not { } length) p.Address(v);
        else WriteOption(p, v, length);
    });

    public static void WriteAddress(CallPrinter p, ulong address, int length)
    {
        if (length is < 2 or > 128 || p.Read(address, length) is not { } bytes)
        {
            p.Address(address);
            return;
        }
        p.Text("{");
        WriteFields(p, bytes);
        p.Text("}");
    }

    private static void WriteFields(CallPrinter p, byte[] a)
    {
        int family = BinaryPrimitives.ReadUInt16LittleEndian(a);
        p.Text($"sa_family={SocketNames.Families.Value((ulong)family)}");
        switch (family)
        {
            case Unix when a.Length == 2: break;
            case Unix:
                bool isAbstract = a[2] == 0 && a.Length > 3;
                p.Text(isAbstract ? ", sun_path=@" : ", sun_path=");
                if (isAbstract) Quoting.Append(p.Out, a.AsSpan(3), p.Settings.Hex);
                else p.Inline(a.AsSpan(2));
                break;
            case Inet when a.Length >= 8:
                p.Text($", sin_port=htons({Port(a)}), sin_addr=inet_addr(\"{new IPAddress(a.AsSpan(4, 4))}\")");
                break;
            case Inet6 when a.Length >= 24:
                uint flow = BinaryPrimitives.ReadUInt32BigEndian(a.AsSpan(4));
                p.Text($", sin6_port=htons({Port(a)}), sin6_flowinfo=htonl({flow}), inet_pton(AF_INET6, \"{new IPAddress(a.AsSpan(8, 16))}\", &sin6_addr)");
                if (a.Length >= 28) p.Text($", sin6_scope_id={BinaryPrimitives.ReadUInt32LittleEndian(a.AsSpan(24))}");
                break;
            case Netlink when a.Length >= 12:
                p.Text($", nl_pid={BinaryPrimitives.ReadInt32LittleEndian(a.AsSpan(4))}, nl_groups={BinaryPrimitives.ReadUInt32LittleEndian(a.AsSpan(8)):x8}");
                break;
            default:
                p.Text(", sa_data=");
                Quoting.Append(p.Out, a.AsSpan(2), p.Settings.Hex);
                break;
        }
    }

    private static int Port(byte[] a) => BinaryPrimitives.ReadUInt16BigEndian(a.AsSpan(2));

    private static void WriteMessage(CallPrinter p, ulong address, ulong limit) => p.Struct(address, 56, (p, r) => WriteMessageFields(p, r, limit));

    private static void WriteFailedMessage(CallPrinter p, ulong address) => p.Struct(address, 56, static (p, r) => p.Text($"msg_namelen={r.S32(8)}"));

    private static void WriteMessageFields(CallPrinter p, Record r, ulong limit)
    {
        p.Text("msg_name=");
        if (r.U64(0) == 0 || r.S32(8) == 0) p.Address(r.U64(0));
        else WriteAddress(p, r.U64(0), r.S32(8));
        p.Text($", msg_namelen={r.S32(8)}, msg_iov=");
        FileStructs.WriteVector(p, r.U64(16), r.U64(24), limit);
        p.Text($", msg_iovlen={r.U64(24)}");
        if (r.U64(40) > 0)
        {
            p.Text(", msg_control=");
            WriteControl(p, r.U64(32), r.U64(40));
        }
        p.Text($", msg_controllen={r.U64(40)}, msg_flags={SocketNames.MessageFlags.Flags(r.U32(48))}");
    }

    private static void WriteBatched(CallPrinter p, Record r, ulong limit)
    {
        p.Text("{msg_hdr={");
        WriteMessageFields(p, r, limit);
        p.Text("}");
        if (p.Exiting) p.Text($", msg_len={r.U32(56)}");
        p.Text("}");
    }

    private static void WriteControl(CallPrinter p, ulong address, ulong length)
    {
        const int Header = 16, SocketLevel = 1;
        if (length > 4096 || p.Read(address, (int)length) is not { } bytes)
        {
            p.Address(address);
            return;
        }
        var r = new Record(bytes);
        p.Text("[");
        for (int at = 0; at + Header <= bytes.Length;)
        {
            int size = (int)Math.Min(r.U64(at), (ulong)(bytes.Length - at));
            if (size < Header) break;
            uint level = r.U32(at + 8), type = r.U32(at + 12);
            string name = level == SocketLevel ? SocketNames.ControlTypes.Value(type) : Xlat.Hex(type);
            p.Text($"{(at == 0 ? "" : ", ")}{{cmsg_len={r.U64(at)}, cmsg_level={SocketNames.Levels.Value(level)}, cmsg_type={name}");
            if (size > Header) WriteControlData(p, r, at + Header, size - Header, level == SocketLevel ? type : 0);
            p.Text("}");
            at += (size + 7) & ~7;
        }
        p.Text("]");
    }

    private static void WriteControlData(CallPrinter p, Record r, int at, int size, uint type)
    {
        const int Rights = 1, Credentials = 2;
        p.Text(", cmsg_data=");
        if (type == Rights) p.Text($"[{string.Join(", ", Enumerable.Range(0, size / 4).Select(i => r.S32(at + (i * 4))))}]");
        else if (type == Credentials && size >= 12) p.Text($"{{pid={r.S32(at)}, uid={r.U32(at + 4)}, gid={r.U32(at + 8)}}}");
        else Quoting.Append(p.Out, r.Part(at, size), HexStrings.Always);
    }

    private static void WriteOption(CallPrinter p, ulong address, int length)
    {
        const int Linger = 13, Credentials = 17, BindToDevice = 25, SocketLevel = 1;
        int option = (int)p.A[1] == SocketLevel ? (int)p.A[2] : -1;
        if (length < 0 || p.Read(address, Math.Min(length, 4096)) is not { } bytes) p.Address(address);
        else if (option == Linger && length >= 8) p.Struct(address, 8, static (p, r) => p.Text($"l_onoff={r.S32(0)}, l_linger={r.S32(4)}"));
        else if (option == Credentials && length >= 12) p.Struct(address, 12, static (p, r) => p.Text($"pid={r.S32(0)}, uid={r.U32(4)}, gid={r.U32(8)}"));
        else if (option == BindToDevice) p.Inline(bytes);
        else if (length == 4) p.Text($"[{new Record(bytes).S32(0)}]");
        else p.Data(address, (ulong)length);
    }
}
