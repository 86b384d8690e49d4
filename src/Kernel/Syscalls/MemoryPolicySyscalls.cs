using Kennel.Abi;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>
/// Which memory node pages come from (man 7 numa). The machine has one node, node 0, so every policy comes to the same; arguments
/// are checked, and the task's policy is the default one.
/// </summary>
public static class MemoryPolicySyscalls
{
    private const int Default = 0, Local = 4, Most = 6; // MPOL_DEFAULT, MPOL_LOCAL, MPOL_WEIGHTED_INTERLEAVE
    private const int ModeFlags = 0xe000; // MPOL_F_STATIC_NODES, MPOL_F_RELATIVE_NODES, MPOL_F_NUMA_BALANCING

    [Syscall(238, "set_mempolicy")]
    public static SyscallResult Set(LinuxTask current, int mode, UserPtr<ulong> nodes, ulong maxNode) => CheckPolicy(current, mode, nodes, maxNode);

    [Syscall(237, "mbind")]
    public static SyscallResult Bind(
        LinuxTask current, GuestAddress address, ulong length, int mode, UserPtr<ulong> nodes, ulong maxNode, uint flags)
    {
        if ((flags & ~7u) != 0 || (address.Value & 0xfff) != 0) return Errno.EINVAL;
        Errno e = CheckPolicy(current, mode, nodes, maxNode);
        if (e != Errno.None) return e;
        ulong end = address.Value + ((length + 0xfff) & ~0xfffUL);
        if (end < address.Value) return Errno.EINVAL;
        for (ulong at = address.Value; at < end;)
        {
            if (current.Memory!.Find(at) is not { } area) return Errno.EFAULT;
            at = area.End;
        }
        return 0;
    }

    // Linux: mm/mempolicy.c, do_get_mempolicy.
    [Syscall(239, "get_mempolicy")]
    public static SyscallResult Get(LinuxTask current, UserPtr<int> mode, UserPtr<ulong> nodes, ulong maxNode, GuestAddress address, ulong flags)
    {
        const ulong byNode = 1, byAddress = 2, allowed = 4;
        if ((flags & ~7UL) != 0) return Errno.EINVAL;
        if (!nodes.IsNull && maxNode < 1) return Errno.EINVAL;
        bool wantsAllowed = (flags & allowed) != 0;
        if (wantsAllowed && flags != allowed) return Errno.EINVAL;
        if ((flags & byAddress) != 0)
        {
            if (current.Memory!.Find(address.Value) == null) return Errno.EFAULT;
        }
        else if (address.Value != 0 || ((flags & byNode) != 0 && !wantsAllowed))
        {
            return Errno.EINVAL;
        }
        if (!mode.IsNull && !mode.TryWrite(current.Memory, Default)) return Errno.EFAULT;
        return nodes.IsNull ? 0 : CopyOut(current, nodes, maxNode, wantsAllowed ? 1UL : 0);
    }

    // One word tells of all nodes there are; what follows is cleared. Linux: mm/mempolicy.c, copy_nodes_to_user.
    private static SyscallResult CopyOut(LinuxTask current, UserPtr<ulong> nodes, ulong maxNode, ulong mask)
    {
        ulong size = unchecked(maxNode - 1 + 63) / 64 * sizeof(ulong);
        if (size > AddressSpace.PageSize) return Errno.EINVAL;
        Span<ulong> words = stackalloc ulong[(int)(size / sizeof(ulong))];
        words.Clear();
        if (!words.IsEmpty) words[0] = mask;
        return nodes.TryWrite(current.Memory, words) ? 0 : Errno.EFAULT;
    }

    [Syscall(450, "set_mempolicy_home_node")]
    public static SyscallResult SetHomeNode(LinuxTask current, GuestAddress start, ulong length, ulong node, ulong flags) =>
        flags != 0 || node != 0 || (start.Value & 0xfff) != 0 ? Errno.EINVAL : Errno.None;

    [Syscall(256, "migrate_pages")]
    public static SyscallResult Migrate(LinuxTask current, int pid, ulong maxNode, UserPtr<ulong> from, UserPtr<ulong> to)
    {
        if (pid != 0 && current.Find(pid) == null) return Errno.ESRCH;
        return 0; // there is no other node: no page is left behind
    }

    [Syscall(279, "move_pages")]
    public static async ValueTask<SyscallResult> Move(
        LinuxTask current, int pid, ulong count, UserPtr<ulong> pages, UserPtr<int> nodes, UserPtr<int> status, int flags)
    {
        const int move = 2, moveAll = 4, batch = 1024, work = 32; // instructions a page
        if ((flags & ~(move | moveAll)) != 0) return Errno.EINVAL;
        LinuxTask? target = pid == 0 ? current : current.Find(pid);
        if (target?.Memory == null) return Errno.ESRCH;
        if (!current.MayInspect(target)) return Errno.EPERM;
        for (ulong done = 0; done < count && done < int.MaxValue; done += batch)
        {
            int end = (int)Math.Min(done + batch, Math.Min(count, int.MaxValue));
            for (int i = (int)done; i < end; i++)
            {
                if (!pages[i].TryRead(current.Memory, out ulong address)) return Errno.EFAULT;
                if (!status[i].TryWrite(current.Memory, PlaceOf(target.Memory, address))) return Errno.EFAULT;
            }
            await current.BreatheAsync(batch * work);
            if (current.HasFatalSignal) return Errno.EINTR;
            if (target.Memory == null) return Errno.ESRCH; // it has ended meanwhile
        }
        return 0;
    }

    // The node, or why there is none.
    private static int PlaceOf(AddressSpace memory, ulong address)
    {
        if (memory.Find(address) == null) return -(int)Errno.EFAULT;
        return memory.Pages.Walk(address, out _).IsPresent ? 0 : -(int)Errno.ENOENT;
    }

    // Linux: mm/mempolicy.c, get_nodes and mpol_new.
    private static Errno CheckPolicy(LinuxTask current, int mode, UserPtr<ulong> nodes, ulong maxNode)
    {
        int policy = mode & ~ModeFlags;
        if (policy is < 0 or > Most) return Errno.EINVAL;
        bool isEmpty = nodes.IsNull || maxNode == 1;
        if (!isEmpty)
        {
            if (maxNode - 1 > AddressSpace.PageSize * 8) return Errno.EINVAL;
            var mask = new ulong[(int)((maxNode + 62) / 64)];
            if (!nodes.TryRead(current.Memory, mask)) return Errno.EFAULT;
            int last = (int)((maxNode - 1) % 64);
            if (last != 0) mask[^1] &= (1UL << last) - 1;
            isEmpty = Array.TrueForAll(mask, static w => w == 0);
            if (!isEmpty && (mask[0] != 1 || mask.AsSpan(1).ContainsAnyExcept(0UL))) return Errno.EINVAL; // a node that is not there
        }
        if (policy == Default) return isEmpty ? Errno.None : Errno.EINVAL;
        bool mayBeEmpty = policy is 1 or Local; // MPOL_PREFERRED
        return isEmpty && !mayBeEmpty ? Errno.EINVAL : policy == Local && !isEmpty ? Errno.EINVAL : Errno.None;
    }
}
