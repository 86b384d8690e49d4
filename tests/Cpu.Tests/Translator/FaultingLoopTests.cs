using System.Globalization;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Translator;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>
/// Random loops, with jumps forwards and backwards into each other, that go over pages of all kinds near a few registers, in both engines;
/// faults are mended and the code goes on. Checks that stand for several accesses, blocks that are entered in the middle and instructions
/// that are gone on with must never show.
/// </summary>
public sealed unsafe class FaultingLoopTests
{
    private const ulong Data = FaultingMachine.Data;

    /// <summary>More programs for a longer search: KENNEL_PROGRAMS, KENNEL_SEED.</summary>
    private static readonly int s_count = Setting("KENNEL_PROGRAMS", 400), s_seed = Setting("KENNEL_SEED", 1);

    /// <summary>Whether instructions are counted, and what the guest's processor has.</summary>
    public static TheoryData<bool, CpuLevel> Kinds => new() { { false, CpuLevel.V2 }, { true, CpuLevel.V2 }, { false, CpuLevel.V3 }, { true, CpuLevel.V3 } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void BothEnginesDoTheSame(bool counts, CpuLevel level)
    {
        using FaultingMachine interpreted = new(translate: false, counts, level), translated = new(translate: true, counts, level);
        for (int n = 0; n < s_count; n++) AssertSame((s_seed * 1_000_003) + n, 25, level, interpreted, translated);
    }

    /// <summary>With code memory that is full every few blocks: it is begun anew, whatever waits to be gone on with or linked.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void WithHardlyAnyRoomForCode(bool counts, CpuLevel level)
    {
        using FaultingMachine interpreted = new(translate: false, counts, level), translated = new(translate: true, counts, level, roomForCode: 200);
        for (int n = 0; n < s_count; n++) AssertSame((s_seed * 2_000_003) + n, 25, level, interpreted, translated);
        Assert.InRange(((TranslatorEngine)translated.Engine).Era, s_count / 5, long.MaxValue);
    }

    /// <summary>While another thread asks for the processor all the time, and makes it forget what it knows.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void WhoeverWantsTheProcessor(bool counts, CpuLevel level)
    {
        using FaultingMachine interpreted = new(translate: false, counts, level), translated = new(translate: true, counts, level);
        using var done = new ManualResetEventSlim();
        var other = new Thread(() =>
        {
            for (int round = 0; !done.IsSet; round++)
            {
                translated.Disturb(round);
                Thread.Yield();
            }
        });
        other.Start();
        try
        {
            for (int n = 0; n < s_count / 3; n++) AssertSame((s_seed * 1_000_003) - n, 1000, level, interpreted, translated);
        }
        finally
        {
            done.Set();
            other.Join();
        }
    }

    private static void AssertSame(int seed, ulong rounds, CpuLevel level, FaultingMachine interpreted, FaultingMachine translated)
    {
        var random = new Random(seed);
        byte[] code = RandomLoops.Make(random, level);
        ulong[] addresses = [.. Enumerable.Range(0, 6).Select(_ => RandomAddress(random))];
        FaultingMachine.Setup setup = s =>
        {
            (s->R[CpuState.Rbx], s->R[CpuState.Rsi], s->R[13], s->R[15], s->R[CpuState.Rsp]) = (addresses[0], addresses[1], addresses[2], addresses[3], addresses[4] & ~7UL);
            s->R[CpuState.FsBase] = addresses[5];
            s->R[CpuState.Rdi] = (ulong)(seed & 15); // an index
            s->R[CpuState.Rcx] = 3;
            s->R[14] = rounds;
            if (level == CpuLevel.V3) FillVectors(s, seed);
        };
        interpreted.Run(code, setup, seed);
        translated.Run(code, setup, seed);
        if (interpreted.Trace.SequenceEqual(translated.Trace)) return;
        int at = interpreted.Trace.Zip(translated.Trace).TakeWhile(static pair => pair.First == pair.Second).Count();
        Assert.Fail($"seed {seed}, stop {at}:\n{interpreted.Trace.ElementAtOrDefault(at)}\ntranslated\n{translated.Trace.ElementAtOrDefault(at)}\n{Convert.ToHexString(code)}");
    }

    // Now and then no upper half is in use.
    private static void FillVectors(CpuState* s, int seed)
    {
        var random = new Random(seed);
        random.NextBytes(new Span<byte>(s->Xmm, 256));
        if (seed % 3 == 0) return;
        random.NextBytes(new Span<byte>(s->YmmHigh, 256));
        s->YmmInUse = 1;
    }

    // Near a page's border, mostly.
    private static ulong RandomAddress(Random random)
    {
        ulong address = Data + (ulong)(random.Next(FaultingMachine.Pages + 1) * FramePool.FrameSize) + (ulong)(random.Next(3) == 0 ? random.Next(-2000, 2000) : random.Next(-200, 200));
        return random.Next(2) == 0 ? address & ~15UL : address;
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
