using System.Buffers.Binary;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Time;

/// <summary>A timer that is read as a file (man 2 timerfd_create): each read answers how often it expired since the last.</summary>
/// <remarks>Linux: fs/timerfd.c. guard-note: the kernel lock.</remarks>
internal sealed class TimerFile : OpenFile
{
    private readonly WaitQueue _waiters = new();
    private readonly KernelTimer _timer;
    private readonly Timekeeper _time;
    private long _interval;
    private bool _hasExpired;

    public TimerFile(Timekeeper time, ClockId clock, OpenFlags flags)
        : base(flags)
    {
        _time = time;
        Clock = clock;
        _timer = new KernelTimer(time, () =>
        {
            _hasExpired = true;
            _waiters.WakeAll((int)PollEvents.In);
        });
    }

    public ClockId Clock { get; }

    /// <inheritdoc/>
    public override string Description => "anon_inode:[timerfd]";

    /// <inheritdoc/>
    public override bool CanPoll => true;

    /// <summary>Time left and interval.</summary>
    public (long Left, long Interval) Get()
    {
        if (_hasExpired && _interval > 0)
        {
            long late = (_time.Monotonic - _timer.Deadline) % _interval;
            return (_interval - late, _interval);
        }
        return (_timer.IsActive ? Math.Max(_timer.Deadline - _time.Monotonic, 1) : 0, _interval);
    }

    /// <summary>Starts it at a monotonic time; 0 stops it.</summary>
    public void Set(long deadline, long interval)
    {
        _timer.Cancel();
        _hasExpired = false;
        _interval = interval;
        if (deadline != 0) _timer.Start(deadline);
    }

    /// <summary>There is no position, but asking for one is no error (Linux: noop_llseek).</summary>
    public override SyscallResult Seek(long offset, int whence) => 0;

    /// <inheritdoc/>
    public override async ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        if (destination.Remaining < sizeof(ulong)) return Errno.EINVAL;
        if (!_hasExpired)
        {
            if (IsNonBlocking) return Errno.EAGAIN;
            Errno error = await _waiters.WaitAsync(current, this, static f => f._hasExpired, WaitMode.Interruptible);
            if (error != Errno.None) return error;
        }
        return CopyCount(destination);
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        table?.Listen(_waiters);
        return _hasExpired ? PollEvents.In | PollEvents.ReadNormal : PollEvents.None;
    }

    /// <inheritdoc/>
    protected override void OnReleased() => _timer.Cancel();

    private SyscallResult CopyCount(IoIterator destination)
    {
        long count = 1;
        _hasExpired = false;
        if (_interval > 0)
        {
            long missed = Math.Max(0, (_time.Monotonic - _timer.Deadline) / _interval);
            count += missed;
            _timer.Start(_timer.Deadline + ((missed + 1) * _interval));
        }
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, count);
        return destination.CopyTo(bytes) == bytes.Length ? bytes.Length : Errno.EFAULT;
    }
}
