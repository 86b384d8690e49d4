using System.Text;
using Kennel.Abi;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>An open message Queue.</summary>
public sealed class PosixQueueFile : OpenFile
{
    private readonly Kernel _kernel;

    public PosixQueueFile(Kernel kernel, PosixQueue queue, OpenFlags flags)
        : base(flags)
    {
        _kernel = kernel;
        Queue = queue;
        queue.CountUser(1);
    }

    public PosixQueue Queue { get; }

    /// <inheritdoc/>
    public override string Description => $"/{Queue.Name}";

    /// <inheritdoc/>
    public override bool CanPoll => true;

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes)
    {
        attributes = Queue.Attributes;
        return Errno.None;
    }

    /// <summary>Sends a message, waiting for room until the deadline.</summary>
    public ValueTask<SyscallResult> SendAsync(LinuxTask current, byte[] message, uint priority, long deadline)
    {
        if (Queue.IsFull) return IsNonBlocking ? new(Errno.EAGAIN) : WaitAndSendAsync();
        return new(Queue.Add(current, message, priority));

        async ValueTask<SyscallResult> WaitAndSendAsync()
        {
            while (Queue.IsFull)
            {
                Errno e = await Queue.Senders.WaitAsync(current, Queue, static q => !q.IsFull, WaitMode.Interruptible, deadline, exclusive: true);
                if (e != Errno.None) return e;
            }
            return Queue.Add(current, message, priority);
        }
    }

    /// <summary>Receives a message, waiting for one until the deadline.</summary>
    public async ValueTask<(Errno Error, byte[]? Message, uint Priority)> ReceiveAsync(LinuxTask current, long deadline)
    {
        while (Queue.Count == 0)
        {
            if (IsNonBlocking) return (Errno.EAGAIN, null, 0);
            Errno e = await Queue.Receivers.WaitAsync(current, Queue, static q => q.Count > 0, WaitMode.Interruptible, deadline, exclusive: true);
            if (e != Errno.None) return (e, null, 0);
        }
        byte[] message = Queue.Take(out uint priority);
        return (Errno.None, message, priority);
    }

    /// <summary>What reading the descriptor shows (man 7 mq_overview).</summary>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        byte[] text = Encoding.ASCII.GetBytes($"QSIZE:{Queue.Bytes,-10} NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n");
        int from = (int)Math.Min(Position, text.Length);
        int want = (int)Math.Min(text.Length - from, destination.Remaining);
        int went = destination.CopyTo(text.AsSpan(from, want));
        Position += went;
        return new(went < want && went == 0 ? Errno.EFAULT : went);
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        table?.Listen(Queue.Receivers);
        table?.Listen(Queue.Senders);
        PollEvents events = PollEvents.None;
        if (Queue.Count > 0) events |= PollEvents.In | PollEvents.ReadNormal;
        if (!Queue.IsFull) events |= PollEvents.Out | PollEvents.WriteNormal;
        return events;
    }

    /// <inheritdoc/>
    public override void OnDescriptorClosed(FileTable owner)
    {
        if (_kernel.Current is { } current) Queue.Unregister(current.Group);
    }

    /// <inheritdoc/>
    protected override void OnReleased() => Queue.CountUser(-1);
}
