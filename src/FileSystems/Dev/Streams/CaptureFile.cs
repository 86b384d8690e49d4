using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Dev.Streams;

/// <summary>Keeps what guests write, up to a limit; what comes behind it is counted and dropped.</summary>
public sealed class CaptureFile(long limit) : OpenFile(OpenFlags.WriteOnly)
{
    private readonly Lock _gate = new();
    private readonly MemoryStream _bytes = new(); // guard-note: _gate
    private readonly byte[] _chunk = new byte[4096];

    /// <inheritdoc/>
    public override string Description => Path!.Value.Dentry.Name;

    /// <inheritdoc/>
    public override bool CanPoll => true;

    /// <summary>Bytes written, with those that were dropped.</summary>
    public long Total { get; private set; }

    /// <summary>What was written so far. Any thread.</summary>
    public byte[] ToArray()
    {
        lock (_gate) return _bytes.ToArray();
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        long done = 0;
        while (source.Remaining > 0)
        {
            int came = source.CopyFrom(_chunk);
            if (came == 0) return new(done > 0 ? done : Errno.EFAULT);
            lock (_gate)
            {
                int kept = (int)Math.Clamp(limit - _bytes.Length, 0, came);
                _bytes.Write(_chunk, 0, kept);
                Total += came;
            }
            done += came;
        }
        return new(done);
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table) => PollEvents.Out | PollEvents.WriteNormal;
}
