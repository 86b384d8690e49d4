using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kennel.Abi;

namespace Kennel.Memory;

/// <summary>A pointer that a guest passed in. It is only ever followed by copying, which fails with EFAULT.</summary>
/// <typeparam name="T">What it points at; laid out as on x86-64 Linux.</typeparam>
public readonly record struct UserPtr<T>(ulong Address)
    where T : unmanaged
{
    public bool IsNull => Address == 0;

    /// <summary>Copies one value in (Linux: get_user, copy_from_user).</summary>
    public bool TryRead(AddressSpace? memory, out T value)
    {
        value = default;
        return memory != null && memory.CopyIn(Address, MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref value, 1)));
    }

    /// <summary>Copies one value out (Linux: put_user, copy_to_user).</summary>
    public bool TryWrite(AddressSpace? memory, in T value) =>
        memory != null && memory.CopyOut(Address, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in value, 1)));

    /// <summary>Copies <paramref name="values"/> in.</summary>
    public bool TryRead(AddressSpace? memory, Span<T> values) => memory != null && memory.CopyIn(Address, MemoryMarshal.AsBytes(values));

    /// <summary>Copies <paramref name="values"/> out.</summary>
    public bool TryWrite(AddressSpace? memory, ReadOnlySpan<T> values) => memory != null && memory.CopyOut(Address, MemoryMarshal.AsBytes(values));

    /// <summary>The pointer to the element at an index.</summary>
    public UserPtr<T> this[int index] => new(Address + (ulong)((long)index * Unsafe.SizeOf<T>()));

    /// <inheritdoc/>
    public override string ToString() => new GuestAddress(Address).ToString();
}

/// <summary>A pointer to a NUL-terminated string. Guest strings are bytes; a C# string holds one byte a char (Latin-1).</summary>
public readonly record struct UserString(ulong Address)
{
    public bool IsNull => Address == 0;

    /// <summary>Copies a path in: EFAULT, ENAMETOOLONG from 4096 bytes on (Linux: getname).</summary>
    public Errno TryReadPath(AddressSpace? memory, out string path) => TryRead(memory, 4096, out path);

    /// <summary>Copies a string in, its NUL within <paramref name="limit"/> bytes, else ENAMETOOLONG.</summary>
    public Errno TryRead(AddressSpace? memory, int limit, out string text)
    {
        text = "";
        return memory == null ? Errno.EFAULT : memory.CopyInString(Address, limit, out text);
    }

    /// <inheritdoc/>
    public override string ToString() => new GuestAddress(Address).ToString();
}
