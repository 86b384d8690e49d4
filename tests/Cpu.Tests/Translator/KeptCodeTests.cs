using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Code that is kept in a file: it is used where it fits, and only there, and is code like any other then.</summary>
public sealed class KeptCodeTests
{
    private static readonly FileVersion s_version = new(1, 2, 0x2000, 4, 5);

    // Made by a program that has not called its other function.
    private readonly byte[] _file = Kept();

    [Fact]
    public void NothingIsTranslatedAgain()
    {
        using var later = new KeptProgram(s_version);
        Assert.True(later.Take(_file));
        Assert.Equal(KeptProgram.Sum(1), later.Run());
        Assert.Equal(0, later.Engine.Translated);
        Assert.False(later.Engine.IsWorthKeeping);
    }

    [Fact]
    public void AnotherVersionOfTheFileIsTranslated()
    {
        FileVersion[] others =
        [
            s_version with { Device = 9 }, s_version with { Number = 9 }, s_version with { Size = 9 },
            s_version with { ModifyTime = 9 }, s_version with { ChangeTime = 9 },
        ];
        foreach (FileVersion? version in others.Select(v => (FileVersion?)v).Append(null))
        {
            using var later = new KeptProgram(version, first: 7);
            Assert.True(later.Take(_file));
            Assert.Equal(KeptProgram.Sum(7), later.Run());
            Assert.NotEqual(0, later.Engine.Translated);
        }
    }

    [Fact]
    public void WhatTheFirstRunDidNotComeToIsAdded()
    {
        using var later = new KeptProgram(s_version);
        later.Take(_file);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(KeptProgram.Sum(2), later.Run(other: true));
            Assert.Equal(KeptProgram.Sum(1), later.Run());
        }
        long added = later.Engine.Translated;
        Assert.NotEqual(0, added);
        using var last = new KeptProgram(s_version);
        last.Take(later.Keep());
        Assert.Equal(KeptProgram.Sum(2), last.Run(other: true));
        Assert.Equal(KeptProgram.Sum(1), last.Run());
        Assert.Equal(0, last.Engine.Translated);
    }

    [Fact]
    public void OthersMayRunWhatIsLinked()
    {
        for (int round = 0; round < 20; round++)
        {
            using var later = new KeptProgram(s_version);
            later.Take(_file);
            using var barrier = new Barrier(2);
            var sums = new ulong[2];
            Thread[] threads = [.. Enumerable.Range(0, 2).Select(n => new Thread(() =>
            {
                barrier.SignalAndWait();
                for (int i = 0; i < 10; i++) sums[n] += later.Run(other: (i + n) % 2 == 0, processor: n);
            }))];
            foreach (Thread thread in threads) thread.Start();
            foreach (Thread thread in threads) thread.Join();
            ulong expected = 5 * (KeptProgram.Sum(1) + KeptProgram.Sum(2));
            Assert.Equal([expected, expected], sums);
        }
    }

    [Fact]
    public void WhatNobodyHasTakenOverIsKeptOn()
    {
        using var other = new KeptProgram(s_version with { Number = 9 }, first: 7);
        other.Take(_file);
        Assert.Equal(KeptProgram.Sum(7), other.Run());
        byte[] both = other.Keep();
        using var later = new KeptProgram(s_version);
        later.Take(both);
        Assert.Equal(KeptProgram.Sum(1), later.Run());
        Assert.Equal(0, later.Engine.Translated);
        using var last = new KeptProgram(s_version with { Number = 9 }, first: 7);
        last.Take(both);
        Assert.Equal(KeptProgram.Sum(7), last.Run());
        Assert.Equal(0, last.Engine.Translated);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AChangeOfAPageIsSeen(bool afterRun)
    {
        using var later = new KeptProgram(s_version);
        later.Take(_file);
        if (afterRun) Assert.Equal(KeptProgram.Sum(1), later.Run());
        later.Function(0x100, 3);
        Assert.Equal(KeptProgram.Sum(3), later.Run());
    }

    [Fact]
    public void APageThatCannotBeHadLeavesAllToTheTranslator()
    {
        using var later = new KeptProgram(s_version);
        int calls = 0;
        later.Take(_file, page => ++calls > 1 ? FramePool.None : later.SecondFrame - 1 + (int)page);
        Assert.Equal(KeptProgram.Sum(1), later.Run());
        Assert.NotEqual(0, later.Engine.Translated);
        Assert.Equal(1, later.Machine.Frames.References(later.SecondFrame));
    }

    [Fact]
    public void APageThatSomebodyMayHaveWrittenIsNotTakenOver()
    {
        using var later = new KeptProgram(s_version);
        later.Machine.Frames.MarkWritable(later.SecondFrame);
        later.Take(_file);
        Assert.Equal(KeptProgram.Sum(1), later.Run());
        Assert.NotEqual(0, later.Engine.Translated);
    }

    [Fact]
    public void AFileThatDoesNotFitIsRefused()
    {
        int header = _file.AsSpan().LastIndexOf(typeof(TranslatorEngine).Module.ModuleVersionId.ToByteArray());
        byte[] damaged = [.. _file];
        damaged[header - 100] ^= 1; // the tables lie before it
        byte[] another = [.. _file];
        another[header] ^= 1;
        foreach (byte[] bad in (byte[][])[[], _file[..100], _file[..^1], _file[1..], [.. _file, 0], damaged, another, new byte[_file.Length]])
        {
            using var later = new KeptProgram(s_version);
            Assert.False(later.Take(bad));
            Assert.Equal(KeptProgram.Sum(1), later.Run());
        }
    }

    [Fact]
    public void EnginesThatMakeOtherCodeRefuseIt()
    {
        using (var counting = new KeptProgram(s_version, counts: true))
        {
            Assert.False(counting.Take(_file));
            Assert.Equal(KeptProgram.Sum(1), counting.Run());
            Assert.False(counting.Engine.IsWorthKeeping);
        }
        using (var small = new KeptProgram(s_version, roomForCode: 200))
        {
            Assert.False(small.Take(_file));
            Assert.Equal(KeptProgram.Sum(1), small.Run());
        }
        Assert.SkipUnless(TranslatorEngine.HostHasV3, "needs a host of level v3");
        using var v3 = new KeptProgram(s_version, level: CpuLevel.V3);
        Assert.False(v3.Take(_file));
    }

    [Fact]
    public void WatchedCodeIsNotKept()
    {
        using var program = new KeptProgram(s_version);
        program.Announce();
        Assert.Equal(KeptProgram.Sum(1), program.Run());
        Assert.True(program.Engine.IsWorthKeeping);
        program.Engine.Watch(program.SecondFrame, [0x300]);
        Assert.Equal(KeptProgram.Sum(1), program.Run());
        Assert.False(program.Engine.IsWorthKeeping);
    }

    [Fact]
    public void CodeMemoryCanBeBegunAnewAfterwards()
    {
        using var later = new KeptProgram(s_version, roomForCode: 40_000);
        Assert.True(later.Take(_file));
        long era = later.Engine.Era;
        for (int value = 1; later.Engine.Era < era + 3; value = (value % 1000) + 1)
        {
            later.Function(0x100, value);
            Assert.Equal(KeptProgram.Sum(value), later.Run());
        }
    }

    [Fact]
    public void EntryPointsAreThoseThatWereWritten()
    {
        var random = new Random(1);
        for (int round = 0; round < 50; round++)
        {
            var page = new TranslatedPage(1, 2, GuestCode.Code, null);
            for (int n = random.Next(60); n > 0; n--)
            {
                int offset = random.Next(FramePool.FrameSize), place = random.Next(0x100, 1 << 20) * TranslatedPage.Alignment;
                if (random.Next(2) == 0) page.Enter(offset, place, (FlagsAtEntry)random.Next(3));
                else page.EnterMiddle(offset, place + random.Next(4));
                if (random.Next(3) == 0) page.EnterPolling(offset, place + 1);
                if (random.Next(3) == 0) page.EnterSaving(offset, place + 2);
            }
            CheckSame(page, random);
        }
    }

    private static unsafe void CheckSame(TranslatedPage page, Random random)
    {
        byte[] bytes = Written(page);
        fixed (byte* at = bytes)
        {
            var copy = new TranslatedPage(1, 2, GuestCode.Code, null, new KeptEntries(at));
            Assert.Equal(bytes, Written(copy));
            for (int pass = 0; pass < 2; pass++)
            {
                for (int offset = 0; offset < FramePool.FrameSize; offset++)
                {
                    foreach (EntryKind kind in Enum.GetValues<EntryKind>()) Assert.Equal(page[offset, kind], copy[offset, kind]);
                    Assert.Equal((page.Has(offset), page.IsMiddle(offset), page.IgnoresFlags(offset)), (copy.Has(offset), copy.IsMiddle(offset), copy.IgnoresFlags(offset)));
                }
                int added = random.Next(FramePool.FrameSize); // from now on it has entries of its own
                page.EnterMiddle(added, 77);
                copy.EnterMiddle(added, 77);
            }
        }
    }

    private static byte[] Written(TranslatedPage page)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        page.Write(writer);
        return stream.ToArray();
    }

    private static byte[] Kept()
    {
        using var program = new KeptProgram(s_version);
        program.Announce();
        Assert.Equal(KeptProgram.Sum(1), program.Run());
        return program.Keep();
    }
}
