using System.Runtime.InteropServices;

namespace Kennel.Abi;

/// <summary>struct mq_attr of x86-64 (64 bytes; man 3 mq_getattr).</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public struct MessageQueueAttributes
{
    public long Flags, MostMessages, MostBytes, Count;
}
