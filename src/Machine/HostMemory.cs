using System.Runtime.InteropServices;

namespace Kennel.Machine;

/// <summary>A range of zeroed host memory that costs nothing until it is touched.</summary>
public sealed unsafe partial class HostMemory : IDisposable
{
    private const int ProtRead = 1, ProtWrite = 2, MapPrivate = 2, MapAnonymous = 0x20, MapNoReserve = 0x4000;

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
    public static HostMemory Reserve(long bytes)
    {
        nuint length = (nuint)bytes;
        if (OperatingSystem.IsLinux())
        {
            void* p = Mmap(null, length, ProtRead | ProtWrite, MapPrivate | MapAnonymous | MapNoReserve, -1, 0);
            if ((nint)p == -1) throw new OutOfMemoryException($"The host cannot reserve {bytes} bytes of memory.");
            return new HostMemory((byte*)p, length, true);
        }
        return new HostMemory((byte*)NativeMemory.AllocZeroed(length), length, false);
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

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);
}
