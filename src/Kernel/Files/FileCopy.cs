using System.Buffers;
using Kennel.Abi;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Files;

/// <summary>Copying between files inside the kernel (man 2 sendfile, man 2 copy_file_range).</summary>
public static class FileCopy
{
    private const int ChunkSize = 128 << 10;

    /// <summary>
    /// Copies from a place of a seekable file to another file, until <paramref name="count"/> bytes went or the source ends.
    /// Answers the bytes that arrived, or the first error when none did.
    /// </summary>
    /// <param name="current">The calling task.</param>
    /// <param name="source">A seekable file.</param>
    /// <param name="sourceOffset">Where to begin, bytes.</param>
    /// <param name="target">Where the bytes go.</param>
    /// <param name="targetOffset">Where to in it; ignored by streams.</param>
    /// <param name="count">The most bytes.</param>
    [KernelFunction("fs/read_write.c", "ssize_t vfs_copy_file_range(void)")]
    public static ValueTask<SyscallResult> CopyAsync(
        LinuxTask current, OpenFile source, long sourceOffset, OpenFile target, long targetOffset, long count)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(ChunkSize, Math.Max(count, 1)));
        return CopyAsync(current, source, sourceOffset, target, targetOffset, count, buffer);
    }

    private static async ValueTask<SyscallResult> CopyAsync(
        LinuxTask current, OpenFile source, long sourceOffset, OpenFile target, long targetOffset, long count, byte[] buffer)
    {
        long copied = 0;
        SyscallResult last = 0;
        source.AddReference();
        target.AddReference();
        while (copied < count)
        {
            int want = (int)Math.Min(buffer.Length, count - copied);
            last = await source.ReadAsync(current, new IoIterator(buffer.AsMemory(0, want)), sourceOffset + copied);
            if (last.Value <= 0) break;
            int got = (int)last.Value;
            last = await target.WriteAsync(current, new IoIterator(buffer.AsMemory(0, got)), targetOffset + copied);
            if (last.Value <= 0) break;
            copied += last.Value;
            if (last.Value < got) break;
        }
        source.Release();
        target.Release();
        ArrayPool<byte>.Shared.Return(buffer);
        return copied > 0 ? copied : last;
    }
}
