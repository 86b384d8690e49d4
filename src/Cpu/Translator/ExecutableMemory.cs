using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Memory for generated code: one memory object of the host, mapped twice. Code is written through one view and run through the
/// other, so that no mapping can be both written and executed. Parts of the latter may be a file's instead, until they are written to.
/// </summary>
internal sealed unsafe partial class ExecutableMemory : IDisposable
{
    private const int ProtRead = 1, ProtWrite = 2, ProtExecute = 4, MapShared = 1, MapPrivate = 2, MapFixed = 0x10, MapAnonymous = 0x20;

    private const int HugePage = 2 << 20, WantsHugePages = 14; // MADV_HUGEPAGE

    // Bytes that are taken from a file's mapping at a time.
    private const int Chunk = 16 << 10;

    private const uint CloseOnExec = 1;

    private readonly byte* _write, _run;
    private readonly nuint _length;
    private readonly SafeFileHandle _object;
    private bool[]? _isFile; // chunks of the view that is run

    private ExecutableMemory(SafeFileHandle memoryObject, byte* write, byte* run, nuint length)
    {
        _object = memoryObject;
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
            run = MapAligned(bytes, fd);
        }
        if ((nint)write != -1 && (nint)run != -1) return new ExecutableMemory(new SafeFileHandle(fd, ownsHandle: true), (byte*)write, (byte*)run, (nuint)bytes);
        _ = Close(fd);
        if ((nint)write != -1) _ = Munmap(write, (nuint)bytes);
        if ((nint)run != -1) _ = Munmap(run, (nuint)bytes);
        return null;
    }

    // Where a huge page can begin, so that a file's can be mapped.
    private static void* MapAligned(int bytes, int fd)
    {
        byte* room = (byte*)Mmap(null, (nuint)bytes + HugePage, 0, MapPrivate | MapAnonymous, -1, 0);
        if ((nint)room == -1) return room;
        byte* first = (byte*)(((nint)room + HugePage - 1) & -HugePage), end = first + bytes;
        void* run = Mmap(first, (nuint)bytes, ProtRead | ProtExecute, MapShared | MapFixed, fd, 0);
        if ((nint)run == -1) end = first;
        if (first > room) _ = Munmap(room, (nuint)(first - room));
        _ = Munmap(end, (nuint)(room + bytes + HugePage - end));
        return run;
    }

    /// <summary>
    /// Has the view that is run show a file's bytes, which must stay as they are. They are read when they are needed. What was written there is not seen any more.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Of the first byte in it; whole pages.</param>
    /// <param name="place">Where they are to be: the beginning of a chunk.</param>
    /// <param name="count">How many bytes: whole chunks.</param>
    /// <returns>Whether the host allows it.</returns>
    public bool TryShow(SafeFileHandle file, long offset, int place, int count)
    {
        if ((nint)Mmap(_run + place, (nuint)count, ProtRead | ProtExecute, MapPrivate | MapFixed, (int)file.DangerousGetHandle(), offset) == -1) return false;
        _ = Madvise(_run + place, (nuint)count, WantsHugePages); // as far as there are any
        _isFile ??= new bool[(int)_length / Chunk];
        for (int chunk = 0; chunk < count / Chunk; chunk++) _isFile[(place / Chunk) + chunk] = true;
        return true;
    }

    /// <summary>Changes four bytes of code that others may be running, if the host allows it.</summary>
    public bool TryPatch(int place, int value)
    {
        if (!TryOwn(place / Chunk) || !TryOwn((place + sizeof(int) - 1) / Chunk)) return false;
        Volatile.Write(ref *(int*)(_write + place), value);
        return true;
    }

    /// <summary>All that was shown of files is forgotten. Nobody runs it.</summary>
    /// <exception cref="OutOfMemoryException">The host does not allow it.</exception>
    public void Forget()
    {
        if (_isFile == null) return;
        if (!TryShowOwn(0, (int)_length)) throw new OutOfMemoryException("The host cannot map code memory.");
        _isFile = null;
    }

    /// <summary>The first place from a place on where a huge page can begin.</summary>
    public static int WholeHugePages(int place) => (place + HugePage - 1) & -HugePage;

    /// <summary>The first place behind the chunks that are used up to a place.</summary>
    public static int WholeChunks(int place) => (place + Chunk - 1) & -Chunk;

    // Whoever runs the chunk goes on in the same bytes.
    private bool TryOwn(int chunk)
    {
        if (_isFile?[chunk] != true) return true;
        int place = chunk * Chunk;
        new ReadOnlySpan<byte>(_run + place, Chunk).CopyTo(new Span<byte>(_write + place, Chunk));
        if (!TryShowOwn(place, Chunk)) return false;
        _isFile[chunk] = false;
        return true;
    }

    private bool TryShowOwn(int place, int count) =>
        (nint)Mmap(_run + place, (nuint)count, ProtRead | ProtExecute, MapShared | MapFixed, (int)_object.DangerousGetHandle(), place) != -1;

    /// <inheritdoc/>
    public void Dispose()
    {
        _object.Dispose();
        _ = Munmap(_write, _length);
        _ = Munmap(_run, _length);
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    private static partial int Ftruncate(int fd, long length);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
