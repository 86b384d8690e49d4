using Kennel.Abi;
using Kennel.Ipc;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>System V semaphores (man 2 semget, semop, semctl).</summary>
public static class SemaphoreSyscalls
{
    // GETPID and so on.
    private const int GetPid = 11, GetValue = 12, GetAll = 13, GetWaiting = 14, GetWaitingForZero = 15, SetValue = 16, SetAll = 17,
        StatIndex = 18, Usage = 19, StatAny = 20;

    [Syscall(64, "semget")]
    public static SyscallResult Get(LinuxTask current, int key, int count, IpcFlags flags)
    {
        if (count is < 0 or > SemaphoreSet.MostPerSet) return Errno.EINVAL;
        IpcNamespace ipc = current.Kernel.Ipc;
        Errno e = ipc.SemaphoreSets.Get(current, key, flags, s => count > s.Count ? Errno.EINVAL : Errno.None, Make, out int id);
        return e != Errno.None ? e : id;

        (Errno, SemaphoreSet?) Make()
        {
            if (count == 0) return (Errno.EINVAL, null);
            if (ipc.Semaphores + count > SemaphoreSet.MostInAll) return (Errno.ENOSPC, null);
            return (Errno.None, new SemaphoreSet(current, ipc, key, (uint)flags, count));
        }
    }

    [Syscall(65, "semop")]
    public static ValueTask<SyscallResult> Operate(LinuxTask current, int id, UserPtr<SemaphoreOperation> operations, ulong count) =>
        OperateTimed(current, id, operations, count, default);

    [Syscall(220, "semtimedop")]
    public static async ValueTask<SyscallResult> OperateTimed(
        LinuxTask current, int id, UserPtr<SemaphoreOperation> operations, ulong count, UserPtr<TimeSpec> timeout)
    {
        Errno e = Deadlines.Read(current, timeout, out long deadline);
        if (e != Errno.None) return e;
        if (count < 1 || id < 0) return Errno.EINVAL;
        if (count > SemaphoreSet.MostPerCall) return Errno.E2BIG;
        var list = new SemaphoreOperation[(int)count];
        if (!operations.TryRead(current.Memory, list)) return Errno.EFAULT;
        e = current.Kernel.Ipc.SemaphoreSets.Find(id, out SemaphoreSet? set);
        return e != Errno.None ? e : await set!.OperateAsync(current, list, deadline);
    }

    [Syscall(66, "semctl")]
    public static SyscallResult Control(LinuxTask current, int id, int number, int command, ulong argument)
    {
        if (id < 0) return Errno.EINVAL;
        IpcTable<SemaphoreSet> table = current.Kernel.Ipc.SemaphoreSets;
        if (command is (int)IpcCommand.IPC_INFO or Usage) return WriteLimits(current, argument, command == Usage);
        bool byIndex = command is StatIndex or StatAny;
        Errno e = byIndex ? table.FindAt(id, out SemaphoreSet? found) : table.Find(id, out found);
        if (e != Errno.None) return e;
        SemaphoreSet set = found!;
        switch (command)
        {
            case (int)IpcCommand.IPC_STAT or StatIndex or StatAny:
                if (command != StatAny && (e = set.Check(current.Credential, 0x124)) != Errno.None) return e;
                if (!new UserPtr<SemaphoreSetRecord>(argument).TryWrite(current.Memory, set.DescribeSet())) return Errno.EFAULT;
                return byIndex ? set.Id : 0;
            case (int)IpcCommand.IPC_SET:
                if (!new UserPtr<SemaphoreSetRecord>(argument).TryRead(current.Memory, out SemaphoreSetRecord to)) return Errno.EFAULT;
                if ((e = set.CheckOwner(current.Credential)) == Errno.None) set.Change(to.Permission);
                return e;
            case (int)IpcCommand.IPC_RMID:
                if ((e = set.CheckOwner(current.Credential)) == Errno.None) set.Remove();
                return e;
            case GetAll or SetAll:
                return command == GetAll ? ReadAll(current, set, argument) : WriteAll(current, set, argument);
            case GetPid or GetValue or GetWaiting or GetWaitingForZero or SetValue:
                return One(current, set, number, command, (int)argument);
            default:
                return Errno.EINVAL;
        }
    }

    private static SyscallResult One(LinuxTask current, SemaphoreSet set, int number, int command, int value)
    {
        if (command == SetValue && value is < 0 or > SemaphoreSet.GreatestValue) return Errno.ERANGE;
        if (command == SetValue && (uint)number >= (uint)set.Count) return Errno.EINVAL;
        Errno e = set.Check(current.Credential, command == SetValue ? 0x92u : 0x124u);
        if (e != Errno.None) return e;
        if ((uint)number >= (uint)set.Count) return Errno.EINVAL;
        switch (command)
        {
            case GetValue: return set.ValueOf(number);
            case GetPid: return set.LastOf(number, current);
            case GetWaiting: return set.CountWaiting(number, forZero: false);
            case GetWaitingForZero: return set.CountWaiting(number, forZero: true);
            default:
                set.SetValues(current, number, [(ushort)value]);
                return 0;
        }
    }

    private static SyscallResult ReadAll(LinuxTask current, SemaphoreSet set, ulong array)
    {
        Errno e = set.Check(current.Credential, 0x124);
        if (e != Errno.None) return e;
        var values = new ushort[set.Count];
        for (int i = 0; i < values.Length; i++) values[i] = (ushort)set.ValueOf(i);
        return new UserPtr<ushort>(array).TryWrite(current.Memory, values) ? Errno.None : Errno.EFAULT;
    }

    private static SyscallResult WriteAll(LinuxTask current, SemaphoreSet set, ulong array)
    {
        Errno e = set.Check(current.Credential, 0x92);
        if (e != Errno.None) return e;
        var values = new ushort[set.Count];
        if (!new UserPtr<ushort>(array).TryRead(current.Memory, values)) return Errno.EFAULT;
        if (Array.Exists(values, static v => v > SemaphoreSet.GreatestValue)) return Errno.ERANGE;
        set.SetValues(current, 0, values);
        return 0;
    }

    // Linux: semctl_info.
    private static SyscallResult WriteLimits(LinuxTask current, ulong buffer, bool usage)
    {
        IpcNamespace ipc = current.Kernel.Ipc;
        var limits = new SemaphoreLimits
        {
            Map = 1024000000,
            Sets = IpcNamespace.MostSets,
            Semaphores = 1024000000,
            Undos = 1024000000,
            PerSet = SemaphoreSet.MostPerSet,
            PerCall = SemaphoreSet.MostPerCall,
            UndosPerProcess = SemaphoreSet.MostPerCall,
            UndoSize = usage ? ipc.SemaphoreSets.All.Count : 20,
            GreatestValue = SemaphoreSet.GreatestValue,
            GreatestAdjustment = usage ? ipc.Semaphores : SemaphoreSet.GreatestValue,
        };
        return new UserPtr<SemaphoreLimits>(buffer).TryWrite(current.Memory, limits) ? ipc.SemaphoreSets.GreatestIndex : Errno.EFAULT;
    }
}
