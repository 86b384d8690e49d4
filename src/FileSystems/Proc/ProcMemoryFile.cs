using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>/proc/PID/mem: the memory that the process had when the file was opened (Linux: fs/proc/base.c, mem_rw).</summary>
/// <remarks>Differs from Linux: a write does not go past the protection of a page.</remarks>
internal sealed class ProcMemoryFile : OpenFile
{
    private readonly AddressSpace? _memory;

    public ProcMemoryFile(LinuxTask target, OpenFlags flags)
        : base(flags) => _memory = target.Memory?.Share();

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <inheritdoc/>
    public override SyscallResult Seek(long offset, int whence)
    {
        if (whence is not (0 or 1)) return Errno.EINVAL;
        return Position = whence == 0 ? offset : Position + offset;
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset) =>
        new(Transfer(destination, offset, (buffer, address) => _memory!.CopyInPartial(address, buffer), destination.CopyTo));

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset) =>
        new(Transfer(source, offset, source.CopyFrom, (buffer, address) => _memory!.CopyOutPartial(address, buffer)));

    /// <inheritdoc/>
    protected override void OnReleased() => _memory?.Release();

    private delegate int Fill(Span<byte> buffer, ulong address);

    private delegate int Drain(ReadOnlySpan<byte> buffer, ulong address);

    private SyscallResult Transfer(IoIterator user, long offset, Func<Span<byte>, int> fill, Drain drain) =>
        Transfer(user, offset, (buffer, _) => fill(buffer), drain, isRead: false);

    private SyscallResult Transfer(IoIterator user, long offset, Fill fill, Func<ReadOnlySpan<byte>, int> drain) =>
        Transfer(user, offset, fill, (buffer, _) => drain(buffer), isRead: true);

    private SyscallResult Transfer(IoIterator user, long offset, Fill fill, Drain drain, bool isRead)
    {
        if (_memory == null || user.Remaining == 0) return 0;
        Span<byte> buffer = stackalloc byte[4096];
        long done = 0;
        while (user.Remaining > 0)
        {
            ulong address = (ulong)(offset + done);
            int want = (int)Math.Min(buffer.Length, user.Remaining);
            int came = fill(buffer[..want], address);
            int went = drain(buffer[..came], address);
            done += went;
            if (went == want) continue;
            return done > 0 ? done : came < want == isRead ? Errno.EIO : Errno.EFAULT;
        }
        return done;
    }
}
