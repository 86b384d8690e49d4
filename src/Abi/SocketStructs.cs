using System.Runtime.InteropServices;

namespace Kennel.Abi;

/// <summary>struct msghdr of x86-64 (56 bytes; man 2 recvmsg).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MessageHeader
{
    public ulong Name;
    public int NameLength, Padding;
    public ulong Vector, VectorLength, Control, ControlLength;
    public uint Flags, Padding2;
}

/// <summary>struct mmsghdr (64 bytes; man 2 recvmmsg).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MultiMessageHeader
{
    public MessageHeader Header;
    public uint Length, Padding;
}

/// <summary>struct cmsghdr (16 bytes; man 3 cmsg).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ControlHeader
{
    /// <summary>Bytes with the header.</summary>
    public ulong Length;
    public int Level, Type;
}
