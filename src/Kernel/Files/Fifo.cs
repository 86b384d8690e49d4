using Kennel.Abi;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>Opening pipes by name: each side waits for the other (man 7 fifo; Linux: fs/pipe.c, fifo_open).</summary>
internal static class Fifo
{
    /// <summary>Opens one end, or both, of the pipe behind a place.</summary>
    public static ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, VfsPath place, OpenFlags flags)
    {
        Pipe pipe = place.Inode.FifoPipe ??= new Pipe(current.Kernel.Frames);
        bool isNamed = !place.Mount.FileSystem.IsInternal;
        bool nonBlocking = (flags & OpenFlags.NonBlock) != 0;
        OpenFlags access = flags & OpenFlags.AccessMode;
        if (access == OpenFlags.WriteOnly && nonBlocking && isNamed && pipe.Readers == 0) return Refuse(place, pipe);
        bool readerAlone = access == OpenFlags.ReadOnly && isNamed && pipe.Writers == 0;
        if (access != OpenFlags.WriteOnly) pipe.ReaderGeneration++;
        if (access != OpenFlags.ReadOnly) pipe.WriterGeneration++;
        PipeFile file = new PipeFile(pipe, flags, readerAlone && nonBlocking) { Path = place }.HoldingInode<PipeFile>();
        pipe.ReadWaiters.WakeAll();
        pipe.WriteWaiters.WakeAll();
        if (readerAlone && !nonBlocking) return WaitForWriterAsync(current, file, pipe);
        if (access == OpenFlags.WriteOnly && isNamed && pipe.Readers == 0) return WaitForReaderAsync(current, file, pipe);
        return new((Errno.None, file));
    }

    private static ValueTask<(Errno Error, OpenFile? File)> Refuse(VfsPath place, Pipe pipe)
    {
        if (pipe.Writers == 0) place.Inode.FifoPipe = null;
        return new((Errno.ENXIO, null));
    }

    private static async ValueTask<(Errno Error, OpenFile? File)> WaitForWriterAsync(LinuxTask current, PipeFile file, Pipe pipe)
    {
        Errno e = await pipe.ReadWaiters.WaitAsync(
            current, (pipe, pipe.WriterGeneration), static s => s.pipe.WriterGeneration != s.WriterGeneration, WaitMode.Interruptible);
        return Finish(file, e);
    }

    private static async ValueTask<(Errno Error, OpenFile? File)> WaitForReaderAsync(LinuxTask current, PipeFile file, Pipe pipe)
    {
        Errno e = await pipe.WriteWaiters.WaitAsync(
            current, (pipe, pipe.ReaderGeneration), static s => s.pipe.ReaderGeneration != s.ReaderGeneration, WaitMode.Interruptible);
        return Finish(file, e);
    }

    private static (Errno Error, OpenFile? File) Finish(PipeFile file, Errno error)
    {
        if (error == Errno.None) return (error, file);
        file.Release();
        return (error, null);
    }
}
