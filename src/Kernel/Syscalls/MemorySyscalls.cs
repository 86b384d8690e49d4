using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Mapping memory and changing mappings.</summary>
public static class MemorySyscalls
{
    [Syscall(9, "mmap")]
    public static SyscallResult Map(LinuxTask current, ulong address, ulong length, MemoryProtection protection, MapFlags flags, Fd fd, ulong offset)
    {
        if ((offset & 0xfff) != 0) return Errno.EINVAL;
        OpenFile? file = null;
        bool huge = (flags & MapFlags.MAP_HUGETLB) != 0;
        if ((flags & MapFlags.MAP_ANONYMOUS) == 0)
        {
            file = current.Files![fd];
            if (file == null || (file.Flags & OpenFlags.Path) != 0) return Errno.EBADF;
            if (huge) return Errno.EINVAL;
        }
        else if (huge)
        {
            return Errno.ENOMEM; // as on a machine whose pool of huge pages is empty
        }
        var access = (PageAccess)(protection & (MemoryProtection)7);
        Errno e = current.Memory!.Map(address, length, access, flags, file, (long)offset, out ulong result);
        return e != Errno.None ? e : (long)result;
    }

    [Syscall(11, "munmap")]
    public static SyscallResult Unmap(LinuxTask current, GuestAddress address, ulong length) =>
        current.Memory!.Unmap(address.Value, length);

    [Syscall(10, "mprotect")]
    public static SyscallResult Protect(LinuxTask current, GuestAddress address, ulong length, MemoryProtection protection) =>
        current.Memory!.Protect(address.Value, length, protection);

    [Syscall(329, "pkey_mprotect")]
    public static SyscallResult ProtectWithKey(LinuxTask current, GuestAddress address, ulong length, MemoryProtection protection, int key) =>
        key == -1 ? current.Memory!.Protect(address.Value, length, protection) : Errno.EINVAL;

    // This processor has no protection keys. Linux: mm/mprotect.c, pkey_alloc.
    [Syscall(330, "pkey_alloc")]
    public static SyscallResult AllocateKey(LinuxTask current, ulong flags, ulong rights) =>
        flags != 0 || (rights & ~3UL) != 0 ? Errno.EINVAL : Errno.ENOSPC;

    [Syscall(331, "pkey_free")]
    public static SyscallResult FreeKey(LinuxTask current, int key) => Errno.EINVAL;

    [Syscall(12, "brk")]
    public static SyscallResult Break(LinuxTask current, GuestAddress end) => (long)current.Memory!.SetBreak(end.Value);

    [Syscall(25, "mremap")]
    public static SyscallResult Remap(LinuxTask current, GuestAddress address, ulong oldLength, ulong newLength, RemapFlags flags, GuestAddress target)
    {
        Errno e = current.Memory!.Remap(address.Value, oldLength, newLength, flags, target.Value, out ulong result);
        return e != Errno.None ? e : (long)result;
    }

    [Syscall(28, "madvise")]
    public static SyscallResult Advise(LinuxTask current, GuestAddress address, ulong length, MemoryAdvice advice)
    {
        // Injecting memory errors is for the machine's owner. Linux: madvise_inject_error.
        if (advice is MemoryAdvice.MADV_HWPOISON or MemoryAdvice.MADV_SOFT_OFFLINE) return Errno.EPERM;
        return current.Memory!.Advise(address.Value, length, advice);
    }

    [Syscall(26, "msync")]
    public static SyscallResult Sync(LinuxTask current, GuestAddress address, ulong length, SyncFlags flags) =>
        current.Memory!.Sync(address.Value, length, flags);

    [Syscall(27, "mincore")]
    public static async ValueTask<SyscallResult> GetResidency(LinuxTask current, GuestAddress address, ulong length, UserPtr<byte> vector)
    {
        const int batch = 4096, work = 8; // instructions a page
        if ((address.Value & 0xfff) != 0) return Errno.EINVAL;
        if (length > AddressSpace.Top || address.Value > AddressSpace.Top - length) return Errno.ENOMEM;
        long pages = (long)((length + 0xfff) >> 12);
        if (pages > 0 && vector.Address > AddressSpace.Top - (ulong)pages) return Errno.EFAULT;
        var result = new byte[(int)Math.Min(pages, batch)];
        for (long done = 0; done < pages; done += result.Length)
        {
            int count = (int)Math.Min(result.Length, pages - done);
            Errno e = current.Memory!.GetResidency(address.Value + ((ulong)done << 12), result.AsSpan(0, count));
            if (e != Errno.None) return e;
            if (!new UserPtr<byte>(vector.Address + (ulong)done).TryWrite(current.Memory, result.AsSpan(0, count))) return Errno.EFAULT;
            await current.BreatheAsync((ulong)count * work);
            if (current.HasFatalSignal) return Errno.EINTR;
        }
        return 0;
    }
}
