using Kennel.Abi;
using Kennel.FileSystems.Host;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.FileSystems.Dev.Streams;

/// <summary>
/// A descriptor of the host as a guest's open file. Nothing is buffered: a guest's read or write is the host's, once the host says
/// that it will not block; until then the guest sleeps. For regular files the position is the host's own.
/// </summary>
internal sealed class HostDescriptorFile(HostStreamInode inode, HostPoller poller, int hostFd, OpenFlags flags, bool ownsFd = false) : OpenFile(flags)
{
    private const int SafeWrite = 4096; // PIPE_BUF: a pipe that can be written to has room for that

    private readonly WaitQueue _waiters = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 << 10, pinned: true);
    private bool _waitsForInput, _waitsForOutput;

    /// <inheritdoc/>
    public override bool IsSeekable => inode.Type is FileType.Regular or FileType.BlockDevice;

    /// <inheritdoc/>
    public override bool CanPoll => !IsSeekable;

    /// <inheritdoc/>
    public override long Position
    {
        get => HostCalls.Seek(hostFd, 0, 1, out long position) == Errno.None ? position : 0;
        set => HostCalls.Seek(hostFd, value, 0, out _);
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        if (destination.Remaining == 0) return new(0);
        return IsSeekable ? new(ReadAt(destination, offset)) : ReadStreamAsync(current, destination);
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        if (source.Remaining == 0) return new(0);
        return IsSeekable ? new(WriteAt(current, source, offset)) : WriteStreamAsync(current, source);
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        if (IsSeekable) return base.Poll(table);
        const int known = (int)(PollEvents.In | PollEvents.Out | PollEvents.Error | PollEvents.HangUp);
        short asked = (short)((IsReadable ? HostPoller.In : 0) | (IsWritable ? HostPoller.Out : 0));
        var ready = (PollEvents)(HostPoller.Look(hostFd, asked) & known);
        if (table != null)
        {
            table.Listen(_waiters);
            if (IsReadable && (ready & PollEvents.In) == 0) AwaitInput();
            if (IsWritable && (ready & PollEvents.Out) == 0) AwaitOutput();
        }
        if ((ready & PollEvents.In) != 0) ready |= PollEvents.ReadNormal;
        if ((ready & PollEvents.Out) != 0) ready |= PollEvents.WriteNormal;
        return ready;
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> IoctlAsync(LinuxTask current, uint command, ulong argument)
    {
        if (command != Ioctl.BytesToRead) return new(Errno.ENOTTY);
        Errno error = HostCalls.BytesToRead(hostFd, out int count);
        if (error != Errno.None) return new(error);
        return new(new UserPtr<int>(argument).TryWrite(current.Memory, count) ? 0 : Errno.EFAULT);
    }

    /// <inheritdoc/>
    public override Errno Sync() => HostCalls.Sync(hostFd);

    /// <inheritdoc/>
    protected override void OnReleased()
    {
        if (!ownsFd) return;
        poller.Forget(hostFd);
        HostCalls.CloseFd(hostFd);
    }

    private SyscallResult ReadAt(IoIterator destination, long offset)
    {
        long done = 0;
        while (destination.Remaining > 0)
        {
            int wanted = (int)Math.Min(_buffer.Length, destination.Remaining);
            Errno error = HostCalls.ReadAt(hostFd, _buffer.AsSpan(0, wanted), offset + done, out int got);
            if (error != Errno.None) return done > 0 ? done : error;
            int went = destination.CopyTo(_buffer.AsSpan(0, got));
            done += went;
            if (went < got) return done > 0 ? done : Errno.EFAULT;
            if (got < wanted) break;
        }
        return done;
    }

    private SyscallResult WriteAt(LinuxTask current, IoIterator source, long offset)
    {
        long done = 0;
        while (source.Remaining > 0)
        {
            int came = source.CopyFrom(_buffer.AsSpan(0, (int)Math.Min(_buffer.Length, source.Remaining)));
            if (came == 0) return done > 0 ? done : Errno.EFAULT;
            Errno error = HostCalls.WriteAt(hostFd, _buffer.AsSpan(0, came), offset + done, out int written);
            done += written;
            if (error != Errno.None || written < came) return done > 0 ? done : Failed(current, error);
        }
        return done;
    }

    private async ValueTask<SyscallResult> ReadStreamAsync(LinuxTask current, IoIterator destination)
    {
        while (true)
        {
            if (HostPoller.Look(hostFd, HostPoller.In) != 0)
            {
                int wanted = (int)Math.Min(_buffer.Length, destination.Remaining);
                Errno error = HostCalls.ReadNow(hostFd, _buffer.AsSpan(0, wanted), out int got);
                if (error == Errno.None)
                {
                    int went = destination.CopyTo(_buffer.AsSpan(0, got));
                    return went == 0 && got > 0 ? Errno.EFAULT : went;
                }
                if (error != Errno.EAGAIN) return error;
            }
            if (IsNonBlocking) return Errno.EAGAIN;
            AwaitInput();
            Errno e = await _waiters.WaitAsync(current, this, static f => !f._waitsForInput, WaitMode.Interruptible);
            if (e != Errno.None) return e;
        }
    }

    private async ValueTask<SyscallResult> WriteStreamAsync(LinuxTask current, IoIterator source)
    {
        long done = 0;
        while (source.Remaining > 0)
        {
            if (HostPoller.Look(hostFd, HostPoller.Out) == 0)
            {
                if (IsNonBlocking) return done > 0 ? done : Errno.EAGAIN;
                AwaitOutput();
                Errno e = await _waiters.WaitAsync(current, this, static f => !f._waitsForOutput, WaitMode.Interruptible);
                if (e != Errno.None) return done > 0 ? done : e;
                continue;
            }
            int came = source.CopyFrom(_buffer.AsSpan(0, (int)Math.Min(SafeWrite, source.Remaining)));
            if (came == 0) return done > 0 ? done : Errno.EFAULT;
            Errno error = HostCalls.WriteNow(hostFd, _buffer.AsSpan(0, came), out int written);
            done += written;
            if (written < came) source.Revert(came - written);
            if (error is not (Errno.None or Errno.EAGAIN)) return done > 0 ? done : Failed(current, error);
        }
        return done;
    }

    private static SyscallResult Failed(LinuxTask current, Errno error)
    {
        if (error == Errno.EPIPE) FileSignals.BrokenPipe(current);
        return error;
    }

    private void AwaitInput()
    {
        if (_waitsForInput) return;
        _waitsForInput = true;
        poller.Watch(hostFd, HostPoller.In, () =>
        {
            _waitsForInput = false;
            _waiters.WakeAll((int)(PollEvents.In | PollEvents.ReadNormal | PollEvents.HangUp));
        });
    }

    private void AwaitOutput()
    {
        if (_waitsForOutput) return;
        _waitsForOutput = true;
        poller.Watch(hostFd, HostPoller.Out, () =>
        {
            _waitsForOutput = false;
            _waiters.WakeAll((int)(PollEvents.Out | PollEvents.WriteNormal | PollEvents.Error));
        });
    }
}
