using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.FileSystems.Dev.Streams;

/// <summary>A guest's output into a .NET stream. One writer at a time empties the queue, in order; a full queue blocks the guest.</summary>
internal sealed class StreamOutputFile(Kernel kernel, Stream stream) : OpenFile(OpenFlags.WriteOnly)
{
    private const int Most = 256 << 10;

    private readonly WaitQueue _waiters = new();
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _queue = new(); // guard-note: _gate, with the fields below
    private int _queued;
    private bool _broken, _closing;
    private Task _writing = Task.CompletedTask;

    /// <inheritdoc/>
    public override string Description => Path!.Value.Dentry.Name;

    /// <inheritdoc/>
    public override bool CanPoll => true;

    private bool HasRoom
    {
        get
        {
            lock (_gate) return _broken || _queued < Most;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        if (source.Remaining == 0) return new(0);
        if (HasRoom) return new(Put(current, source));
        return IsNonBlocking ? new(Errno.EAGAIN) : WaitAndPutAsync(current, source);
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        table?.Listen(_waiters);
        lock (_gate)
        {
            if (_broken) return PollEvents.Error | PollEvents.Out | PollEvents.WriteNormal;
            return _queued < Most ? PollEvents.Out | PollEvents.WriteNormal : PollEvents.None;
        }
    }

    /// <summary>Completes when all written so far has gone into the stream.</summary>
    public async Task FlushAsync()
    {
        Task writing;
        lock (_gate) writing = _writing;
        await writing.ConfigureAwait(false);
        lock (_gate)
        {
            if (_broken) return;
        }
        await stream.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the stream behind what is queued: its reader sees the end of the file. Any thread.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_closing) return;
            _closing = true;
            if (_writing.IsCompleted) _writing = Task.Run(WriteAllAsync);
        }
    }

    /// <inheritdoc/>
    protected override void OnReleased() => Close();

    private async ValueTask<SyscallResult> WaitAndPutAsync(LinuxTask current, IoIterator source)
    {
        Errno e = await _waiters.WaitAsync(current, this, static f => f.HasRoom, WaitMode.Interruptible);
        return e != Errno.None ? e : Put(current, source);
    }

    private SyscallResult Put(LinuxTask current, IoIterator source)
    {
        byte[] bytes = new byte[Math.Min(source.Remaining, Most)];
        int came = source.CopyFrom(bytes);
        if (came == 0) return Errno.EFAULT;
        lock (_gate)
        {
            if (!_broken)
            {
                _queue.Enqueue(came == bytes.Length ? bytes : bytes[..came]);
                _queued += came;
                if (_writing.IsCompleted) _writing = Task.Run(WriteAllAsync);
                return came;
            }
        }
        FileSignals.BrokenPipe(current);
        return Errno.EPIPE;
    }

    private async Task WriteAllAsync()
    {
        while (true)
        {
            byte[]? bytes;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out bytes))
                {
                    _writing = Task.CompletedTask;
                    if (!_closing) return;
                }
            }
            if (bytes == null)
            {
                await CloseStreamAsync().ConfigureAwait(false);
                return;
            }
            bool failed = false;
            try
            {
                await stream.WriteAsync(bytes).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
            {
                failed = true; // the guest's next write answers EPIPE
            }
            lock (_gate)
            {
                _queued -= bytes.Length;
                if (failed)
                {
                    _broken = true;
                    _queue.Clear();
                    _queued = 0;
                }
            }
            kernel.Post(() => _waiters.WakeAll((int)(PollEvents.Out | PollEvents.WriteNormal)));
        }
    }

    private async Task CloseStreamAsync()
    {
        try
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Its reader is gone: nobody is left to be told.
        }
    }
}
