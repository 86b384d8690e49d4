using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Memory;
using Kennel.Signals;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>fork, vfork, clone, clone3: all of them are <see cref="LinuxTask.CloneAsync"/> with other arguments.</summary>
public static class CloneSyscalls
{
    private const int OldestSize = 64, SetTidEnd = 80, CgroupEnd = 88, MostLevels = 32;

    [Syscall(57, "fork")]
    public static ValueTask<SyscallResult> Fork(LinuxTask current) =>
        current.CloneAsync(new CloneArguments(CloneFlags.None) { ExitSignal = (int)Signal.SIGCHLD });

    [Syscall(58, "vfork")]
    public static ValueTask<SyscallResult> VFork(LinuxTask current) =>
        current.CloneAsync(new CloneArguments(CloneFlags.CLONE_VFORK | CloneFlags.CLONE_VM) { ExitSignal = (int)Signal.SIGCHLD });

    [Syscall(56, "clone")]
    public static ValueTask<SyscallResult> Clone(
        LinuxTask current, CloneFlags flags, GuestAddress stack, UserPtr<int> parentTid, UserPtr<int> childTid, GuestAddress tls)
    {
        flags = (CloneFlags)(uint)flags;
        return current.CloneAsync(new CloneArguments(flags & ~CloneFlags.ExitSignalMask)
        {
            ExitSignal = (int)(flags & CloneFlags.ExitSignalMask),
            StackPointer = stack.Value,
            ParentTid = parentTid.Address,
            PidFd = parentTid.Address,
            ChildTid = childTid.Address,
            ThreadPointer = tls.Value,
        });
    }

    /// <remarks>Linux: kernel/fork.c, copy_clone_args_from_user and clone3_args_valid.</remarks>
    [Syscall(435, "clone3")]
    public static ValueTask<SyscallResult> Clone3(LinuxTask current, UserPtr<CloneRecord> arguments, ulong size)
    {
        Errno error = CopyIn(current, arguments, size, out CloneRecord r);
        if (error != Errno.None) return new(error);
        int[]? wanted = null;
        if (r.SetTid == 0 != (r.SetTidSize == 0) || r.SetTidSize > MostLevels) return new(Errno.EINVAL);
        if ((r.ExitSignal & ~0xffUL) != 0 || r.ExitSignal > SignalSet.Count) return new(Errno.EINVAL);
        if (r.SetTidSize != 0)
        {
            wanted = new int[r.SetTidSize];
            if (!new UserPtr<int>(r.SetTid).TryRead(current.Memory, wanted)) return new(Errno.EFAULT);
        }
        if (!IsValid(r)) return new(Errno.EINVAL);
        return current.CloneAsync(new CloneArguments(r.Flags)
        {
            ExitSignal = (int)r.ExitSignal,
            StackPointer = r.Stack + r.StackSize,
            ParentTid = r.ParentTid,
            PidFd = r.PidFd,
            ChildTid = r.ChildTid,
            ThreadPointer = r.Tls,
            WantedIds = wanted,
        });
    }

    private static bool IsValid(in CloneRecord r)
    {
        const CloneFlags Known = (CloneFlags)0xffffffff | CloneFlags.CLONE_CLEAR_SIGHAND | CloneFlags.CLONE_INTO_CGROUP;
        const CloneFlags Refused = CloneFlags.CLONE_DETACHED | (CloneFlags.ExitSignalMask & ~CloneFlags.CLONE_NEWTIME);
        const CloneFlags Handlers = CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_CLEAR_SIGHAND;
        if ((r.Flags & ~Known) != 0 || (r.Flags & Refused) != 0) return false;
        if ((r.Flags & Handlers) == Handlers) return false;
        if ((r.Flags & (CloneFlags.CLONE_THREAD | CloneFlags.CLONE_PARENT)) != 0 && r.ExitSignal != 0) return false;
        if (r.Stack == 0) return r.StackSize == 0;
        return r.StackSize != 0 && r.Stack + r.StackSize >= r.Stack && r.Stack + r.StackSize <= AddressSpace.Top;
    }

    // Older programs pass a shorter struct, newer ones a longer one whose unknown rest must be zero (man 2 clone3, E2BIG).
    private static Errno CopyIn(LinuxTask current, UserPtr<CloneRecord> arguments, ulong size, out CloneRecord record)
    {
        record = default;
        if (size > 4096) return Errno.E2BIG;
        if (size < OldestSize) return Errno.EINVAL;
        Span<byte> known = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref record, 1));
        Span<byte> bytes = stackalloc byte[(int)size];
        if (!current.Memory!.CopyIn(arguments.Address, bytes)) return Errno.EFAULT;
        if (bytes.Length > CgroupEnd && bytes[CgroupEnd..].ContainsAnyExcept((byte)0)) return Errno.E2BIG;
        bytes[..Math.Min(bytes.Length, CgroupEnd)].CopyTo(known);
        if (size < SetTidEnd) (record.SetTid, record.SetTidSize) = (0, 0);
        return Errno.None;
    }
}

/// <summary>struct clone_args.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CloneRecord
{
    public CloneFlags Flags;
    public ulong PidFd, ChildTid, ParentTid, ExitSignal, Stack, StackSize, Tls, SetTid, SetTidSize, Cgroup;
}
