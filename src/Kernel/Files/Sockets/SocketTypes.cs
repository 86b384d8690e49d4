using System.Runtime.InteropServices;

namespace Kennel.Files.Sockets;

/// <summary>SOCK_* (man 2 socket).</summary>
public enum SocketType
{
    Stream = 1,
    Datagram = 2,
    Raw = 3,
    SequencedPacket = 5,
}

/// <summary>MSG_* (man 2 send, man 2 recv).</summary>
[Flags]
public enum MessageFlags : uint
{
    None = 0,
    OutOfBand = 1,
    Peek = 2,

    /// <summary>Control data did not fit; set on return.</summary>
    ControlTruncated = 8,

    /// <summary>On return: the datagram did not fit. On a call: tell its full length.</summary>
    Truncated = 0x20,
    DontWait = 0x40,
    EndOfRecord = 0x80,
    WaitAll = 0x100,
    ErrorQueue = 0x2000,
    NoSignal = 0x4000,
    WaitForOne = 0x10000,

    /// <summary>Descriptors that come with the message are closed on exec (MSG_CMSG_CLOEXEC).</summary>
    CloseOnExec = 0x40000000,
}

/// <summary>Which directions are over.</summary>
[Flags]
public enum ShutdownSides
{
    None = 0,
    Receive = 1,
    Send = 2,
    Both = 3,
}

/// <summary>struct ucred: who sent a message, or who is at the other end (man 7 unix).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct PeerCredential(int Pid, uint Uid, uint Gid)
{
    /// <summary>Nobody: no peer, or credentials that were not sent.</summary>
    public static readonly PeerCredential None = new(0, uint.MaxValue, uint.MaxValue);

    /// <summary>Those of a task, as SO_PEERCRED shows them.</summary>
    public static PeerCredential Of(Tasks.LinuxTask task) =>
        new(task.Group.Leader.Numbers.In(task.Numbers.Owner).Value, task.Credential.EffectiveUid, task.Credential.EffectiveGid);
}
