using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Signals;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>Waiting for any of several files (man 2 poll; Linux: fs/select.c, do_sys_poll).</summary>
public static class PollSyscalls
{
    private const PollEvents Always = PollEvents.Error | PollEvents.HangUp;

    [Syscall(7, "poll")]
    public static ValueTask<SyscallResult> Poll(LinuxTask current, UserPtr<PollFdStruct> files, uint count, int timeout) =>
        new PollRestart(files, count, Deadlines.FromMilliseconds(current, timeout)).RestartAsync(current);

    [Syscall(271, "ppoll")]
    public static ValueTask<SyscallResult> PPoll(
        LinuxTask current, UserPtr<PollFdStruct> files, uint count, UserPtr<TimeSpec> timeout, UserPtr<ulong> mask, ulong size)
    {
        Errno e = Deadlines.Read(current, timeout, out long deadline);
        if (e != Errno.None) return new(e);
        ValueTask<SyscallResult> waiting = TemporaryMask.Run(current, mask, size, () => PollUntil(current, files, count, deadline));
        return TimeLeft.Update(current, timeout, deadline, waiting);
    }

    private static ValueTask<SyscallResult> PollUntil(LinuxTask current, UserPtr<PollFdStruct> files, uint count, long deadline)
    {
        if (count > (uint)FileLimits.OpenFiles(current)) return new(Errno.EINVAL);
        var set = new PollFdStruct[count];
        if (count > 0 && !files.TryRead(current.Memory, set)) return new(Errno.EFAULT);
        int ready = Scan(current, set, null);
        if (ready > 0 || deadline == Deadlines.Now) return new(Answer(current, files, set, ready));
        return SleepAsync(current, files, set, deadline);
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private static async ValueTask<SyscallResult> SleepAsync(LinuxTask current, UserPtr<PollFdStruct> files, PollFdStruct[] set, long deadline)
    {
        using var waiter = new PollWaiter();
        PollTable? table = waiter.Table;
        while (true)
        {
            waiter.Reset();
            int ready = Scan(current, set, table);
            table = null;
            if (ready > 0) return Answer(current, files, set, ready);
            Errno e = await waiter.WaitAsync(current, deadline);
            if (e == Errno.None) continue;
            ready = Scan(current, set, null);
            if (ready > 0 || e == Errno.ETIMEDOUT) return Answer(current, files, set, ready);
            return Errno.ERESTARTNOHAND;
        }
    }

    private static int Scan(LinuxTask current, PollFdStruct[] set, PollTable? table)
    {
        int ready = 0;
        foreach (ref PollFdStruct entry in set.AsSpan())
        {
            entry.ReturnedEvents = 0;
            if (entry.Fd < 0) continue;
            OpenFile? file = current.FileAt(new Fd(entry.Fd));
            PollEvents events = file == null ? PollEvents.Invalid : file.Poll(table) & ((PollEvents)(ushort)entry.Events | Always);
            entry.ReturnedEvents = (short)events;
            if (events != PollEvents.None) ready++;
        }
        return ready;
    }

    private static SyscallResult Answer(LinuxTask current, UserPtr<PollFdStruct> files, PollFdStruct[] set, int ready)
    {
        const int returnedEventsOffset = 6;
        for (int i = 0; i < set.Length; i++)
        {
            if (!new UserPtr<short>(files[i].Address + returnedEventsOffset).TryWrite(current.Memory, set[i].ReturnedEvents)) return Errno.EFAULT;
        }
        return ready;
    }

    // A signal without a handler leaves a poll waiting for the rest of its time only.
    private sealed class PollRestart(UserPtr<PollFdStruct> files, uint count, long deadline) : RestartBlock
    {
        public override ValueTask<SyscallResult> RestartAsync(LinuxTask current)
        {
            ValueTask<SyscallResult> polling = PollUntil(current, files, count, deadline);
            return polling.IsCompletedSuccessfully ? polling : FinishAsync(current, polling);
        }

        [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
        private async ValueTask<SyscallResult> FinishAsync(LinuxTask current, ValueTask<SyscallResult> polling)
        {
            SyscallResult result = await polling;
            if (result.Error != Errno.ERESTARTNOHAND) return result;
            current.RestartBlock = this;
            return Errno.ERESTART_RESTARTBLOCK;
        }
    }
}
