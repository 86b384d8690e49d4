using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Memory;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>An end of a pipe, or both in one (a FIFO opened for reading and writing). Linux: fs/pipe.c.</summary>
public sealed class PipeFile : OpenFile
{
    private const int ReadKey = (int)(PollEvents.In | PollEvents.ReadNormal), WriteKey = (int)(PollEvents.Out | PollEvents.WriteNormal);

    private static readonly Func<Pipe, bool> CanReadNow = static p => !p.IsEmpty || p.Writers == 0;
    private static readonly Func<Pipe, bool> CanWriteNow = static p => !p.IsFull || p.Readers == 0;

    private readonly int _silentUntilWriter;

    /// <param name="pipe">The buffer; this end is counted there until the file is released.</param>
    /// <param name="flags">O_*.</param>
    /// <param name="beforeWriter">A FIFO's reader that was opened before any writer: no hang-up is told until one has come.</param>
    public PipeFile(Pipe pipe, OpenFlags flags, bool beforeWriter = false)
        : base(flags)
    {
        Pipe = pipe;
        _silentUntilWriter = beforeWriter ? pipe.WriterGeneration : -1;
        if (IsReadable) pipe.Readers++;
        if (IsWritable) pipe.Writers++;
    }

    /// <summary>The buffer.</summary>
    public Pipe Pipe { get; }

    /// <inheritdoc/>
    public override string Description => Path?.Dentry.Name ?? "pipe:[0]";

    /// <inheritdoc/>
    public override bool CanPoll => true;

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset) => Read(current, destination);

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset) => Write(current, source);

    [KernelFunction("fs/pipe.c", "ssize_t pipe_read(struct file *file = this, size_t count = destination.Remaining)")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // into the override above
    internal ValueTask<SyscallResult> Read(LinuxTask current, IoIterator destination)
    {
        if (destination.Remaining == 0) return new(0);
        if (Pipe.IsEmpty) return ReadSlowAsync(current, destination);
        return new(TakeNow(destination));
    }

    [KernelFunction("fs/pipe.c", "ssize_t pipe_write(struct file *file = this, size_t count = source.Remaining)")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // into the override above
    internal ValueTask<SyscallResult> Write(LinuxTask current, IoIterator source)
    {
        if (source.Remaining == 0) return new(0);
        if (Pipe.Readers == 0) return new(Broken(current, 0));
        long written = 0;
        Errno error = PutNow(source, ref written);
        if (source.Remaining == 0 || error != Errno.None) return new(written > 0 ? written : error);
        if (IsNonBlocking) return new(written > 0 ? written : Errno.EAGAIN);
        return WriteSlowAsync(current, source, written);
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private async ValueTask<SyscallResult> ReadSlowAsync(LinuxTask current, IoIterator destination)
    {
        while (Pipe.IsEmpty)
        {
            if (Pipe.Writers == 0) return 0;
            if (IsNonBlocking) return Errno.EAGAIN;
            Errno e = await Pipe.ReadWaiters.WaitAsync(current, Pipe, CanReadNow, WaitMode.Interruptible, exclusive: true);
            if (e == Errno.None) continue;
            if (!Pipe.IsEmpty) Pipe.ReadWaiters.Wake(ReadKey); // the wake-up may have been meant for the next reader
            return e;
        }
        SyscallResult result = TakeNow(destination);
        if (!Pipe.IsEmpty) Pipe.ReadWaiters.Wake(ReadKey);
        return result;
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private async ValueTask<SyscallResult> WriteSlowAsync(LinuxTask current, IoIterator source, long written)
    {
        while (true)
        {
            Errno e = await Pipe.WriteWaiters.WaitAsync(current, Pipe, CanWriteNow, WaitMode.Interruptible, exclusive: true);
            if (e != Errno.None)
            {
                if (!Pipe.IsFull) Pipe.WriteWaiters.Wake(WriteKey);
                return written > 0 ? written : e;
            }
            if (Pipe.Readers == 0) return Broken(current, written);
            e = PutNow(source, ref written);
            if (e == Errno.None && source.Remaining > 0) continue;
            if (!Pipe.IsFull) Pipe.WriteWaiters.Wake(WriteKey);
            return written > 0 ? written : e;
        }
    }

    /// <summary>For splice: 1 when there are bytes, 0 at the end of file, or an error.</summary>
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    internal async ValueTask<SyscallResult> WaitForBytesAsync(LinuxTask current, bool nonBlocking)
    {
        if (Pipe.IsEmpty && Pipe.Writers > 0)
        {
            if (nonBlocking || IsNonBlocking) return Errno.EAGAIN;
            Errno e = await Pipe.ReadWaiters.WaitAsync(current, Pipe, CanReadNow, WaitMode.Interruptible);
            if (e != Errno.None) return e;
        }
        return Pipe.IsEmpty ? 0 : 1;
    }

    /// <summary>For splice: 1 when there is a free slot, or an error.</summary>
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    internal async ValueTask<SyscallResult> WaitForRoomAsync(LinuxTask current, bool nonBlocking)
    {
        if (Pipe.Readers > 0 && Pipe.IsFull)
        {
            if (nonBlocking || IsNonBlocking) return Errno.EAGAIN;
            Errno e = await Pipe.WriteWaiters.WaitAsync(current, Pipe, CanWriteNow, WaitMode.Interruptible);
            if (e != Errno.None) return e;
        }
        return Pipe.Readers == 0 ? Broken(current, 0) : 1;
    }

    /// <summary>For splice: drops bytes of the first slot and tells writers.</summary>
    internal void Consume(int bytes)
    {
        Pipe.Consume(bytes);
        Pipe.WriteWaiters.Wake(WriteKey);
    }

    /// <summary>For splice: adds part of a frame and tells readers; takes over one reference.</summary>
    internal void PushShared(int frame, int offset, int length)
    {
        Pipe.PushShared(frame, offset, length);
        Pipe.ReadWaiters.Wake(ReadKey);
    }

    private SyscallResult TakeNow(IoIterator destination)
    {
        bool wasFull = Pipe.IsFull;
        Errno error = Errno.None;
        long taken = Pipe.Take(destination, ref error);
        if ((wasFull && !Pipe.IsFull) || Pipe.IsPolled) Pipe.WriteWaiters.Wake(WriteKey);
        if (taken > 0) Path?.Inode.Touch(modified: false);
        return taken > 0 ? taken : error;
    }

    private Errno PutNow(IoIterator source, ref long written)
    {
        bool wasEmpty = Pipe.IsEmpty;
        Errno error = Errno.None;
        bool packets = (Flags & OpenFlags.Direct) != 0;
        long before = written;
        if (!packets) written += Pipe.Merge(source, ref error);
        if (error == Errno.None) written += Pipe.Fill(source, packets, ref error);
        if (written == before) return error;
        if (wasEmpty || Pipe.IsPolled) Pipe.ReadWaiters.Wake(ReadKey);
        Path?.Inode.Touch(modified: true);
        return error;
    }

    private static SyscallResult Broken(LinuxTask current, long written)
    {
        FileSignals.BrokenPipe(current);
        return written > 0 ? written : Errno.EPIPE;
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        Pipe.IsPolled = true;
        if (IsReadable) table?.Listen(Pipe.ReadWaiters);
        if (IsWritable) table?.Listen(Pipe.WriteWaiters);
        PollEvents events = PollEvents.None;
        if (IsReadable)
        {
            if (!Pipe.IsEmpty) events |= PollEvents.In | PollEvents.ReadNormal;
            if (Pipe.Writers == 0 && Pipe.WriterGeneration != _silentUntilWriter) events |= PollEvents.HangUp;
        }
        if (IsWritable)
        {
            if (!Pipe.IsFull) events |= PollEvents.Out | PollEvents.WriteNormal;
            if (Pipe.Readers == 0) events |= PollEvents.Error;
        }
        return events;
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> IoctlAsync(LinuxTask current, uint command, ulong argument)
    {
        if (command != Ioctl.BytesToRead) return new(Errno.ENOTTY);
        return new(new UserPtr<int>(argument).TryWrite(current.Memory, Pipe.Buffered) ? Errno.None : Errno.EFAULT);
    }

    /// <inheritdoc/>
    protected override void OnReleased()
    {
        if (IsReadable) Pipe.Readers--;
        if (IsWritable) Pipe.Writers--;
        Pipe.EndClosed();
        if (Pipe.Readers == 0 && Pipe.Writers == 0 && Inode is { } inode && inode.FifoPipe == Pipe) inode.FifoPipe = null;
    }
}
