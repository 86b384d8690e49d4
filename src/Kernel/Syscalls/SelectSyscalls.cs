using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>Waiting for any of several files, by bit sets (man 2 select; Linux: fs/select.c, core_sys_select).</summary>
public static class SelectSyscalls
{
    private const PollEvents Readable = PollEvents.In | PollEvents.ReadNormal | PollEvents.ReadBand | PollEvents.HangUp | PollEvents.Error;
    private const PollEvents Writable = PollEvents.Out | PollEvents.WriteNormal | PollEvents.WriteBand | PollEvents.Error;
    private const PollEvents Exceptional = PollEvents.Priority;

    [Syscall(23, "select")]
    public static ValueTask<SyscallResult> Select(
        LinuxTask current, int count, UserPtr<ulong> readable, UserPtr<ulong> writable, UserPtr<ulong> exceptional, UserPtr<TimeVal> timeout)
    {
        long deadline = Deadlines.Never;
        if (!timeout.IsNull)
        {
            if (!timeout.TryRead(current.Memory, out TimeVal value)) return new(Errno.EFAULT);
            if (value.Seconds < 0 || value.Microseconds < 0) return new(Errno.EINVAL);
            var time = new TimeSpec { Seconds = value.Seconds + (value.Microseconds / 1_000_000), Nanoseconds = value.Microseconds % 1_000_000 * 1000 };
            deadline = Deadlines.FromNanoseconds(current, time.ToNanoseconds());
        }
        return TimeLeft.Update(current, timeout, deadline, SelectUntil(current, count, readable, writable, exceptional, deadline));
    }

    [Syscall(270, "pselect6")]
    public static ValueTask<SyscallResult> PSelect(
        LinuxTask current, int count, UserPtr<ulong> readable, UserPtr<ulong> writable, UserPtr<ulong> exceptional, UserPtr<TimeSpec> timeout,
        UserPtr<ulong> maskAndSize)
    {
        Errno e = Deadlines.Read(current, timeout, out long deadline);
        if (e != Errno.None) return new(e);
        ulong mask = 0, size = 0;
        if (!maskAndSize.IsNull && !(maskAndSize.TryRead(current.Memory, out mask) && maskAndSize[1].TryRead(current.Memory, out size))) return new(Errno.EFAULT);
        ValueTask<SyscallResult> waiting = TemporaryMask.Run(
            current, new UserPtr<ulong>(mask), size, () => SelectUntil(current, count, readable, writable, exceptional, deadline));
        return TimeLeft.Update(current, timeout, deadline, waiting);
    }

    private static ValueTask<SyscallResult> SelectUntil(
        LinuxTask current, int count, UserPtr<ulong> readable, UserPtr<ulong> writable, UserPtr<ulong> exceptional, long deadline)
    {
        if (count < 0) return new(Errno.EINVAL);
        count = Math.Min(count, Math.Max(current.Files!.Capacity, 256)); // bits behind the table are not looked at
        var sets = new SelectSets(count, readable, writable, exceptional);
        Errno e = sets.Read(current);
        if (e != Errno.None) return new(e);
        int ready = Scan(current, sets, null);
        if (ready != 0 || deadline == Deadlines.Now) return new(Answer(current, sets, ready));
        return SleepAsync(current, sets, deadline);
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private static async ValueTask<SyscallResult> SleepAsync(LinuxTask current, SelectSets sets, long deadline)
    {
        using var waiter = new PollWaiter();
        PollTable? table = waiter.Table;
        while (true)
        {
            waiter.Reset();
            int ready = Scan(current, sets, table);
            table = null;
            if (ready != 0) return Answer(current, sets, ready);
            Errno e = await waiter.WaitAsync(current, deadline);
            if (e == Errno.None) continue;
            ready = Scan(current, sets, null);
            if (ready != 0 || e == Errno.ETIMEDOUT) return Answer(current, sets, ready);
            return Errno.ERESTARTNOHAND;
        }
    }

    // Answers the number of bits set, or -EBADF.
    private static int Scan(LinuxTask current, SelectSets sets, PollTable? table)
    {
        int ready = 0;
        sets.ClearResults();
        for (int fd = 0; fd < sets.Count; fd++)
        {
            if (!sets.IsAsked(fd)) continue;
            OpenFile? file = current.FileAt(new Fd(fd));
            if (file == null) return -(int)Errno.EBADF;
            PollEvents events = file.Poll(table);
            if ((events & Readable) != 0 && sets.Report(0, fd)) ready++;
            if ((events & Writable) != 0 && sets.Report(1, fd)) ready++;
            if ((events & Exceptional) != 0 && sets.Report(2, fd)) ready++;
        }
        return ready;
    }

    private static SyscallResult Answer(LinuxTask current, SelectSets sets, int ready)
    {
        if (ready < 0) return ready;
        return sets.Write(current) ? ready : Errno.EFAULT;
    }
}

/// <summary>The three sets of a select: what is asked, and what is found.</summary>
internal sealed class SelectSets(int count, UserPtr<ulong> readable, UserPtr<ulong> writable, UserPtr<ulong> exceptional)
{
    private readonly UserPtr<ulong>[] _pointers = [readable, writable, exceptional];
    private readonly ulong[][] _asked = [new ulong[(count + 63) / 64], new ulong[(count + 63) / 64], new ulong[(count + 63) / 64]];
    private readonly ulong[][] _found = [new ulong[(count + 63) / 64], new ulong[(count + 63) / 64], new ulong[(count + 63) / 64]];

    /// <summary>One past the greatest descriptor.</summary>
    public int Count => count;

    public Errno Read(LinuxTask current)
    {
        for (int i = 0; i < 3; i++)
        {
            if (!_pointers[i].IsNull && _asked[i].Length > 0 && !_pointers[i].TryRead(current.Memory, _asked[i])) return Errno.EFAULT;
        }
        return Errno.None;
    }

    public bool Write(LinuxTask current)
    {
        for (int i = 0; i < 3; i++)
        {
            if (!_pointers[i].IsNull && _found[i].Length > 0 && !_pointers[i].TryWrite(current.Memory, _found[i].AsSpan())) return false;
        }
        return true;
    }

    public bool IsAsked(int fd) => ((_asked[0][fd >> 6] | _asked[1][fd >> 6] | _asked[2][fd >> 6]) >> (fd & 63) & 1) != 0;

    /// <summary>Sets a bit, if it is asked for.</summary>
    public bool Report(int set, int fd)
    {
        ulong bit = 1UL << (fd & 63);
        if ((_asked[set][fd >> 6] & bit) == 0) return false;
        _found[set][fd >> 6] |= bit;
        return true;
    }

    public void ClearResults()
    {
        foreach (ulong[] set in _found) Array.Clear(set);
    }
}
