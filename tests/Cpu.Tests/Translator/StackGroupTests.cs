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
    private const ulong Code = BorderMachine.Code, Stack = BorderMachine.Data;
    private const int Programs = 3000;

    [Fact]
    public void BothEnginesDoTheSame()
    {
        using BorderMachine interpreted = new(translate: false), translated = new(translate: true);
        var random = new Random(41);
        for (int n = 0; n < Programs; n++)
        {
            byte[] code = RandomProgram(random);
            ulong start = Stack + (ulong)(random.Next(4) * FramePool.FrameSize) + (ulong)random.Next(-160, 160);
            ulong expected = interpreted.Run(code, s => s->R[CpuState.Rsp] = start), actual = translated.Run(code, s => s->R[CpuState.Rsp] = start);
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
}
