using Kennel.Abi;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>Random bytes for guest memory: getrandom, /dev/random and /dev/urandom.</summary>
public static class RandomBytes
{
    private const int Chunk = 4096, Sip = 16 * Chunk;

    /// <summary>Fills what is left; a signal ends it early, but not within the first page. Linux: drivers/char/random.c, get_random_bytes_user.</summary>
    public static ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination)
    {
        if (destination.Remaining > Sip) return ReadMuchAsync(current, destination);
        long done = Fill(current, destination, destination.Remaining);
        return new(done > 0 || destination.Total == 0 ? done : Errno.EFAULT);
    }

    private static async ValueTask<SyscallResult> ReadMuchAsync(LinuxTask current, IoIterator destination)
    {
        long done = 0;
        while (destination.Remaining > 0)
        {
            long wanted = Math.Min(Sip, destination.Remaining), went = Fill(current, destination, wanted);
            done += went;
            if (went < wanted) return done > 0 ? done : Errno.EFAULT;
            await current.BreatheAsync(Sip);
            if (current.HasPendingSignal) break;
        }
        return done;
    }

    private static long Fill(LinuxTask current, IoIterator destination, long length)
    {
        Span<byte> buffer = stackalloc byte[Chunk];
        long done = 0;
        while (done < length)
        {
            Span<byte> part = buffer[..(int)Math.Min(Chunk, length - done)];
            current.Kernel.Host.FillRandom(part);
            int went = destination.CopyTo(part);
            done += went;
            if (went < part.Length) break;
        }
        return done;
    }
}
