using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>A counter to wait for (man 2 eventfd; Linux: fs/eventfd.c).</summary>
public sealed class EventFile(OpenFlags flags, ulong count, bool isSemaphore) : OpenFile(flags | OpenFlags.ReadWrite)
{
    private const ulong Greatest = ulong.MaxValue - 1;

    private readonly WaitQueue _waiters = new();
    private ulong _count = count;

    /// <inheritdoc/>
    public override string Description => "anon_inode:[eventfd]";

    /// <inheritdoc/>
    public override bool CanPoll => true;

    /// <summary>The counter now, as /proc/PID/fdinfo shows it.</summary>
    public ulong Count => _count;

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        if (destination.Remaining < sizeof(ulong)) return new(Errno.EINVAL);
        if (_count != 0) return new(Take(destination));
        return IsNonBlocking ? new(Errno.EAGAIN) : SleepAsync();

        async ValueTask<SyscallResult> SleepAsync()
        {
            Errno e = await _waiters.WaitAsync(current, this, static f => f._count != 0, WaitMode.Interruptible);
            return e != Errno.None ? e : Take(destination);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        if (source.Remaining < sizeof(ulong)) return new(Errno.EINVAL);
        ulong value = 0;
        if (source.CopyFrom(MemoryMarshal.AsBytes(new Span<ulong>(ref value))) < sizeof(ulong)) return new(Errno.EFAULT);
        if (value == ulong.MaxValue) return new(Errno.EINVAL);
        if (value <= Greatest - _count) return new(Add(value));
        return IsNonBlocking ? new(Errno.EAGAIN) : SleepAsync();

        async ValueTask<SyscallResult> SleepAsync()
        {
            Errno e = await _waiters.WaitAsync(current, (this, value), static s => s.value <= Greatest - s.Item1._count, WaitMode.Interruptible);
            return e != Errno.None ? e : Add(value);
        }
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        table?.Listen(_waiters);
        PollEvents events = PollEvents.None;
        if (_count > 0) events |= PollEvents.In;
        if (_count == ulong.MaxValue) events |= PollEvents.Error;
        if (_count < Greatest) events |= PollEvents.Out;
        return events;
    }

    private SyscallResult Take(IoIterator destination)
    {
        ulong value = isSemaphore ? 1 : _count;
        _count -= value;
        _waiters.WakeAll((int)PollEvents.Out);
        return destination.CopyTo(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value))) < sizeof(ulong) ? Errno.EFAULT : sizeof(ulong);
    }

    private SyscallResult Add(ulong value)
    {
        _count += value;
        _waiters.WakeAll((int)PollEvents.In);
        return sizeof(ulong);
    }
}
