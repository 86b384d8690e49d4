using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Dev.Devices;

/// <summary>Which of the devices without hardware (man 4 null, man 4 full).</summary>
internal enum MemoryDevice
{
    Null,
    Zero,
    Full,
}

/// <summary>/dev/null, /dev/zero or /dev/full, open. Linux: drivers/char/mem.c.</summary>
internal sealed class MemoryDeviceFile(MemoryDevice device, OpenFlags flags) : OpenFile(flags)
{
    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <summary>Always 0: nothing here has a place.</summary>
    public override long Position
    {
        get => 0;
        set
        {
            // as Linux' null_lseek
        }
    }

    /// <inheritdoc/>
    public override bool MapsAnonymousMemory => device == MemoryDevice.Zero;

    /// <inheritdoc/>
    public override SyscallResult Seek(long offset, int whence) => whence is >= 0 and <= 4 ? 0 : Errno.EINVAL;

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        if (device == MemoryDevice.Null || destination.Remaining == 0) return new(0);
        long filled = destination.FillZero(destination.Remaining);
        return new(filled == 0 ? Errno.EFAULT : filled);
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        if (device == MemoryDevice.Full) return new(Errno.ENOSPC);
        return new(source.Remaining); // the bytes are not even looked at, so a bad pointer is no error
    }
}
