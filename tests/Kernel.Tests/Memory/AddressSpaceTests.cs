using FsCheck;
using FsCheck.Fluent;
using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.Tests.Memory;

public sealed class AddressSpaceTests : IDisposable
{
    private const PageAccess ReadWrite = PageAccess.Read | PageAccess.Write;
    private const MapFlags Private = MapFlags.MAP_PRIVATE | MapFlags.MAP_ANONYMOUS;
    private const ulong MapBase = 0x7fff_f7ff_f000;

    private readonly TestMachine _machine = new();
    private readonly AddressSpace _space;

    public AddressSpaceTests() => _space = new AddressSpace(_machine.Kernel);

    public void Dispose()
    {
        _space.Release();
        Assert.Equal(0, _machine.Kernel.Frames.InUse);
        _machine.Dispose();
    }

    [Fact]
    public void ProcessesBehaveAsTheModelWhateverTheyDo()
    {
        Arbitrary<int[]> operations = Gen.Choose(0, int.MaxValue).ArrayOf().ToArbitrary();
        Prop.ForAll(operations, (int[] choices) =>
        {
            using var model = new AddressSpaceModel();
            foreach (int choice in choices)
            {
                model.Do(choice);
                model.Check();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithStartSize(20).WithEndSize(120).WithReplay(20260101, 1));
    }

    [Fact]
    public void MappingsGoDownFromTheMapBase()
    {
        ulong first = Map(0x3000), second = Map(0x1000);
        Assert.Equal(MapBase - 0x3000, first);
        Assert.Equal(first - 0x1000, second);
        _space.Unmap(first + 0x1000, 0x1000);
        Assert.Equal(first + 0x1000, Map(0x1000)); // the highest gap that fits
        Assert.Equal(second - 0x2000, Map(0x2000));
    }

    [Fact]
    public void AlikeNeighboursBecomeOneArea()
    {
        Map(0x1000);
        Map(0x1000);
        Assert.Single(_space.Areas);
        _space.Protect(MapBase - 0x1000, 0x1000, MemoryProtection.PROT_READ);
        Assert.Equal(2, _space.Areas.Count());
        _space.Protect(MapBase - 0x1000, 0x1000, MemoryProtection.PROT_READ | MemoryProtection.PROT_WRITE);
        Assert.Single(_space.Areas);
    }

    [Fact]
    public void WhatWasWritableOnceStaysApart()
    {
        // As after the dynamic linker's relocations: /proc/PID/maps shows two areas on Linux.
        _space.Map(0, 0x2000, PageAccess.Read, Private, null, 0, out ulong at);
        _space.Protect(at + 0x1000, 0x1000, MemoryProtection.PROT_READ | MemoryProtection.PROT_WRITE);
        _space.Protect(at + 0x1000, 0x1000, MemoryProtection.PROT_READ);
        Assert.Equal(2, _space.Areas.Count());
    }

    [Fact]
    public void AHintIsTakenIfThereIsRoom()
    {
        Assert.Equal(0x10_0000UL, Map(0x2000, hint: 0x10_0123));
        Assert.Equal(MapBase - 0x2000, Map(0x2000, hint: 0x10_1000));
        Assert.Equal(0x10000UL, Map(0x1000, hint: 0x1000)); // the lowest address that may be mapped
        Assert.Equal(0x4000_0000UL, Map(0x1000, flags: Private | MapFlags.MAP_32BIT));
    }

    [Fact]
    public void AHintIsTakenInTheLowTwoGigabytesToo()
    {
        const MapFlags low = Private | MapFlags.MAP_32BIT;
        Assert.Equal(0x5000_0000UL, Map(0x1000, 0x5000_0000, low));
        Assert.Equal(0x2000_0000UL, Map(0x1000, 0x2000_0000, low)); // lower than where it would look itself
        Assert.Equal(0x7fff_f000UL, Map(0x1000, 0x7fff_f000, low));
        Assert.Equal(0x4000_0000UL, Map(0x1000, 0x5000_0000, low)); // taken
        Assert.Equal(0x4000_1000UL, Map(0x1000, 0x8000_0000, low)); // too high
        Assert.Equal(Errno.ENOMEM, _space.Map(0, 0x9000_0000, ReadWrite, low, null, 0, out _));
    }

    [Theory]
    [InlineData(0, 0UL, Errno.EINVAL)]
    [InlineData(0, ulong.MaxValue, Errno.ENOMEM)]
    [InlineData(0x10123, 0x1000UL, Errno.EINVAL)]
    [InlineData(0x7fff_ffff_f000, 0x1000UL, Errno.ENOMEM)]
    public void FixedMappingsAreChecked(ulong address, ulong length, Errno expected) =>
        Assert.Equal(expected, _space.Map(address, length, ReadWrite, Private | MapFlags.MAP_FIXED, null, 0, out _));

    [Fact]
    public void NoReplaceRefusesWhatIsTaken()
    {
        Map(0x2000, 0x20_0000, Private | MapFlags.MAP_FIXED);
        const MapFlags flags = Private | MapFlags.MAP_FIXED_NOREPLACE;
        Assert.Equal(Errno.EEXIST, _space.Map(0x20_1000, 0x1000, ReadWrite, flags, null, 0, out _));
        Assert.Equal(Errno.None, _space.Map(0x20_2000, 0x1000, ReadWrite, flags, null, 0, out _));
    }

    [Fact]
    public void ReadingBeforeWritingTakesNoFrame()
    {
        ulong at = Map(0x10000);
        Assert.True(_space.CopyIn(at, new byte[0x10000]));
        Assert.Equal(0, _machine.Kernel.Frames.InUse);
        Assert.Equal(16, _space.MinorFaults);
        Assert.Equal(0, _space.ResidentPages);
        _space.CopyOut(at + 0x5000, [1]);
        Assert.Equal((1, 1), (_machine.Kernel.Frames.InUse, _space.ResidentPages));
        AddressSpace child = _space.Fork();
        child.Unmap(at, 0x10000);
        Assert.Equal((1, 0), (_space.ResidentPages, child.ResidentPages));
        Assert.False(child.CopyIn(at, new byte[1]));
        child.Release();
    }

    [Fact]
    public void OnlyWrittenPagesAreCopiedAfterFork()
    {
        ulong at = Map(64 * 0x1000);
        _space.CopyOut(at, new byte[64 * 0x1000]);
        AddressSpace child = _space.Fork();
        Assert.Equal(64, _machine.Kernel.Frames.InUse);
        child.CopyOut(at + 0x3000, [7]);
        Assert.Equal(65, _machine.Kernel.Frames.InUse);
        _space.CopyOut(at + 0x3000, [8]); // the last to have it writes in place
        Assert.Equal(65, _machine.Kernel.Frames.InUse);
        byte[] seen = [0];
        child.CopyIn(at + 0x3000, seen);
        Assert.Equal(7, seen[0]);
        child.Release();
        Assert.Equal(64, _machine.Kernel.Frames.InUse);
    }

    [Fact]
    public void ForkSharesTheListOfAreasUntilItChanges()
    {
        for (int i = 0; i < 100; i++) Map(0x1000, 0x100_0000 + ((ulong)i * 0x2000), Private | MapFlags.MAP_FIXED);
        int areas = _machine.Kernel.AreaCount;
        AddressSpace child = _space.Fork();
        Assert.Equal(areas, _machine.Kernel.AreaCount);
        child.Unmap(0x100_0000, 0x1000);
        Assert.Equal((2 * areas) - 1, _machine.Kernel.AreaCount);
        Assert.NotNull(_space.Find(0x100_0000));
        child.Release();
        Assert.Equal(areas, _machine.Kernel.AreaCount);
    }

    [Fact]
    public void AdviceDecidesWhatAChildGets()
    {
        ulong not = Map(0x1000, 0x20_0000), wiped = Map(0x1000, 0x30_0000), kept = Map(0x1000, 0x40_0000);
        foreach (ulong at in new[] { not, wiped, kept }) _space.CopyOut(at, [9]);
        _space.Advise(not, 0x1000, MemoryAdvice.MADV_DONTFORK);
        _space.Advise(wiped, 0x1000, MemoryAdvice.MADV_WIPEONFORK);
        _space.Lock(kept, 0x1000, true);
        AddressSpace child = _space.Fork();
        byte[] value = [0];
        Assert.False(child.CopyIn(not, value));
        Assert.True(child.CopyIn(wiped, value));
        Assert.Equal(0, value[0]);
        Assert.True(child.CopyIn(kept, value));
        Assert.Equal(9, value[0]);
        Assert.Equal((1, 0), (_space.LockedPages, child.LockedPages));
        child.Release();
    }

    [Fact]
    public void TheStackGrowsToItsLimitAndKeepsAGap()
    {
        const ulong top = AddressSpace.Top;
        _space.Add(new Vma { Start = top - 0x1000, End = top, Access = ReadWrite, Flags = VmaFlags.GrowsDown });
        Assert.Equal(FaultResult.Handled, _space.HandleFault(top - 0x5000, PageAccess.Write));
        Assert.Equal(top - 0x5000, _space.Areas.Single().Start);
        Assert.Equal(FaultResult.Handled, _space.HandleFault(top - (8 << 20), PageAccess.Write));
        Assert.Equal(FaultResult.NotMapped, _space.HandleFault(top - (8 << 20) - 1, PageAccess.Write));
    }

    [Fact]
    public void TheStackDoesNotGrowIntoANeighboursGuard()
    {
        const ulong top = AddressSpace.Top;
        _space.Add(new Vma { Start = top - 0x1000, End = top, Access = ReadWrite, Flags = VmaFlags.GrowsDown });
        ulong below = top - (2 << 20);
        Map(0x1000, below, Private | MapFlags.MAP_FIXED);
        Assert.Equal(FaultResult.Handled, _space.HandleFault(below + 0x1000 + AddressSpace.StackGuardGap, PageAccess.Write));
        Assert.Equal(FaultResult.NotMapped, _space.HandleFault(below + AddressSpace.StackGuardGap, PageAccess.Write));
        _space.Protect(below, 0x1000, MemoryProtection.PROT_NONE); // an explicit guard is one already
        Assert.Equal(FaultResult.Handled, _space.HandleFault(below + AddressSpace.StackGuardGap, PageAccess.Write));
    }

    [Fact]
    public void BreakGrowsShrinksAndForgets()
    {
        _space.Layout = _space.Layout with { BreakStart = 0x60_0000 };
        _space.Break = 0x60_0000;
        Assert.Equal(0x60_1234UL, _space.SetBreak(0x60_1234));
        Assert.True(_space.CopyOut(0x60_1ff0, [1]));
        Assert.Equal("[heap]", _space.NameOf(_space.Find(0x60_0000)!));
        Assert.Equal(0x60_1234UL, _space.SetBreak(0x5f_0000));
        Assert.Equal(0x60_0000UL, _space.SetBreak(0x60_0000));
        Assert.False(_space.CopyIn(0x60_1000, new byte[1]));
        Map(0x1000, 0x60_8000, Private | MapFlags.MAP_FIXED);
        Assert.Equal(0x60_0000UL, _space.SetBreak(0x60_8000)); // a page stays free in between
        Assert.Equal(0x60_7000UL, _space.SetBreak(0x60_7000));
    }

    [Fact]
    public void SharedAnonymousMemoryIsOneForParentAndChild()
    {
        Assert.Equal(Errno.None, _space.Map(0, 0x3000, ReadWrite, MapFlags.MAP_SHARED | MapFlags.MAP_ANONYMOUS, null, 0, out ulong at));
        AddressSpace child = _space.Fork();
        _space.CopyOut(at + 0x1000, [42]);
        byte[] value = [0];
        child.CopyIn(at + 0x1000, value);
        Assert.Equal(42, value[0]);
        Assert.Equal("/dev/zero (deleted)", child.NameOf(child.Find(at)!));
        child.Release();
        Assert.Equal(1, _machine.Kernel.Frames.InUse);
    }

    [Fact]
    public void GrowingSharedMemoryBehindItsEndIsABusError()
    {
        _space.Map(0, 0x1000, ReadWrite, MapFlags.MAP_SHARED | MapFlags.MAP_ANONYMOUS, null, 0, out ulong at);
        Assert.Equal(Errno.None, _space.Remap(at, 0x1000, 0x3000, RemapFlags.MREMAP_MAYMOVE, 0, out at));
        Assert.Equal(FaultResult.Handled, _space.HandleFault(at, PageAccess.Write));
        Assert.Equal(FaultResult.BehindFile, _space.HandleFault(at + 0x1000, PageAccess.Write));
    }

    [Fact]
    public void OutOfFramesIsAResultAndNotAnException()
    {
        ulong at = Map(80 << 20, flags: Private | MapFlags.MAP_NORESERVE);
        FaultResult result = FaultResult.Handled;
        ulong page = at;
        for (; result == FaultResult.Handled; page += 0x1000) result = _space.HandleFault(page, PageAccess.Write);
        Assert.Equal(FaultResult.OutOfMemory, result);
        Assert.Equal(_machine.Kernel.Frames.Limit - 1, _machine.Kernel.Frames.InUse);
        Assert.False(_space.CopyOut(page, [1]));
        Assert.Equal(Errno.ENOMEM, _space.Map(0, 80 << 20, ReadWrite, Private, null, 0, out _));
    }

    [Fact]
    public void PageTablesOfASparseGuestAreBounded()
    {
        ulong at = Map(1UL << 46, flags: Private | MapFlags.MAP_NORESERVE);
        FaultResult result = FaultResult.Handled;
        for (ulong i = 0; result == FaultResult.Handled; i++) result = _space.HandleFault(at + (i << 20), PageAccess.Read);
        Assert.Equal(FaultResult.OutOfMemory, result);
        Assert.InRange(_machine.Kernel.Nodes.InUse * 520L, 1 << 20, 9 << 20);
    }

    [Fact]
    public void SparseStretchesBeyondTheCountedOnesKeepTheirBytes()
    {
        const int stretches = 100, pages = 40;
        ulong at = Map(stretches * (64UL << 20), flags: Private | MapFlags.MAP_NORESERVE);
        for (int page = 0; page < pages; page++)
        {
            for (int i = 0; i < stretches; i++) Assert.True(_space.CopyOut(Address(i, page), [(byte)i, (byte)page]));
        }
        byte[] seen = new byte[2];
        for (int i = 0; i < stretches; i++)
        {
            for (int page = 0; page < pages; page++)
            {
                Assert.True(_space.CopyIn(Address(i, page), seen));
                Assert.Equal([(byte)i, (byte)page], seen);
            }
        }
        Assert.InRange(_space.ResidentPages, stretches * pages, stretches * 48); // to the next 64 KiB

        ulong Address(int stretch, int page) => at + ((ulong)stretch * (64 << 20)) + ((ulong)page << 12);
    }

    [Fact]
    public void TheNumberOfAreasIsBounded()
    {
        ulong at = Map(70000UL << 12, flags: Private | MapFlags.MAP_NORESERVE);
        Errno e = Errno.None;
        for (ulong i = 1; i < 70000 && e == Errno.None; i += 2) e = _space.Protect(at + (i << 12), 0x1000, MemoryProtection.PROT_NONE);
        Assert.Equal(Errno.ENOMEM, e);
        Assert.InRange(_space.Areas.Count(), AddressSpace.MaxAreas - 2, AddressSpace.MaxAreas);
    }

    [Fact]
    public void RemapGrowsInPlaceOrMoves()
    {
        ulong low = Map(0x2000, 0x20_0000, Private | MapFlags.MAP_FIXED);
        _space.CopyOut(low, [1, 2, 3]);
        Assert.Equal(Errno.None, _space.Remap(low, 0x2000, 0x5000, RemapFlags.None, 0, out ulong at));
        Assert.Equal(low, at);
        Map(0x1000, low + 0x5000, Private | MapFlags.MAP_FIXED_NOREPLACE);
        _space.Protect(low + 0x5000, 0x1000, MemoryProtection.PROT_NONE);
        Assert.Equal(Errno.ENOMEM, _space.Remap(low, 0x5000, 0x9000, RemapFlags.None, 0, out _));
        Assert.Equal(Errno.None, _space.Remap(low, 0x5000, 0x9000, RemapFlags.MREMAP_MAYMOVE, 0, out at));
        Assert.Equal(MapBase - 0x9000, at);
        byte[] seen = new byte[3];
        Assert.True(_space.CopyIn(at, seen));
        Assert.Equal([1, 2, 3], seen);
        Assert.False(_space.CopyIn(low, seen));
        Assert.Equal(Errno.EFAULT, _space.Remap(low, 0x1000, 0x2000, RemapFlags.MREMAP_MAYMOVE, 0, out _));
    }

    [Fact]
    public void LocksCoverThePagesOfAnUnalignedRange()
    {
        ulong at = Map(0x4000);
        Assert.Equal(Errno.None, _space.Lock(at + 0x1ff0, 0x20, true));
        Assert.Equal(2, _space.LockedPages);
        Assert.All(_space.Areas, a => Assert.Equal(0UL, (a.Start | a.End) & 0xfff));
        Assert.Equal(2, _space.ResidentPages);
    }

    [Fact]
    public void LengthsThatWrapAreRefused()
    {
        ulong at = Map(0x4000);
        const ulong wraps = 0xffff_ffff_ffff_f000;
        const RemapFlags move = RemapFlags.MREMAP_MAYMOVE;
        Assert.Equal(Errno.EINVAL, _space.Remap(at, wraps, 0x2000, move | RemapFlags.MREMAP_FIXED, 0x10_0000, out _));
        Assert.NotEqual(Errno.None, _space.Remap(at, wraps, 0x2000, move, 0, out _));
        Assert.Equal(Errno.EINVAL, _space.Unmap(at, wraps));
        Assert.Equal(Errno.ENOMEM, _space.Protect(at, wraps, MemoryProtection.PROT_READ));
        Assert.Equal(Errno.EINVAL, _space.Advise(at, wraps, MemoryAdvice.MADV_DONTNEED));
        Assert.Equal(4, _space.TotalPages);
    }

    [Fact]
    public void ProtectionChangesTakeEffectOnPresentPages()
    {
        ulong at = Map(0x4000);
        _space.CopyOut(at, new byte[0x4000]);
        _space.Protect(at + 0x1000, 0x2000, MemoryProtection.PROT_READ);
        Assert.False(_space.CopyOut(at + 0x1000, [1]));
        Assert.Equal(FaultResult.NotAllowed, _space.HandleFault(at + 0x1000, PageAccess.Write));
        Assert.Equal(FaultResult.NotAllowed, _space.HandleFault(at, PageAccess.Execute));
        _space.Protect(at, 0x4000, MemoryProtection.PROT_EXEC);
        Assert.True(_space.CopyIn(at, new byte[1])); // what can be run can be read on this processor
        Assert.Equal(Errno.EINVAL, _space.Protect(at, 0x1000, (MemoryProtection)0x40));
        Assert.Equal(Errno.ENOMEM, _space.Protect(at + 0x3000, 0x2000, MemoryProtection.PROT_READ));
    }

    private ulong Map(ulong length, ulong hint = 0, MapFlags flags = Private)
    {
        Assert.Equal(Errno.None, _space.Map(hint, length, ReadWrite, flags, null, 0, out ulong at));
        return at;
    }
}
