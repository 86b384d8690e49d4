using Kennel.Tracing.SystemCalls.Arguments;
using Kennel.Tracing.SystemCalls.Tables;
using static Kennel.Tracing.SystemCalls.Arguments.Plain;
using static Kennel.Tracing.SystemCalls.CallClass;

namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>Sockets.</summary>
internal static class SocketCalls
{
    private const CallClass Socket = Desc | Network;

    private static readonly Arg MessageFlags = Flags(SocketNames.MessageFlags);

    private static readonly Arg Level = Value(SocketNames.Levels);

    public static readonly CallShape[] All =
    [
        new(41, "socket", Socket, Value(SocketNames.Families), SocketArgs.Type, SocketArgs.Protocol) { Result = ResultKind.Descriptor },
        new(42, "connect", Socket, Fd, SocketArgs.InAddress(2), Int),
        new(43, "accept", Socket, Fd, SocketArgs.OutAddress(2), SocketArgs.OutLength) { Result = ResultKind.Descriptor, LengthAt = 2 },
        new(44, "sendto", Socket, Fd, Data(2), Size, MessageFlags, SocketArgs.InAddress(5), Int),
        new(45, "recvfrom", Socket, Fd, ReadData, Size, MessageFlags, SocketArgs.OutAddress(5), SocketArgs.OutLength) { LengthAt = 5 },
        new(46, "sendmsg", Socket, Fd, SocketArgs.InMessage, MessageFlags),
        new(47, "recvmsg", Socket, Fd, SocketArgs.OutMessage, MessageFlags),
        new(48, "shutdown", Socket, Fd, Value(SocketNames.ShutdownHow)),
        new(49, "bind", Socket, Fd, SocketArgs.InAddress(2), Int),
        new(50, "listen", Socket, Fd, Int),
        new(51, "getsockname", Socket, Fd, SocketArgs.OutAddress(2), SocketArgs.OutLength) { LengthAt = 2 },
        new(52, "getpeername", Socket, Fd, SocketArgs.OutAddress(2), SocketArgs.OutLength) { LengthAt = 2 },
        new(53, "socketpair", Socket, Value(SocketNames.Families), SocketArgs.Type, SocketArgs.Protocol, OutSockets),
        new(54, "setsockopt", Socket, Fd, Level, SocketArgs.OptionName, SocketArgs.InOption, Int),
        new(55, "getsockopt", Socket, Fd, Level, SocketArgs.OptionName, SocketArgs.OutOption, SocketArgs.OutLength) { LengthAt = 4 },
        new(288, "accept4", Socket, Fd, SocketArgs.OutAddress(2), SocketArgs.OutLength, Flags(SocketNames.TypeFlags)) { Result = ResultKind.Descriptor, LengthAt = 2 },
        new(299, "recvmmsg", Socket, Fd, SocketArgs.OutMessages, UInt, MessageFlags, TimeStructs.InSpec),
        new(307, "sendmmsg", Socket, Fd, SocketArgs.InMessages, UInt, MessageFlags),
    ];

    // The pair is the fourth argument.
    private static Arg OutSockets => FileStructs.OutPair;
}
