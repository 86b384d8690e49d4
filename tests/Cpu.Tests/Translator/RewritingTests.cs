using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Code that is rewritten at random while another processor runs it: nobody's memory but its own changes, and all come back.</summary>
public sealed unsafe class RewritingTests
{
    private const int Pieces = 16, PieceBytes = 256, Canaries = 64;
    private const byte Canary = 0x5c;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CodeIsRewrittenWhileItRuns(bool counts)
    {
        using var machine = new BareMachine(processors: 2, memory: 1 << 20, translate: true, counts: counts);
        using GuestCode runner = new GuestCode(machine).Map(), other = new(machine);
        var canaries = new List<int>();
        for (int i = 0; i < Canaries; i++)
        {
            canaries.Add(machine.Frames.Allocate());
            new Span<byte>(machine.Frames.Pointer(canaries[i]), FramePool.FrameSize).Fill(Canary);
        }
        var random = new Random(3);
        for (int piece = 0; piece < 2 * Pieces; piece++) machine.Write(GuestCode.Code + (ulong)(piece * PieceBytes), Piece(random));
        using var done = new ManualResetEventSlim();
        var threads = new[] { new Thread(() => Run(runner, 0, done)), new Thread(() => Run(other, 1, done)) };
        foreach (Thread thread in threads) thread.Start();
        for (int n = 0; n < 3000; n++)
        {
            machine.Write(GuestCode.Code + (ulong)(random.Next(2 * Pieces) * PieceBytes), Piece(random));
            if (n % 16 == 0) Thread.Yield();
        }
        done.Set();
        foreach (Processor processor in (Processor[])[machine.Processors[0], machine.Processors[1]]) processor.RequestPreemption();
        foreach (Thread thread in threads) Assert.True(thread.Join(TimeSpan.FromSeconds(60)));
        foreach (int frame in canaries) Assert.True(new ReadOnlySpan<byte>(machine.Frames.Pointer(frame), FramePool.FrameSize).IndexOfAnyExcept(Canary) < 0);
    }

    // Wherever a run ends, another begins somewhere in the code.
    private static void Run(GuestCode guest, int processor, ManualResetEventSlim done)
    {
        var random = new Random(processor);
        while (!done.IsSet)
        {
            guest.State->Rip = GuestCode.Code + (ulong)random.Next(2 * Pieces * PieceBytes);
            for (int i = 0; i < 16; i++) guest[i] = GuestCode.Data + (ulong)random.Next(0x2000);
            guest[CpuState.Rsp] = GuestCode.Stack + 0x800;
            guest.Run(20_000, processor);
            guest.State->Eflags = 0x202;
        }
    }

    // Stores, some of them into the code, and jumps to other pieces.
    private static byte[] Piece(Random random)
    {
        var bytes = new List<byte>();
        while (bytes.Count < PieceBytes - 16)
        {
            byte register = (byte)random.Next(8);
            bytes.AddRange(random.Next(8) switch
            {
                0 => [0x01, (byte)(register | 0x40 | (random.Next(8) << 3)), (byte)random.Next(256)], // add [register + x], register
                1 => [0x89, 0x04, 0x25, .. BitConverter.GetBytes((int)GuestCode.Code + random.Next(2 * Pieces * PieceBytes - 4))], // mov [code], eax
                2 => [0x8b, (byte)(register | 0x80), .. BitConverter.GetBytes(random.Next(-64, 4096))],
                3 => [(byte)(0x70 + random.Next(16)), (byte)random.Next(16)],
                4 => [(byte)(0x50 + random.Next(4)), (byte)(0x58 + random.Next(4))],
                5 => [0xe8, .. BitConverter.GetBytes(random.Next(-2048, 2048))],
                6 => [0x0f, 0x10, (byte)(0x40 | register), (byte)random.Next(256), 0xc3],
                _ => (byte[])[0xff, (byte)(0xc0 + register)],
            });
        }
        bytes.AddRange([0xe9, .. BitConverter.GetBytes(random.Next(-3000, 3000))]);
        while (bytes.Count < PieceBytes) bytes.Add(0x90);
        return [.. bytes];
    }
}
