using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>POSIX message queues (man 7 mq_overview; Linux: ipc/mqueue.c). Names come without their slash.</summary>
public static class PosixQueueSyscalls
{
    private const int DefaultMessages = 10, DefaultBytes = 8192, HardMessages = 65536, HardBytes = 16 << 20, QueueLimit = 256;
    private const uint GreatestPriority = 32768;

    [Syscall(240, "mq_open")]
    public static SyscallResult Open(LinuxTask current, UserString name, OpenFlags flags, uint mode, UserPtr<MessageQueueAttributes> attributes)
    {
        Errno e = ReadName(current, name, out string text);
        if (e != Errno.None) return e;
        Dictionary<string, PosixQueue> queues = current.Kernel.Vfs.PosixQueues;
        if (queues.TryGetValue(text, out PosixQueue? queue))
        {
            if ((flags & (OpenFlags.Create | OpenFlags.Exclusive)) == (OpenFlags.Create | OpenFlags.Exclusive)) return Errno.EEXIST;
            AccessMode access = (flags & OpenFlags.AccessMode) switch
            {
                OpenFlags.ReadOnly => AccessMode.Read,
                OpenFlags.WriteOnly => AccessMode.Write,
                _ => AccessMode.Read | AccessMode.Write,
            };
            e = Permissions.Check(queue.Attributes, current.Credential, access);
            if (e != Errno.None) return e;
        }
        else
        {
            if ((flags & OpenFlags.Create) == 0) return Errno.ENOENT;
            e = Make(current, text, mode, attributes, out queue);
            if (e != Errno.None) return e;
        }
        var file = new PosixQueueFile(current.Kernel, queue!, flags & (OpenFlags.AccessMode | OpenFlags.NonBlock));
        SyscallResult fd = Descriptors.Install(current, file, (flags & OpenFlags.CloseOnExec) != 0);
        if (!fd.IsError) queues[text] = queue!;
        return fd;
    }

    [Syscall(241, "mq_unlink")]
    public static SyscallResult Unlink(LinuxTask current, UserString name)
    {
        Errno e = ReadName(current, name, out string text);
        if (e != Errno.None) return e;
        if (!current.Kernel.Vfs.PosixQueues.TryGetValue(text, out PosixQueue? queue)) return Errno.ENOENT;
        if (!Permissions.IsOwner(queue.Attributes, current.Credential)) return Errno.EACCES;
        current.Kernel.Vfs.PosixQueues.Remove(text);
        queue.Unlink();
        return 0;
    }

    [Syscall(242, "mq_timedsend")]
    public static ValueTask<SyscallResult> Send(LinuxTask current, Fd fd, UserPtr<byte> message, ulong length, uint priority, UserPtr<TimeSpec> deadline)
    {
        Errno e = ReadDeadline(current, deadline, out long until);
        if (e != Errno.None) return new(e);
        if (priority >= GreatestPriority) return new(Errno.EINVAL);
        if (current.FileAt(fd) is not PosixQueueFile { IsWritable: true } file) return new(Errno.EBADF);
        if (length > (ulong)file.Queue.MostBytes) return new(Errno.EMSGSIZE);
        var bytes = new byte[length];
        if (!message.TryRead(current.Memory, bytes.AsSpan())) return new(Errno.EFAULT);
        return Keep(file, file.SendAsync(current, bytes, priority, until));
    }

    [Syscall(243, "mq_timedreceive")]
    public static ValueTask<SyscallResult> Receive(
        LinuxTask current, Fd fd, UserPtr<byte> buffer, ulong length, UserPtr<uint> priority, UserPtr<TimeSpec> deadline)
    {
        Errno e = ReadDeadline(current, deadline, out long until);
        if (e != Errno.None) return new(e);
        if (current.FileAt(fd) is not PosixQueueFile { IsReadable: true } file) return new(Errno.EBADF);
        return length < (ulong)file.Queue.MostBytes ? new(Errno.EMSGSIZE) : Keep(file, ReceiveAsync());

        async ValueTask<SyscallResult> ReceiveAsync()
        {
            (Errno error, byte[]? bytes, uint found) = await file.ReceiveAsync(current, until);
            if (error != Errno.None) return error;
            if (!priority.IsNull && !priority.TryWrite(current.Memory, found)) return Errno.EFAULT;
            return buffer.TryWrite(current.Memory, bytes.AsSpan()) ? bytes!.Length : Errno.EFAULT;
        }
    }

    [Syscall(244, "mq_notify")]
    public static SyscallResult Notify(LinuxTask current, Fd fd, UserPtr<SignalEvent> request)
    {
        const int signal = 0, none = 1;
        SignalEvent value = default;
        if (!request.IsNull && !request.TryRead(current.Memory, out value)) return Errno.EFAULT;
        if (!request.IsNull && value.Notify is not (signal or none)) return Errno.EINVAL; // SIGEV_THREAD needs netlink
        if (value.Notify == signal && value.Signal is < 0 or > 64) return Errno.EINVAL;
        if (current.FileAt(fd) is not PosixQueueFile file) return Errno.EBADF;
        if (request.IsNull)
        {
            file.Queue.Unregister(current.Group);
            return 0;
        }
        var info = new SignalInfo { Number = value.Notify == signal ? value.Signal : 0, Code = SignalCode.MessageQueue, Value = value.Value };
        return file.Queue.Register(current.Group, info);
    }

    [Syscall(245, "mq_getsetattr")]
    public static SyscallResult GetSetAttributes(
        LinuxTask current, Fd fd, UserPtr<MessageQueueAttributes> changed, UserPtr<MessageQueueAttributes> before)
    {
        MessageQueueAttributes value = default;
        if (!changed.IsNull && !changed.TryRead(current.Memory, out value)) return Errno.EFAULT;
        if ((value.Flags & ~(long)OpenFlags.NonBlock) != 0) return Errno.EINVAL;
        if (current.FileAt(fd) is not PosixQueueFile file) return Errno.EBADF;
        var now = new MessageQueueAttributes
        {
            Flags = (long)(file.Flags & OpenFlags.NonBlock),
            MostMessages = file.Queue.MostMessages,
            MostBytes = file.Queue.MostBytes,
            Count = file.Queue.Count,
        };
        if (!changed.IsNull) file.Flags = (file.Flags & ~OpenFlags.NonBlock) | ((OpenFlags)value.Flags & OpenFlags.NonBlock);
        return before.IsNull || before.TryWrite(current.Memory, now) ? 0 : Errno.EFAULT;
    }

    // Linux: mqueue_get_inode and mq_attr_ok.
    private static Errno Make(LinuxTask current, string name, uint mode, UserPtr<MessageQueueAttributes> attributes, out PosixQueue? queue)
    {
        queue = null;
        int messages = DefaultMessages, bytes = DefaultBytes;
        bool mayExceed = current.Credential.Has(Capability.SysResource);
        if (!attributes.IsNull)
        {
            if (!attributes.TryRead(current.Memory, out MessageQueueAttributes a)) return Errno.EFAULT;
            if (a.MostMessages <= 0 || a.MostBytes <= 0) return Errno.EINVAL;
            if (a.MostMessages > (mayExceed ? HardMessages : DefaultMessages) || a.MostBytes > (mayExceed ? HardBytes : DefaultBytes)) return Errno.EINVAL;
            (messages, bytes) = ((int)a.MostMessages, (int)a.MostBytes);
        }
        if (current.Kernel.Vfs.PosixQueues.Count >= QueueLimit && !mayExceed) return Errno.ENOSPC;
        const int treeNode = 88; // what Linux counts besides the bytes
        if ((ulong)messages * (ulong)(bytes + treeNode) > current.Group.Limits.Soft(Resource.MessageQueue)) return Errno.EMFILE;
        queue = new PosixQueue(current.Kernel.Vfs, name, mode & ~current.Fs!.Umask & 0xfff, current.Credential, messages, bytes);
        return Errno.None;
    }

    private static Errno ReadName(LinuxTask current, UserString name, out string text)
    {
        Errno e = name.TryReadPath(current.Memory, out text);
        if (e != Errno.None) return e;
        if (text.Length == 0) return Errno.ENOENT;
        if (text.Contains('/')) return Errno.EACCES;
        return text.Length > PathWalk.NameLimit ? Errno.ENAMETOOLONG : Errno.None;
    }

    // An absolute time of the real-time clock.
    private static Errno ReadDeadline(LinuxTask current, UserPtr<TimeSpec> deadline, out long until)
    {
        until = Deadlines.Never;
        if (deadline.IsNull) return Errno.None;
        if (!deadline.TryRead(current.Memory, out TimeSpec value)) return Errno.EFAULT;
        if (!value.IsValid) return Errno.EINVAL;
        until = value.ToNanoseconds() - current.Kernel.Time.Realtime + current.Kernel.Time.Monotonic;
        return Errno.None;
    }

    private static ValueTask<SyscallResult> Keep(PosixQueueFile file, ValueTask<SyscallResult> call)
    {
        return call.IsCompletedSuccessfully ? call : KeepAsync();

        async ValueTask<SyscallResult> KeepAsync()
        {
            file.AddReference();
            SyscallResult result = await call;
            file.Release();
            return result;
        }
    }
}
