using Kennel.Abi;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>One process reaching into another's memory (man 2 process_vm_readv; Linux: mm/process_vm_access.c).</summary>
public static class ProcessMemorySyscalls
{
    private const int Batch = 1 << 16;

    [Syscall(310, "process_vm_readv")]
    public static SyscallResult Read(
        LinuxTask current, int pid, UserPtr<IoVec> local, ulong localCount, UserPtr<IoVec> remote, ulong remoteCount, ulong flags) =>
        Transfer(current, pid, local, localCount, remote, remoteCount, flags, write: false);

    [Syscall(311, "process_vm_writev")]
    public static SyscallResult Write(
        LinuxTask current, int pid, UserPtr<IoVec> local, ulong localCount, UserPtr<IoVec> remote, ulong remoteCount, ulong flags) =>
        Transfer(current, pid, local, localCount, remote, remoteCount, flags, write: true);

    [Syscall(440, "process_madvise")]
    public static SyscallResult Advise(
        LinuxTask current, Fd pidfd, UserPtr<IoVec> vector, ulong count, MemoryAdvice advice, uint flags)
    {
        if (flags != 0) return Errno.EINVAL;
        if (current.Files![pidfd] == null) return Errno.EBADF;
        // Only hints that change nothing the process can see may be given to it from outside.
        return advice is MemoryAdvice.MADV_COLD or MemoryAdvice.MADV_PAGEOUT or MemoryAdvice.MADV_WILLNEED or MemoryAdvice.MADV_COLLAPSE
            ? Errno.EPERM
            : Errno.EINVAL;
    }

    private static SyscallResult Transfer(
        LinuxTask current, int pid, UserPtr<IoVec> local, ulong localCount, UserPtr<IoVec> remote, ulong remoteCount, ulong flags, bool write)
    {
        if (flags != 0) return Errno.EINVAL;
        Errno e = ReadVector(current, local, localCount, out (ulong, ulong)[] here);
        if (e == Errno.None) e = ReadVector(current, remote, remoteCount, out _);
        if (e != Errno.None) return e;
        ReadVector(current, remote, remoteCount, out (ulong Address, ulong Length)[] there);
        long total = Sum(here);
        if (total == 0 || Sum(there) == 0) return 0;

        LinuxTask? target = current.Find(pid);
        if (target?.Memory == null) return Errno.ESRCH;
        if (!current.MayInspect(target)) return Errno.EPERM;
        var mine = new Files.IoIterator(current.Memory!, here);
        long done = 0;
        var buffer = new byte[(int)Math.Min(Batch, total)];
        foreach ((ulong address, ulong length) in there)
        {
            for (ulong at = 0; at < length && done < total;)
            {
                Span<byte> part = buffer.AsSpan(0, (int)Math.Min((ulong)buffer.Length, Math.Min(length - at, (ulong)(total - done))));
                int moved = write ? PutThere(target.Memory, address + at, mine, part) : GetThere(target.Memory, address + at, mine, part);
                done += moved;
                at += (ulong)moved;
                if (moved < part.Length) return done > 0 ? done : Errno.EFAULT;
            }
        }
        return done;
    }

    private static int GetThere(AddressSpace memory, ulong address, Files.IoIterator mine, Span<byte> buffer) =>
        mine.CopyTo(buffer[..memory.CopyInPartial(address, buffer)]);

    private static int PutThere(AddressSpace memory, ulong address, Files.IoIterator mine, Span<byte> buffer) =>
        memory.CopyOutPartial(address, buffer[..mine.CopyFrom(buffer)]);

    private static Errno ReadVector(LinuxTask current, UserPtr<IoVec> vector, ulong count, out (ulong, ulong)[] pieces)
    {
        pieces = [];
        if (count > UserRange.PieceLimit) return Errno.EINVAL;
        pieces = new (ulong, ulong)[(int)count];
        long total = 0;
        for (int i = 0; i < pieces.Length; i++)
        {
            if (!vector[i].TryRead(current.Memory, out IoVec piece)) return Errno.EFAULT;
            if ((long)piece.Length < 0 || total + (long)piece.Length < 0) return Errno.EINVAL;
            total += (long)piece.Length;
            pieces[i] = (piece.Base, piece.Length);
        }
        return Errno.None;
    }

    private static long Sum((ulong, ulong Length)[] pieces)
    {
        ulong sum = 0;
        foreach ((_, ulong length) in pieces) sum += length;
        return (long)Math.Min(sum, (ulong)UserRange.TransferLimit);
    }
}
