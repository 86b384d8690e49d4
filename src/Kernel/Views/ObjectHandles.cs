using System.Runtime.CompilerServices;

namespace Kennel.Views;

/// <summary>
/// Addresses for objects, as a kernel's look: each object gets a megabyte of its own, from which nothing is ever read. Handles do not keep
/// their objects alive, and are not given out twice.
/// </summary>
/// <remarks>guard-note: the kernel lock.</remarks>
internal sealed class ObjectHandles
{
    private const ulong First = 0xffff_8880_0000_0000, Last = 0xffff_c880_0000_0000;
    private const int Shift = 20;

    private readonly ConditionalWeakTable<object, Handle> _handles = [];
    private readonly Dictionary<uint, WeakReference> _objects = [];
    private uint _next = 1;
    private int _sweepAt = 4096;

    /// <summary>The object's address.</summary>
    public ulong AddressOf(object item)
    {
        if (_handles.TryGetValue(item, out Handle? handle)) return handle.Address;
        if (_objects.Count >= _sweepAt) Sweep();
        handle = new Handle(First + ((ulong)_next << Shift));
        _handles.Add(item, handle);
        _objects.Add(_next++, new WeakReference(item));
        return handle.Address;
    }

    /// <summary>The object that an address lies in; null when there is none, or it is gone.</summary>
    public object? ObjectAt(ulong address, out int offset)
    {
        offset = (int)(address & ((1u << Shift) - 1));
        if (address is < First or >= Last) return null;
        return _objects.TryGetValue((uint)((address - First) >> Shift), out WeakReference? item) ? item.Target : null;
    }

    private void Sweep()
    {
        foreach ((uint number, WeakReference item) in _objects)
        {
            if (!item.IsAlive) _objects.Remove(number);
        }
        _sweepAt = Math.Max(4096, _objects.Count * 2);
    }

    private sealed record Handle(ulong Address);
}
