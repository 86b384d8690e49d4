using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Dev.Devices;

/// <summary>/dev/random and /dev/urandom, open: since Linux 5.6 both give the same and never block (man 4 random).</summary>
internal sealed class RandomFile(OpenFlags flags) : OpenFile(flags)
{
    private const int Chunk = 4096;

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <inheritdoc/>
    public override long Position
    {
        get => 0;
        set
        {
            // as Linux' noop_llseek: every place is alike
        }
    }

    /// <inheritdoc/>
    public override bool CanPoll => true;

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset) =>
        RandomBytes.ReadAsync(current, destination);

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        Span<byte> chunk = stackalloc byte[Chunk];
        long done = 0;
        while (source.Remaining > 0) // stirred in by no one: the host's generator needs no help
        {
            int came = source.CopyFrom(chunk);
            if (came == 0) return new(done > 0 ? done : Errno.EFAULT);
            done += came;
        }
        return new(done);
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> IoctlAsync(LinuxTask current, uint command, ulong argument)
    {
        const uint getEntropyCount = 0x80045200;
        if (command != getEntropyCount) return new(Errno.EINVAL);
        return new(new Memory.UserPtr<int>(argument).TryWrite(current.Memory, 256) ? 0 : Errno.EFAULT);
    }
}
