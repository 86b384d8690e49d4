using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Signals;

/// <summary>Signals that are read as a file (man 2 signalfd). Whoever reads takes signals of its own, not of who made the descriptor.</summary>
/// <remarks>Linux: fs/signalfd.c. guard-note: the kernel lock.</remarks>
internal sealed class SignalFile(Kernel kernel, ulong mask, OpenFlags flags) : OpenFile(flags)
{
    private const int RecordSize = 128;

    /// <summary>The signals that can be read here.</summary>
    public ulong Mask { get; set; } = mask & ~SignalSet.KernelOnly;

    /// <inheritdoc/>
    public override string Description => "anon_inode:[signalfd]";

    /// <inheritdoc/>
    public override bool CanPoll => true;

    /// <summary>There is no position, but asking for one is no error (Linux: noop_llseek).</summary>
    public override SyscallResult Seek(long offset, int whence) => 0;

    /// <inheritdoc/>
    public override async ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        if (destination.Remaining < RecordSize) return Errno.EINVAL;
        if (!HasSignal(current))
        {
            if (IsNonBlocking) return Errno.EAGAIN;
            Errno error = await current.Handlers!.Listeners.WaitAsync(
                current, (this, current), static s => s.Item1.HasSignal(s.current), WaitMode.Interruptible);
            if (error != Errno.None) return error;
        }
        long done = 0;
        while (destination.Remaining >= RecordSize && current.TryClearSignal(~Mask, out SignalInfo info))
        {
            if (!Copy(destination, info)) return done > 0 ? done : Errno.EFAULT;
            done += RecordSize;
        }
        return done;
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        LinuxTask? current = kernel.Current;
        if (current?.Handlers == null) return PollEvents.None;
        table?.Listen(current.Handlers.Listeners);
        return HasSignal(current) ? PollEvents.In | PollEvents.ReadNormal : PollEvents.None;
    }

    private bool HasSignal(LinuxTask current) => ((current.Pending.Mask | current.Group.Pending.Mask) & Mask) != 0;

    // struct signalfd_siginfo: 32-bit numbers mostly, whatever the kind of signal.
    private static bool Copy(IoIterator destination, in SignalInfo info)
    {
        Span<byte> record = stackalloc byte[RecordSize];
        record.Clear();
        Span<int> words = MemoryMarshal.Cast<byte, int>(record);
        words[0] = info.Number;
        words[1] = info.Error;
        words[2] = info.Code;
        bool isFault = info.Code > 0 && info.Code != SignalCode.Kernel && SignalSet.Synchronous.Has(info.Signal);
        if (isFault)
        {
            MemoryMarshal.Cast<byte, ulong>(record)[9] = info.Address; // ssi_addr
            return destination.CopyTo(record) == RecordSize;
        }
        if (info.Code == SignalCode.Timer)
        {
            words[6] = info.TimerId;
            words[8] = info.Overrun;
        }
        else
        {
            words[3] = info.Pid;
            words[4] = (int)info.Uid;
        }
        if (info.Signal == Signal.SIGCHLD && info.Code > 0)
        {
            words[10] = info.Status;
            MemoryMarshal.Cast<byte, long>(record)[7] = info.UserTicks;
            MemoryMarshal.Cast<byte, long>(record)[8] = info.SystemTicks;
        }
        else if (info.Code is SignalCode.Queue or SignalCode.Timer or SignalCode.MessageQueue)
        {
            words[11] = (int)info.Value;
            MemoryMarshal.Cast<byte, ulong>(record)[6] = info.Value;
        }
        return destination.CopyTo(record) == RecordSize;
    }
}
