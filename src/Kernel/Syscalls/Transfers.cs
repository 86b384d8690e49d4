using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>Reads and writes at a file's position or at a given one (Linux: fs/read_write.c, vfs_read and vfs_write).</summary>
internal static class Transfers
{
    /// <summary>Stands for "at the file's own position".</summary>
    public const long AtPosition = -1;

    [KernelFunction("fs/read_write.c", "ssize_t vfs_read(struct file *file, char *buf = destination.Address, size_t count = destination.Remaining, loff_t *pos = null)")]
    public static ValueTask<SyscallResult> Read(LinuxTask current, OpenFile file, IoIterator destination, long offset)
    {
        bool moves = offset == AtPosition && file.IsSeekable;
        long at = moves ? file.Position : Math.Max(offset, 0);
        ValueTask<SyscallResult> reading = file.ReadAsync(current, destination, at);
        if (!reading.IsCompletedSuccessfully) return FinishAsync(file, reading, moves, at);
        SyscallResult result = reading.Result;
        if (moves && result.Value > 0) file.Position = at + result.Value;
        return new(result);
    }

    [KernelFunction("fs/read_write.c", "ssize_t vfs_write(struct file *file, const char *buf = source.Address, size_t count = source.Remaining, loff_t *pos = null)")]
    public static ValueTask<SyscallResult> Write(LinuxTask current, OpenFile file, IoIterator source, long offset, bool append = false)
    {
        bool moves = offset == AtPosition && file.IsSeekable;
        long at = moves ? file.Position : Math.Max(offset, 0);
        if ((append || (file.Flags & OpenFlags.Append) != 0) && file.IsSeekable) at = file.Length;
        ValueTask<SyscallResult> writing = file.WriteAsync(current, source, at);
        if (!writing.IsCompletedSuccessfully) return FinishAsync(file, writing, moves, at);
        SyscallResult result = writing.Result;
        if (moves && result.Value > 0) file.Position = at + result.Value;
        return new(result);
    }

    // Another thread may close the descriptor while the transfer sleeps: the file must live on.
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private static async ValueTask<SyscallResult> FinishAsync(OpenFile file, ValueTask<SyscallResult> transfer, bool moves, long at)
    {
        file.AddReference();
        SyscallResult result = await transfer;
        if (moves && result.Value > 0) file.Position = at + result.Value;
        file.Release();
        return result;
    }
}
