using System.Runtime.InteropServices;
using Kennel.Probes;
using Kennel.Tracing.SystemCalls;
using Kennel.Tracing.SystemCalls.Calls;

namespace Kennel.Tracing.Tests.SystemCalls;

/// <summary>Guests may call anything with anything: whatever the arguments and the memory behind them, a call can be written, in bounded text.</summary>
public sealed class RandomCallTests
{
    private const int Rounds = 60;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_call_can_be_written_whatever_it_is_given(bool verbose)
    {
        var random = new Random(4711);
        var printer = new CallPrinter(new PrintSettings { Verbose = verbose, Paths = 2, Hex = HexStrings.NonAscii });
        foreach (CallShape call in CallTable.All)
        {
            for (int round = 0; round < Rounds; round++)
            {
                printer.Task = new Guest(random, round % 3);
                for (int i = 0; i < 6; i++) printer.A[i] = Argument(random);
                printer.Out.Clear();
                printer.Exiting = false;
                printer.Before = null;
                int written = call.WriteEntry(printer);
                printer.Exiting = true;
                printer.Result = (random.Next(3), random.Next(64)) switch { (0, _) => -random.Next(1, 600), (1, var small) => small, _ => (long)Argument(random) };
                call.WriteExit(printer, written);
                if (!printer.Failed) call.Note?.Invoke(printer);
                Assert.True(printer.Out.Length < 4_000_000, $"{call.Name}: {printer.Out.Length} characters");
            }
        }
    }

    private static ulong Argument(Random random) => random.Next(8) switch
    {
        0 => 0,
        1 => (ulong)random.Next(64),
        2 => ulong.MaxValue,
        3 => (ulong)random.NextInt64(),
        4 => 1ul << random.Next(64),
        5 => 0xffffff9c,
        _ => Guest.Base + (ulong)random.Next(Guest.Size),
    };

    /// <summary>A task whose memory is a few pages of noise, of small numbers, or of pointers into itself.</summary>
    private sealed class Guest : ITracedTask
    {
        public const ulong Base = 0x10000;

        public const int Size = 1 << 14;

        private readonly byte[] _memory = new byte[Size];

        public Guest(Random random, int kind)
        {
            if (kind == 0) random.NextBytes(_memory);
            foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(_memory.AsSpan()))
            {
                if (kind == 1) word = (ulong)random.Next(20);
                if (kind == 2) word = Argument(random);
            }
        }

        public int ThreadId => 5;

        public int ProcessId => 5;

        public object Process => this;

        public ITracedTask? Parent => null;

        public string Name => "guest";

        public IReadOnlyList<string> Arguments => [];

        public uint UserId => 0;

        public uint GroupId => 0;

        public uint EffectiveUserId => 0;

        public uint EffectiveGroupId => 0;

        public (long User, long System) CpuTime => default;

        public char State => 'R';

        public int Cpu => 0;

        public long StartTime => 0;

        public int Syscall => 0;

        public int ReadMemory(ulong address, Span<byte> destination)
        {
            if (address < Base || address >= Base + Size) return 0;
            int offset = (int)(address - Base), count = Math.Min(destination.Length, Size - offset);
            _memory.AsSpan(offset, count).CopyTo(destination);
            return count;
        }

        public int WriteMemory(ulong address, ReadOnlySpan<byte> source) => 0;

        public ulong Register(int number) => Base + 256;

        public int UserStack(Span<ulong> frames) => 0;

        public int KernelStack(Span<ulong> frames) => 0;

        public UserSymbol? FindUserSymbol(ulong address) => null;

        public TracedFile? FindFile(int descriptor) => descriptor == 3 ? new TracedFile("/dev/null", 0, 0, "devtmpfs", "/dev", "char 1:3") : null;

        public void SendSignal(int signal)
        {
        }
    }
}
