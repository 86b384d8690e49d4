using System.Buffers;
using Kennel.Abi;
using Kennel.Machine;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>Moving bytes between a pipe and a file, or two pipes (man 2 splice, man 2 tee; Linux: fs/splice.c).</summary>
public static class Splicing
{
    /// <summary>From a file into a pipe.</summary>
    public static async ValueTask<SyscallResult> FromFileAsync(
        LinuxTask current, OpenFile source, long offset, PipeFile target, long count, bool nonBlocking)
    {
        SyscallResult ready = await target.WaitForRoomAsync(current, nonBlocking);
        if (ready.IsError) return ready;
        int want = (int)Math.Min(count, (long)target.Pipe.FreeSlots * Pipe.SlotSize);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(want);
        SyscallResult result = await source.ReadAsync(current, new IoIterator(buffer.AsMemory(0, want)), offset);
        // Only one sleep comes before this, so that others may have filled the pipe meanwhile: streams wait for room again.
        if (result.Value > 0) result = await target.WriteAsync(current, new IoIterator(buffer.AsMemory(0, (int)result.Value)), 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return result;
    }

    /// <summary>From a pipe into a file.</summary>
    public static async ValueTask<SyscallResult> ToFileAsync(
        LinuxTask current, PipeFile source, OpenFile target, long offset, long count, bool nonBlocking)
    {
        long moved = 0;
        SyscallResult result = await source.WaitForBytesAsync(current, nonBlocking);
        if (result.Value <= 0) return result;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Pipe.SlotSize);
        while (moved < count && !source.Pipe.IsEmpty)
        {
            int length = CopySlot(current, source.Pipe, buffer, count - moved);
            result = await target.WriteAsync(current, new IoIterator(buffer.AsMemory(0, length)), offset + moved);
            if (result.Value <= 0) break;
            source.Consume((int)result.Value);
            moved += result.Value;
        }
        ArrayPool<byte>.Shared.Return(buffer);
        return moved > 0 ? moved : result;
    }

    /// <summary>From pipe to pipe: frames change hands, or (tee) get a second holder.</summary>
    public static async ValueTask<SyscallResult> BetweenPipesAsync(
        LinuxTask current, PipeFile source, PipeFile target, long count, bool nonBlocking, bool keep)
    {
        while (true)
        {
            SyscallResult ready = await source.WaitForBytesAsync(current, nonBlocking);
            if (ready.Value <= 0) return ready;
            ready = await target.WaitForRoomAsync(current, nonBlocking);
            if (ready.IsError) return ready;
            if (!source.Pipe.IsEmpty && !target.Pipe.IsFull) return Move(current, source, target, count, keep);
        }
    }

    private static long Move(LinuxTask current, PipeFile source, PipeFile target, long count, bool keep)
    {
        long moved = 0;
        for (int i = 0; moved < count && !target.Pipe.IsFull && i < source.Pipe.UsedSlots;)
        {
            (int frame, int offset, int length) = source.Pipe.Peek(i);
            length = (int)Math.Min(length, count - moved);
            current.Kernel.Frames.AddReference(frame);
            target.PushShared(frame, offset, length);
            moved += length;
            if (keep) i++;
            else source.Consume(length);
        }
        return moved;
    }

    private static unsafe int CopySlot(LinuxTask current, Pipe pipe, byte[] buffer, long most)
    {
        (int frame, int offset, int length) = pipe.Peek(0);
        length = (int)Math.Min(length, most);
        new ReadOnlySpan<byte>(current.Kernel.Frames.Pointer(frame) + offset, length).CopyTo(buffer);
        return length;
    }
}
