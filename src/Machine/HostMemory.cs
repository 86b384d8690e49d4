using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Kennel.Machine;

/// <summary>A range of zeroed host memory that costs nothing until it is touched.</summary>
public sealed unsafe partial class HostMemory : IDisposable
{
    private const int ProtRead = 1, ProtWrite = 2, MapPrivate = 2, MapAnonymous = 0x20, MapNoReserve = 0x4000, DontNeed = 4, PopulateWrite = 23;

    private readonly nuint _length;
    private readonly bool _mapped;

    private HostMemory(byte* address, nuint length, bool mapped)
    {
        Address = address;
        _length = length;
        _mapped = mapped;
    }

    /// <summary>Its first byte.</summary>
    public byte* Address { get; private set; }

    /// <summary>Reserves <paramref name="bytes"/> of address space.</summary>
    /// <exception cref="OutOfMemoryException">The host refuses.</exception>
    public static HostMemory Reserve(long bytes) =>
        TryReserve(bytes, out HostMemory? memory) ? memory : throw new OutOfMemoryException($"The host cannot reserve {bytes} bytes of memory.");

    /// <summary>The same, if the host allows it.</summary>
    public static bool TryReserve(long bytes, [NotNullWhen(true)] out HostMemory? memory)
    {
        nuint length = (nuint)bytes;
        if (OperatingSystem.IsLinux())
        {
            void* p = Mmap(null, length, ProtRead | ProtWrite, MapPrivate | MapAnonymous | MapNoReserve, -1, 0);
            memory = (nint)p == -1 ? null : new HostMemory((byte*)p, length, true);
            return memory != null;
        }
        memory = new HostMemory((byte*)NativeMemory.AllocZeroed(length), length, false);
        return true;
    }

    /// <summary>Gives whole host pages back to the host; they are zero from then on. For reserved memory on Linux.</summary>
    public void Discard(long offset, long bytes)
    {
        if (!_mapped || Madvise(Address + offset, (nuint)bytes, DontNeed) != 0) new Span<byte>(Address + offset, (int)bytes).Clear();
    }

    /// <summary>Has the host provide pages that are about to be written, all at once (man 2 madvise, MADV_POPULATE_WRITE). It may not know how.</summary>
    public void Populate(long offset, long bytes)
    {
        if (_mapped) _ = Madvise(Address + offset, (nuint)bytes, PopulateWrite);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Address == null) return;
        if (_mapped) _ = Munmap(Address, _length);
        else NativeMemory.Free(Address);
        Address = null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);
}
