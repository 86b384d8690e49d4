using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Structs that grow with newer kernels and come with their size (Linux: copy_struct_from_user).</summary>
internal static class SizedStruct
{
    /// <summary>Copies one in: what the caller does not know is zero; E2BIG when it sets what we do not know.</summary>
    public static Errno Read<T>(LinuxTask current, UserPtr<T> pointer, ulong size, out T value)
        where T : unmanaged
    {
        value = default;
        int known = Unsafe.SizeOf<T>();
        if (size > 4096) return Errno.E2BIG;
        Span<byte> bytes = stackalloc byte[4096];
        bytes = bytes[..(int)size];
        if (current.Memory?.CopyIn(pointer.Address, bytes) != true) return Errno.EFAULT;
        if (bytes.Length > known && bytes[known..].ContainsAnyExcept((byte)0)) return Errno.E2BIG;
        bytes[..Math.Min(known, bytes.Length)].CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return Errno.None;
    }
}
