using Kennel.Abi;

namespace Kennel.Files.Sockets;

/// <summary>Socket options of SOL_SOCKET (man 7 socket).</summary>
public sealed partial class UnixSocket
{
    private const int DefaultBuffer = 212_992, LargestBuffer = 212_992; // net.core.wmem_default, wmem_max

    private int _sendBuffer = DefaultBuffer, _receiveBuffer = DefaultBuffer;
    private long _sendTimeout, _receiveTimeout; // nanoseconds; 0 for never
    private bool _passesCredentials;
    private HashSet<SocketOption>? _switches;

    /// <summary>Whether messages are to carry their sender's credentials (SO_PASSCRED).</summary>
    internal bool PassesCredentials => _passesCredentials;

    /// <summary>SO_RCVTIMEO, nanoseconds; 0 for never.</summary>
    internal long ReceiveTimeout
    {
        get => _receiveTimeout;
        set => _receiveTimeout = value;
    }

    /// <summary>SO_SNDTIMEO, nanoseconds; 0 for never.</summary>
    internal long SendTimeout
    {
        get => _sendTimeout;
        set => _sendTimeout = value;
    }

    /// <summary>An option that is a number; ENOPROTOOPT for those that it does not have.</summary>
    internal Errno GetOption(SocketOption option, out int value)
    {
        int? found = option switch
        {
            SocketOption.Type => (int)Type,
            SocketOption.Domain => UnixAddress.Family,
            SocketOption.Protocol => 0,
            SocketOption.Error => (int)TakeError(),
            SocketOption.AcceptsConnections => State == UnixSocketState.Listening ? 1 : 0,
            SocketOption.SendBuffer => _sendBuffer,
            SocketOption.ReceiveBuffer => _receiveBuffer,
            SocketOption.PassCredentials => _passesCredentials ? 1 : 0,
            SocketOption.ReceiveLowWater or SocketOption.SendLowWater => 1,
            SocketOption.PeekOffset => -1,
            SocketOption.Mark or SocketOption.Priority or SocketOption.BusyPoll => 0,
            _ when IsSwitch(option) => _switches?.Contains(option) == true ? 1 : 0,
            _ => null,
        };
        value = found ?? 0;
        return found == null ? Errno.ENOPROTOOPT : Errno.None;
    }

    /// <summary>Sets an option that is a number.</summary>
    internal Errno SetOption(SocketOption option, int value)
    {
        const int leastSend = 4608, leastReceive = 2304; // Linux: SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF
        switch (option)
        {
            case SocketOption.SendBuffer or SocketOption.SendBufferForce:
                _sendBuffer = Math.Max((int)Math.Min((uint)value, LargestBuffer) * 2, leastSend);
                _writeWaiters.WakeAll();
                return Errno.None;
            case SocketOption.ReceiveBuffer or SocketOption.ReceiveBufferForce:
                _receiveBuffer = Math.Max((int)Math.Min((uint)value, LargestBuffer) * 2, leastReceive);
                return Errno.None;
            case SocketOption.PassCredentials:
                _passesCredentials = value != 0;
                return Errno.None;
            case SocketOption.ReceiveLowWater or SocketOption.Mark or SocketOption.Priority or SocketOption.BusyPoll:
                return Errno.None;
            case SocketOption.Type or SocketOption.Domain or SocketOption.Protocol or SocketOption.Error or SocketOption.AcceptsConnections
                or SocketOption.SendLowWater or SocketOption.PeerCredentials:
                return Errno.ENOPROTOOPT;
        }
        if (!IsSwitch(option)) return Errno.ENOPROTOOPT;
        _switches ??= [];
        if (value != 0) _switches.Add(option);
        else _switches.Remove(option);
        return Errno.None;
    }

    // Kept and told, and without any effect on Unix sockets.
    private static bool IsSwitch(SocketOption option) => option is SocketOption.Debug or SocketOption.ReuseAddress or SocketOption.DontRoute
        or SocketOption.Broadcast or SocketOption.KeepAlive or SocketOption.OutOfBandInline or SocketOption.NoCheck or SocketOption.ReusePort
        or SocketOption.Timestamp or SocketOption.TimestampNanoseconds or SocketOption.PassSecurity or SocketOption.ReceiveQueueOverflow;
}

/// <summary>SO_* of x86-64 (man 7 socket).</summary>
public enum SocketOption
{
    Debug = 1,
    ReuseAddress = 2,
    Type = 3,
    Error = 4,
    DontRoute = 5,
    Broadcast = 6,
    SendBuffer = 7,
    ReceiveBuffer = 8,
    KeepAlive = 9,
    OutOfBandInline = 10,
    NoCheck = 11,
    Priority = 12,
    Linger = 13,
    ReusePort = 15,
    PassCredentials = 16,
    PeerCredentials = 17,
    ReceiveLowWater = 18,
    SendLowWater = 19,
    ReceiveTimeout = 20,
    SendTimeout = 21,
    Timestamp = 29,
    AcceptsConnections = 30,
    SendBufferForce = 32,
    ReceiveBufferForce = 33,
    PassSecurity = 34,
    TimestampNanoseconds = 35,
    Mark = 36,
    Protocol = 38,
    Domain = 39,
    ReceiveQueueOverflow = 40,
    PeekOffset = 42,
    BusyPoll = 46,
    PeerGroups = 59,
    ReceiveTimeoutNew = 66,
    SendTimeoutNew = 67,
}
