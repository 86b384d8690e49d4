using Kennel.Abi;
using Kennel.Ipc;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>System V message queues (man 2 msgget, msgop, msgctl).</summary>
public static class MessageQueueSyscalls
{
    private const int StatIndex = 11, Usage = 12, StatAny = 13; // MSG_STAT and so on

    [Syscall(68, "msgget")]
    public static SyscallResult Get(LinuxTask current, int key, IpcFlags flags)
    {
        IpcNamespace ipc = current.Kernel.Ipc;
        Errno e = ipc.MessageQueues.Get(
            current, key, flags, static _ => Errno.None, () => (Errno.None, new MessageQueue(current, ipc, key, (uint)flags)), out int id);
        return e != Errno.None ? e : id;
    }

    [Syscall(69, "msgsnd")]
    public static async ValueTask<SyscallResult> Send(LinuxTask current, int id, UserPtr<long> message, ulong size, IpcFlags flags)
    {
        if (!message.TryRead(current.Memory, out long type)) return Errno.EFAULT;
        if (size > MessageQueue.LargestMessage || id < 0 || type < 1) return Errno.EINVAL;
        var content = new byte[(int)size];
        if (!current.Memory!.CopyIn(message.Address + sizeof(long), content)) return Errno.EFAULT;
        Errno e = current.Kernel.Ipc.MessageQueues.Find(id, out MessageQueue? queue);
        return e != Errno.None ? e : await queue!.SendAsync(current, type, content, (flags & IpcFlags.IPC_NOWAIT) == 0);
    }

    [Syscall(70, "msgrcv")]
    public static async ValueTask<SyscallResult> Receive(LinuxTask current, int id, UserPtr<long> message, ulong size, long type, IpcFlags flags)
    {
        if (id < 0 || (long)size < 0) return Errno.EINVAL;
        bool copies = (flags & IpcFlags.MSG_COPY) != 0;
        if (copies && ((flags & IpcFlags.MSG_EXCEPT) != 0 || (flags & IpcFlags.IPC_NOWAIT) == 0)) return Errno.EINVAL;
        if (type == long.MinValue) type = -long.MaxValue;
        Errno e = current.Kernel.Ipc.MessageQueues.Find(id, out MessageQueue? queue);
        if (e != Errno.None) return e;
        (e, long got, byte[] content) = await queue!.ReceiveAsync(current, type, (long)size, flags);
        if (e != Errno.None) return e;
        int length = (int)Math.Min((ulong)content.Length, size);
        if (!message.TryWrite(current.Memory, got)) return Errno.EFAULT;
        return current.Memory!.CopyOut(message.Address + sizeof(long), content.AsSpan(0, length)) ? length : Errno.EFAULT;
    }

    [Syscall(71, "msgctl")]
    public static SyscallResult Control(LinuxTask current, int id, int command, GuestAddress buffer)
    {
        if (id < 0 || command < 0) return Errno.EINVAL;
        IpcTable<MessageQueue> table = current.Kernel.Ipc.MessageQueues;
        if (command is (int)IpcCommand.IPC_INFO or Usage) return WriteLimits(current, buffer.Value, command == Usage);
        bool byIndex = command is StatIndex or StatAny;
        Errno e = byIndex ? table.FindAt(id, out MessageQueue? queue) : table.Find(id, out queue);
        if (e != Errno.None) return e;
        switch (command)
        {
            case (int)IpcCommand.IPC_STAT or StatIndex or StatAny:
                if (command != StatAny && (e = queue!.Check(current.Credential, 0x124)) != Errno.None) return e;
                if (!new UserPtr<MessageQueueRecord>(buffer.Value).TryWrite(current.Memory, queue!.Describe(current))) return Errno.EFAULT;
                return byIndex ? queue.Id : 0;
            case (int)IpcCommand.IPC_SET:
                if (!new UserPtr<MessageQueueRecord>(buffer.Value).TryRead(current.Memory, out MessageQueueRecord to)) return Errno.EFAULT;
                e = queue!.CheckOwner(current.Credential);
                if (e == Errno.None) e = queue.SetMostBytes(current.Credential, to.MostBytes);
                if (e == Errno.None) queue.Change(to.Permission);
                return e;
            case (int)IpcCommand.IPC_RMID:
                if ((e = queue!.CheckOwner(current.Credential)) == Errno.None) queue.Remove();
                return e;
            default:
                return Errno.EINVAL;
        }
    }

    // Linux: msgctl_info.
    private static SyscallResult WriteLimits(LinuxTask current, ulong buffer, bool usage)
    {
        IpcTable<MessageQueue> table = current.Kernel.Ipc.MessageQueues;
        var limits = new MessageLimits
        {
            Pool = usage ? table.All.Count : IpcNamespace.MostQueues * MessageQueue.DefaultBytes / 1024,
            Map = usage ? table.All.Sum(static q => q.Count) : MessageQueue.DefaultBytes,
            LargestMessage = MessageQueue.LargestMessage,
            MostBytes = MessageQueue.DefaultBytes,
            Queues = IpcNamespace.MostQueues,
            SegmentSize = 16,
            Messages = usage ? (int)table.All.Sum(static q => q.Bytes) : MessageQueue.DefaultBytes,
            Segments = 0xffff,
        };
        return new UserPtr<MessageLimits>(buffer).TryWrite(current.Memory, limits) ? table.GreatestIndex : Errno.EFAULT;
    }
}
