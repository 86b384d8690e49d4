using System.Runtime.InteropServices;
using Iced.Intel;
using Kennel.Cpu.Interpreter;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>
/// String instructions in both engines: long and short, overlapping, over pages that do not lie one behind the other, may not be written,
/// hold code or are missing.
/// </summary>
public sealed unsafe class TranslatedStringTests
{
    private const ulong Code = 0x40_0000, Data = 0x7000_0000;
    private const int Pages = 24, Rounds = 4000, Size = Pages * FramePool.FrameSize;

    // Pages 5 and 12 are missing, 8 and 9 read-only, 15 holds code.
    private static PageAccess AccessOf(int page) => page switch
    {
        5 or 12 => PageAccess.None,
        8 or 9 => PageAccess.Read,
        15 => PageAccess.Read | PageAccess.Write | PageAccess.Execute,
        _ => PageAccess.Read | PageAccess.Write,
    };

    [Fact]
    public void BothEnginesDoTheSame()
    {
        using Side interpreted = new(translate: false), translated = new(translate: true);
        var random = new Random(71);
        byte[] prefixes = [0, 0, 0xf2, 0xf3, 0xf3], codes = [0xa4, 0xa6, 0xaa, 0xac, 0xae];
        for (int n = 0; n < Rounds; n++)
        {
            byte prefix = prefixes[random.Next(prefixes.Length)], code = codes[random.Next(codes.Length)];
            byte[] wide = random.Next(4) switch { 0 => [], 1 => [0x66], 2 => [0x48], _ => [] };
            byte opcode = (byte)(wide.Length > 0 || random.Next(2) == 0 ? code | 1 : code);
            byte[] operation = [.. wide is [0x66] ? wide : [], .. prefix != 0 ? [prefix] : Array.Empty<byte>(), .. wide is [0x48] ? wide : [], opcode];
            byte[] program = [.. operation, 0x0f, 0x94, 0xc3, 0x0f, 0x92, 0xc7, .. operation, 0xcc]; // sete bl; setb bh; again; int3
            ulong from = Data + (ulong)random.Next(Size), to = random.Next(3) == 0 ? from + (ulong)random.Next(-20, 20) : Data + (ulong)random.Next(Size);
            ulong count = random.Next(6) switch { 0 => (ulong)random.Next(4), 1 => (ulong)random.Next(20_000), 2 when code is 0xa6 or 0xae => ulong.MaxValue, _ => (ulong)random.Next(300) };
            uint flags = 0x202 | ((uint)random.Next(0x1000) & 0x8d5) | (random.Next(10) == 0 ? Flags.Direction : 0);
            ulong value = random.Next(3) == 0 ? 0 : (ulong)random.NextInt64();
            interpreted.Run(program, from, to, count, value, flags);
            translated.Run(program, from, to, count, value, flags);
            string difference = interpreted.Difference(translated);
            Assert.True(difference.Length == 0, $"round {n}, {Convert.ToHexString(program)}, rsi {from:x}, rdi {to:x}, rcx {count:x}, flags {flags:x}: {difference}");
        }
    }

    /// <summary>What is known of either is found by generated code itself.</summary>
    [Theory]
    [InlineData(0xab)] // stos
    [InlineData(0xa5)] // movs, the source in the other range
    public void TwoRangesInTurnDoNotLeave(byte code)
    {
        const ulong first = Data, second = Data + 0x100_0000;
        var counter = new InterpretedCounter();
        using var machine = new BareMachine(translate: true);
        ((TranslatorEngine)machine.Engine).Interpreted = counter;
        using var guest = new GuestCode(machine);
        machine.Map(GuestCode.Code, 1, PageAccess.Read | PageAccess.Execute);
        foreach (ulong range in (ulong[])[first, second]) machine.Map(range, 16, PageAccess.Read | PageAccess.Write);
        guest.Assemble(GuestCode.Code, a =>
        {
            Label top = a.CreateLabel();
            a.Label(ref top);
            a.mov(rdi, r8);
            a.mov(rsi, r9);
            a.mov(ecx, 100);
            a.db(0xf3, 0x48, code);
            a.xchg(r8, r9);
            a.dec(edx);
            a.jne(top);
            a.int3();
        });
        guest.State->Rip = GuestCode.Code;
        (guest[CpuState.R8], guest[CpuState.R9], guest[CpuState.Rdx], guest[CpuState.Rax]) = (first, second, 1000, 0x1234);
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        Assert.InRange(counter.Exits.GetValueOrDefault(ExitKind.Whole), 1, 8);
        Assert.Equal(0, counter.Exits.GetValueOrDefault(ExitKind.Interpret) - 1); // int3
    }

    private sealed class Side : IDisposable
    {
        private readonly BareMachine _machine;
        private readonly CpuState* _state = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);
        private StopReason _stop;

        public Side(bool translate)
        {
            _machine = new BareMachine(translate: translate);
            _machine.Map(Code, 1, PageAccess.Read | PageAccess.Write | PageAccess.Execute);
            // Every third frame is out of order.
            int[] order = [.. Enumerable.Range(0, Pages).OrderBy(page => page % 3 == 0 ? -page : page)];
            foreach (int page in order)
            {
                if (AccessOf(page) != PageAccess.None) _machine.Map(Data + ((ulong)page << 12), 1, AccessOf(page));
            }
            var random = new Random(72);
            byte[] bytes = new byte[FramePool.FrameSize];
            for (int page = 0; page < Pages; page++)
            {
                if (AccessOf(page) == PageAccess.None) continue;
                for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(random.Next(40) == 0 ? random.Next(256) : 7);
                bytes[^1] = 0xcc;
                _machine.Write(Data + ((ulong)page << 12), bytes);
            }
            // Something of page 15 has run.
            _state->Reset();
            _state->Rip = Data + (16 << 12) - 1;
            _machine.Run(_state);
        }

        public void Run(byte[] code, ulong from, ulong to, ulong count, ulong value, uint flags)
        {
            _machine.Write(Code + 0x100, code);
            _state->Reset();
            _state->Rip = Code + 0x100;
            _state->R[CpuState.Rsi] = from;
            _state->R[CpuState.Rdi] = to;
            _state->R[CpuState.Rcx] = count;
            _state->R[CpuState.Rax] = value;
            _state->Eflags = flags;
            do _stop = _machine.Run(_state);
            while (_stop == StopReason.Preempted);
            _machine.Engine.MaterializeFlags(_state);
        }

        public string Difference(Side other)
        {
            if (_stop != other._stop) return $"{_stop}, {other._stop}";
            for (int i = 0; i < 16; i++)
            {
                if (_state->R[i] != other._state->R[i]) return $"register {i}: {_state->R[i]:x}, {other._state->R[i]:x}";
            }
            if (_state->Rip != other._state->Rip) return $"rip {_state->Rip:x}, {other._state->Rip:x}";
            if (_stop == StopReason.PageFault && _state->FaultAddress != other._state->FaultAddress) return $"fault {_state->FaultAddress:x}, {other._state->FaultAddress:x}";
            uint compared = _stop == StopReason.PageFault ? 0 : Flags.Status;
            if (((_state->Eflags ^ other._state->Eflags) & compared) != 0) return $"flags {_state->Eflags:x}, {other._state->Eflags:x}";
            byte[] ours = new byte[FramePool.FrameSize], theirs = new byte[FramePool.FrameSize];
            for (int page = 0; page < Pages; page++)
            {
                if (AccessOf(page) == PageAccess.None) continue;
                ulong address = Data + ((ulong)page << 12);
                _machine.Read(address, ours);
                other._machine.Read(address, theirs);
                if (!ours.AsSpan().SequenceEqual(theirs)) return $"page {page}";
            }
            return "";
        }

        public void Dispose()
        {
            _machine.Dispose();
            NativeMemory.AlignedFree(_state);
        }
    }
}
