using System.Runtime.InteropServices;
using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>
/// Random code that uses the stack, at page borders and at the ends of what is mapped, in both engines: one check stands for many
/// accesses in translated code, and must never show.
/// </summary>
public sealed unsafe class StackGroupTests
{
    private const ulong Code = 0x40_0000, Stack = 0x7000_0000;
    private const int StackPages = 3, Programs = 3000;

    [Fact]
    public void BothEnginesDoTheSame()
    {
        using Side interpreted = new(translate: false), translated = new(translate: true);
        var random = new Random(41);
        for (int n = 0; n < Programs; n++)
        {
            byte[] code = RandomProgram(random);
            ulong start = Stack + (ulong)(random.Next(4) * FramePool.FrameSize) + (ulong)random.Next(-160, 160);
            ulong expected = interpreted.Run(code, start), actual = translated.Run(code, start);
            Assert.True(expected == actual, $"program {n}, rsp {start:x}: {interpreted.Describe()}, translated {translated.Describe()}: {Convert.ToHexString(code)}");
        }
    }

    private static byte[] RandomProgram(Random random)
    {
        var a = new Assembler(64);
        AssemblerRegister64[] registers = [rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r10, r11, r15];
        AssemblerRegister64 Any() => registers[random.Next(registers.Length)];
        int Near() => random.Next(-40, 120);
        for (int i = 0; i < 24; i++)
        {
            switch (random.Next(14))
            {
                case 0 or 1:
                    a.push(Any());
                    break;
                case 2 or 3:
                    a.pop(Any());
                    break;
                case 4:
                    a.mov(__qword_ptr[rsp + Near()], Any());
                    break;
                case 5:
                    a.mov(Any(), __qword_ptr[rsp + Near()]);
                    break;
                case 6:
                    a.sub(rsp, random.Next(5) * 8);
                    break;
                case 7:
                    a.lea(rsp, __[rsp + (random.Next(5) * 8)]);
                    break;
                case 8:
                    a.add(__dword_ptr[rsp + Near()], 7);
                    break;
                case 9:
                    a.push(__qword_ptr[rsp + (random.Next(20) == 0 ? 0x1800 : Near())]);
                    break;
                case 10:
                    a.movups(xmm1, __xmmword_ptr[rsp + Near()]);
                    break;
                case 11:
                    Label over = a.CreateLabel();
                    a.cmp(Any(), Any());
                    a.jb(over);
                    a.push(random.Next());
                    a.Label(ref over);
                    a.adc(Any(), 0);
                    break;
                case 12:
                    Label function = a.CreateLabel(), behind = a.CreateLabel();
                    a.call(function);
                    a.jmp(behind);
                    a.Label(ref function);
                    a.inc(__byte_ptr[rsp + 8 + Near()]);
                    a.ret();
                    a.Label(ref behind);
                    break;
                default:
                    a.xchg(__qword_ptr[rsp + Near()], Any());
                    break;
            }
        }
        a.int3();
        using var stream = new MemoryStream();
        a.Assemble(new StreamCodeWriter(stream), Code);
        return stream.ToArray();
    }

    private sealed class Side : IDisposable
    {
        private readonly BareMachine _machine;
        private readonly CpuState* _state = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);
        private readonly byte[] _stack = new byte[StackPages * FramePool.FrameSize];
        private StopReason _stop;

        public Side(bool translate)
        {
            _machine = new BareMachine(memory: 1 << 20, translate: translate, counts: true);
            _machine.Map(Code, 1, PageAccess.Read | PageAccess.Execute);
            _machine.Map(Stack, 2, PageAccess.Read | PageAccess.Write);
            _machine.Frames.Allocate(); // so that the last page is not behind the others in host memory
            _machine.Map(Stack + (2 * FramePool.FrameSize), 1, PageAccess.Read | PageAccess.Write);
        }

        /// <summary>Answers a hash of everything.</summary>
        public ulong Run(byte[] code, ulong stack)
        {
            new Random(7).NextBytes(_stack);
            _machine.Write(Stack, _stack);
            _machine.Write(Code, code);
            _state->Reset();
            for (int i = 0; i < 16; i++) _state->R[i] = (ulong)i * 0x0101_0101_0101;
            _state->R[CpuState.Rsp] = stack;
            _state->Rip = Code;
            _stop = _machine.Run(_state, 10_000);
            _machine.Engine.MaterializeFlags(_state);
            _machine.Read(Stack, _stack);
            ulong hash = (ulong)_stop;
            void Mix(ulong value) => hash = (hash ^ value) * 0x9e37_79b9_7f4a_7c15 + (hash >> 29);
            for (int i = 0; i < 16; i++) Mix(_state->R[i]);
            Mix(_state->Rip);
            Mix(_state->Retired);
            Mix(_state->Xmm[2] ^ (_state->Xmm[3] << 1));
            if (_stop == StopReason.Breakpoint) Mix(_state->Eflags & 0x8d5);
            if (_stop == StopReason.PageFault) Mix(_state->FaultAddress);
            foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(_stack)) Mix(word);
            return hash;
        }

        public string Describe() =>
            $"{_stop} rip {_state->Rip:x} rsp {_state->R[CpuState.Rsp]:x} retired {_state->Retired} flags {_state->Eflags:x} fault {_state->FaultAddress:x}";

        public void Dispose()
        {
            _machine.Dispose();
            NativeMemory.AlignedFree(_state);
        }
    }
}
