using System.Buffers;

namespace Kennel.Files.Sockets;

/// <summary>What waits in a socket's queue (Linux: sk_buff): bytes, and what came along with them.</summary>
internal sealed class SocketMessage
{
    // Linux: SKB_TRUESIZE, the cost of a buffer besides its bytes.
    private const int Overhead = 576, SmallestCost = 768;

    private byte[] _bytes;

    public SocketMessage(UnixSocket sender, IoIterator source, int length, PeerCredential credential)
    {
        Sender = sender;
        Credential = credential;
        From = sender.Address;
        _bytes = length == 0 ? [] : ArrayPool<byte>.Shared.Rent(length);
        Length = source.CopyFrom(_bytes.AsSpan(0, length));
        Cost = CostOf(length);
    }

    /// <summary>What a message of so many bytes counts.</summary>
    public static int CostOf(int length) => Math.Max(SmallestCost, length + Overhead);

    public UnixSocket Sender { get; }

    /// <summary>Who sent it.</summary>
    public PeerCredential Credential { get; }

    /// <summary>The sender's address when it was sent.</summary>
    public UnixAddress? From { get; }

    /// <summary>Descriptors on their way (SCM_RIGHTS); each holds a reference.</summary>
    public OpenFile[]? Rights { get; set; }

    /// <summary>Bytes read from it so far.</summary>
    public int Offset { get; set; }

    /// <summary>Bytes in it.</summary>
    public int Length { get; }

    /// <summary>What it counts against the sender's buffer.</summary>
    public int Cost { get; }

    /// <summary>Bytes not yet read.</summary>
    public ReadOnlySpan<byte> Rest => _bytes.AsSpan(Offset, Length - Offset);

    /// <summary>It was read, or is thrown away: gives the buffer back. The rights must have been taken or dropped before.</summary>
    public void Free()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Offset = Length;
    }
}

/// <summary>What a send is asked to do.</summary>
internal sealed class SendRequest(IoIterator data, MessageFlags flags)
{
    public IoIterator Data => data;

    public MessageFlags Flags => flags;

    /// <summary>sendto's address.</summary>
    public UnixAddress? To { get; init; }

    /// <summary>Descriptors to go along. The request owns their references until a message has taken them.</summary>
    public OpenFile[]? Rights { get; set; }

    /// <summary>Credentials that the sender gives; its own otherwise.</summary>
    public PeerCredential? Credential { get; init; }
}

/// <summary>What a receive is asked to do, and what it found.</summary>
internal sealed class ReceiveRequest(IoIterator data, MessageFlags flags)
{
    public IoIterator Data => data;

    public MessageFlags Flags => flags;

    public bool IsPeek => (flags & MessageFlags.Peek) != 0;

    /// <summary>The sender's address, if it has one.</summary>
    public UnixAddress? From { get; set; }

    /// <summary>Descriptors that came along; the request owns their references.</summary>
    public OpenFile[]? Rights { get; set; }

    /// <summary>Who sent it.</summary>
    public PeerCredential Credential { get; set; } = PeerCredential.None;

    /// <summary>msg_flags on return.</summary>
    public MessageFlags Found { get; set; }
}
