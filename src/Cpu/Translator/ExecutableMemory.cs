using System.Runtime.InteropServices;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Memory for generated code: one memory object of the host, mapped twice. Code is written through one view and run through the
/// other, so that no mapping can be both written and executed.
/// </summary>
internal sealed unsafe partial class ExecutableMemory : IDisposable
{
    private const int ProtRead = 1, ProtWrite = 2, ProtExecute = 4, MapShared = 1;
    private const uint CloseOnExec = 1;

    private readonly byte* _write, _run;
    private readonly nuint _length;

    private ExecutableMemory(byte* write, byte* run, nuint length)
    {
        _write = write;
        _run = run;
        _length = length;
    }

    /// <summary>The view that is written.</summary>
    public byte* Write => _write;

    /// <summary>The view that is run.</summary>
    public byte* Run => _run;

    public int Length => (int)_length;

    /// <summary>Reserves room; what is not touched costs nothing. Null if the host does not allow generated code.</summary>
    public static ExecutableMemory? TryReserve(int bytes)
    {
        int fd = MemfdCreate("kennel-code", CloseOnExec);
        if (fd < 0) return null;
        void* write = (void*)-1, run = (void*)-1;
        if (Ftruncate(fd, bytes) == 0)
        {
            write = Mmap(null, (nuint)bytes, ProtRead | ProtWrite, MapShared, fd, 0);
            run = Mmap(null, (nuint)bytes, ProtRead | ProtExecute, MapShared, fd, 0);
        }
        _ = Close(fd);
        if ((nint)write != -1 && (nint)run != -1) return new ExecutableMemory((byte*)write, (byte*)run, (nuint)bytes);
        if ((nint)write != -1) _ = Munmap(write, (nuint)bytes);
        if ((nint)run != -1) _ = Munmap(run, (nuint)bytes);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Munmap(_write, _length);
        _ = Munmap(_run, _length);
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    private static partial int Ftruncate(int fd, long length);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
