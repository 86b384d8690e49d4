using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.FileSystems.Dev.Streams;

/// <summary>A guest's input from a .NET stream, read a buffer ahead on the thread pool.</summary>
internal sealed class StreamInputFile(Kernel kernel, Stream stream) : OpenFile(OpenFlags.ReadOnly)
{
    private readonly WaitQueue _waiters = new();
    private readonly byte[] _buffer = new byte[64 << 10];
    private int _start, _end;
    private bool _reading, _ended;
    private Errno _error;

    /// <inheritdoc/>
    public override string Description => Path!.Value.Dentry.Name;

    /// <inheritdoc/>
    public override bool CanPoll => true;

    private bool IsReady => _start < _end || _ended;

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        if (destination.Remaining == 0) return new(0);
        if (IsReady) return new(Take(destination));
        Fill();
        return IsNonBlocking ? new(Errno.EAGAIN) : WaitAndTakeAsync(current, destination);
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        if (!IsReady) Fill();
        table?.Listen(_waiters);
        if (_start < _end) return PollEvents.In | PollEvents.ReadNormal;
        return _ended ? PollEvents.HangUp : PollEvents.None;
    }

    /// <summary>Whoever writes to the stream learns that nobody reads any more.</summary>
    protected override void OnReleased() => ThreadPool.UnsafeQueueUserWorkItem(static s => s.Dispose(), stream, preferLocal: false);

    private async ValueTask<SyscallResult> WaitAndTakeAsync(LinuxTask current, IoIterator destination)
    {
        Errno e = await _waiters.WaitAsync(current, this, static f => f.IsReady, WaitMode.Interruptible);
        return e != Errno.None ? e : Take(destination);
    }

    private SyscallResult Take(IoIterator destination)
    {
        if (_start == _end) return _error != Errno.None ? _error : 0;
        int went = destination.CopyTo(_buffer.AsSpan(_start, _end - _start));
        _start += went;
        return went == 0 ? Errno.EFAULT : went;
    }

    private void Fill()
    {
        if (_reading || _ended) return;
        _reading = true;
        _ = Task.Run(async () =>
        {
            int got = 0;
            Errno error = Errno.None;
            try
            {
                got = await stream.ReadAsync(_buffer).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
            {
                error = Errno.EIO; // the guest reads it
            }
            kernel.Post(() => Filled(got, error));
        });
    }

    private void Filled(int got, Errno error)
    {
        (_start, _end, _error, _reading) = (0, got, error, false);
        _ended = got == 0;
        _waiters.WakeAll((int)(PollEvents.In | PollEvents.ReadNormal | PollEvents.HangUp));
    }
}
