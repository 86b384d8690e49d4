using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Buffers that a system call names by address and length.</summary>
internal static class UserRange
{
    /// <summary>The most bytes that one call transfers (Linux: MAX_RW_COUNT).</summary>
    public const long TransferLimit = 0x7fff_f000;

    /// <summary>The greatest number of pieces (UIO_MAXIOV).</summary>
    public const int PieceLimit = 1024;

    /// <summary>Whether a range lies where user memory can be at all (Linux: access_ok).</summary>
    public static bool IsPossible(ulong address, ulong length) => length <= PageTable.AddressLimit && address <= PageTable.AddressLimit - length;

    /// <summary>An iterator over one buffer: EINVAL for a negative length, EFAULT for an impossible range.</summary>
    public static Errno Buffer(LinuxTask current, ulong address, ulong count, out IoIterator iterator)
    {
        iterator = current.Io;
        if ((long)count < 0) return Errno.EINVAL;
        if (!IsPossible(address, count)) return Errno.EFAULT;
        current.Io.Restart(current.Memory, address, (ulong)Math.Min((long)count, TransferLimit));
        return Errno.None;
    }

    /// <summary>An iterator over several buffers (Linux: lib/iov_iter.c, import_iovec).</summary>
    public static Errno Vector(LinuxTask current, UserPtr<IoVec> vector, ulong count, out IoIterator iterator)
    {
        iterator = current.Io;
        if (count > PieceLimit) return Errno.EINVAL;
        var pieces = new (ulong Address, ulong Length)[Math.Max((int)count, 1)];
        long left = TransferLimit;
        for (int i = 0; i < (int)count; i++)
        {
            if (!vector[i].TryRead(current.Memory, out IoVec piece)) return Errno.EFAULT;
            if ((long)piece.Length < 0) return Errno.EINVAL;
            if (!IsPossible(piece.Base, piece.Length)) return Errno.EFAULT;
            ulong length = (ulong)Math.Min((long)piece.Length, left);
            left -= (long)length;
            pieces[i] = (piece.Base, length);
        }
        iterator = new IoIterator(current.Memory, pieces);
        return Errno.None;
    }
}
