using System.Runtime.CompilerServices;
using Kennel.Views;
using Xunit;

namespace Kennel.Tests.Tracing;

public sealed class ObjectHandlesTests
{
    [Fact]
    public void An_object_keeps_its_address_and_is_found_by_every_address_in_it()
    {
        var handles = new ObjectHandles();
        object one = new(), two = new();
        ulong first = handles.AddressOf(one), second = handles.AddressOf(two);
        Assert.Equal(first, handles.AddressOf(one));
        Assert.NotEqual(first, second);
        Assert.Same(one, handles.ObjectAt(first + 0xfffff, out int offset));
        Assert.Equal(0xfffff, offset);
        Assert.Same(two, handles.ObjectAt(second, out _));
    }

    [Fact]
    public void Addresses_that_were_never_given_out_lead_nowhere()
    {
        var handles = new ObjectHandles();
        ulong address = handles.AddressOf(this);
        Assert.Null(handles.ObjectAt(address + (1 << 20), out _));
        Assert.Null(handles.ObjectAt(0, out _));
        Assert.Null(handles.ObjectAt(ulong.MaxValue, out _));
    }

    [Fact]
    public void A_handle_does_not_keep_its_object()
    {
        var handles = new ObjectHandles();
        ulong address = Forgotten(handles);
        GC.Collect();
        Assert.Null(handles.ObjectAt(address, out _));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Forgotten(ObjectHandles handles) => handles.AddressOf(new object());
}
