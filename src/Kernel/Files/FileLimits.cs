using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>How far files may grow, and how many may be open (man 2 getrlimit).</summary>
public static class FileLimits
{
    /// <summary>The largest file offset (Linux: MAX_LFS_FILESIZE on x86-64).</summary>
    public const long MaxOffset = long.MaxValue;

    /// <summary>Shortens a write to what RLIMIT_FSIZE lets through; EFBIG when that is nothing. Linux: generic_write_checks.</summary>
    public static Errno CheckWrite(LinuxTask current, IoIterator source, long offset)
    {
        long limit = SizeLimit(current);
        if (offset >= limit)
        {
            if (limit != MaxOffset) ExceedSize(current);
            return Errno.EFBIG;
        }
        source.Truncate(limit - offset);
        return Errno.None;
    }

    /// <summary>Whether a file may be made this long (truncate).</summary>
    public static Errno CheckSize(LinuxTask current, long size)
    {
        if (size <= SizeLimit(current)) return Errno.None;
        ExceedSize(current);
        return Errno.EFBIG;
    }

    /// <summary>One more than the greatest descriptor (RLIMIT_NOFILE).</summary>
    public static int OpenFiles(LinuxTask current) => current.Group.Limits.OpenFiles;

    private static long SizeLimit(LinuxTask current) => (long)Math.Min(current.Group.Limits.Soft(Resource.FileSize), MaxOffset);

    private static void ExceedSize(LinuxTask current) => FileSignals.SendToSelf(current, Signal.SIGXFSZ);
}
