using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.Tests.Memory;

/// <summary>Which address spaces go by the same number, and so use each other's entry points of decoded code.</summary>
public sealed class CodeLayoutTests : IDisposable
{
    private const ulong Base = 0x40_0000;
    private const PageAccess ReadExecute = PageAccess.Read | PageAccess.Execute;

    private readonly TestMachine _machine = new();
    private readonly SharedMemoryFile _program;

    public CodeLayoutTests() => _program = new SharedMemoryFile(_machine.Kernel, 16 << 12, "program");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void TheSameProgramAtTheSameAddressHasTheSameNumber()
    {
        AddressSpace one = Start(), other = Start(), elsewhere = Start(Base + 0x1000), lower = Start(offset: 0x1000);
        Assert.NotEqual(0, Number(one));
        Assert.Equal(Number(one), Number(other));
        Assert.NotEqual(Number(one), Number(elsewhere));
        Assert.NotEqual(Number(one), Number(lower));
        Map(other, Base + 0x100000, ReadExecute);
        Assert.NotEqual(Number(one), Number(other));
        Assert.Equal(Errno.None, other.Unmap(Base + 0x100000, 4 << 12));
        Assert.Equal(Number(one), Number(other));
    }

    [Fact]
    public void WhatCannotBeExecutedDoesNotMatter()
    {
        AddressSpace one = Start(), other = Start();
        Map(other, Base + 0x100000, PageAccess.Read | PageAccess.Write);
        Assert.Equal(Number(one), Number(other));
    }

    [Fact]
    public void CodeThatCouldBeWrittenIsItsOwn()
    {
        AddressSpace written = Start(), anonymous = Start();
        Assert.Equal(Errno.None, written.Protect(Base, 0x1000, MemoryProtection.PROT_READ | MemoryProtection.PROT_WRITE));
        Assert.Equal(Errno.None, written.Protect(Base, 0x1000, MemoryProtection.PROT_READ | MemoryProtection.PROT_EXEC));
        Assert.Equal(0, Number(written));
        anonymous.Map(Base + 0x100000, 0x1000, ReadExecute, MapFlags.MAP_PRIVATE | MapFlags.MAP_FIXED | MapFlags.MAP_ANONYMOUS, null, 0, out _);
        Assert.Equal(0, Number(anonymous));
    }

    [Fact]
    public void ADebuggersWriteMakesCodeItsOwnForEver()
    {
        AddressSpace debugged = Start();
        AddressSpace before = debugged.Fork();
        Assert.Equal(Number(debugged), before.Pages.CodeLayout);
        Assert.Equal(1, debugged.CopyOutForced(Base + 5, [0xcc]));
        AddressSpace after = debugged.Fork();
        Map(debugged, Base + 0x100000, ReadExecute);
        Assert.Equal(0, Number(debugged));
        Assert.Equal(0, Number(after));
        Assert.NotEqual(0, Number(before));
    }

    private static long Number(AddressSpace space)
    {
        space.SettleCode();
        return space.Pages.CodeLayout;
    }

    private AddressSpace Start(ulong address = Base, long offset = 0)
    {
        var space = new AddressSpace(_machine.Kernel);
        Map(space, address, ReadExecute, offset);
        return space;
    }

    private void Map(AddressSpace space, ulong address, PageAccess access, long offset = 0) =>
        Assert.Equal(Errno.None, space.Map(address, 4 << 12, access, MapFlags.MAP_PRIVATE | MapFlags.MAP_FIXED, _program, offset, out _));
}
