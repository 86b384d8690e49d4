using System.Text;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>An open procfs file. Its text is made at the first read, and again after going back to the start (Linux: fs/seq_file.c).</summary>
internal sealed class ProcFile(ProcNode node, OpenFlags flags) : OpenFile(flags)
{
    private byte[]? _text;

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <inheritdoc/>
    public override long Length => 0;

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        if (node.Text == null) return new(Errno.EINVAL);
        if (node.Owner?.State == TaskState.Dead) return new(Errno.ESRCH);
        if (_text == null || offset == 0) _text = Encoding.Latin1.GetBytes(node.Text(current));
        if (offset >= _text.Length) return new(0);
        int want = (int)Math.Min(_text.Length - offset, destination.Remaining);
        int went = destination.CopyTo(_text.AsSpan((int)offset, want));
        return new(went == 0 && want > 0 ? Errno.EFAULT : (SyscallResult)went);
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        if (node.Write == null) return new(Errno.EIO);
        byte[] bytes = new byte[Math.Min(source.Remaining, 4096)];
        int came = source.CopyFrom(bytes);
        if (came < bytes.Length) return new(Errno.EFAULT);
        Errno error = node.Write(current, Encoding.Latin1.GetString(bytes));
        return new(error != Errno.None ? error : (SyscallResult)came);
    }
}
