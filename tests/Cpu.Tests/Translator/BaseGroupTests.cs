using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>
/// Random code that goes over memory near a few registers, at page borders and at the ends of what is mapped, in both engines: one check
/// stands for many accesses in translated code, and must never show.
/// </summary>
public sealed unsafe class BaseGroupTests
{
    private const ulong Code = BorderMachine.Code, Data = BorderMachine.Data;
    private const int Programs = 4000;

    private static readonly AssemblerRegister64[] s_bases = [rbx, r15, rsi, r13], s_values = [rax, rcx, rdx, r8, r10, r11];

    [Fact]
    public void BothEnginesDoTheSame()
    {
        using BorderMachine interpreted = new(translate: false), translated = new(translate: true);
        var random = new Random(43);
        for (int n = 0; n < Programs; n++)
        {
            byte[] code = RandomProgram(random);
            ulong first = RandomAddress(random), second = RandomAddress(random);
            BorderMachine.Setup setup = s =>
            {
                s->R[CpuState.Rbx] = first;
                s->R[15] = second;
                s->R[CpuState.Rsi] = first ^ 0x40;
                s->R[13] = second - 24;
                s->R[CpuState.Rbp] = (ulong)(n & 15); // an index
            };
            ulong expected = interpreted.Run(code, setup), actual = translated.Run(code, setup);
            Assert.True(expected == actual, $"program {n}, at {first:x} and {second:x}: {interpreted.Describe()}, translated {translated.Describe()}: {Convert.ToHexString(code)}");
        }
    }

    // Half of them such that SSE operands may be aligned.
    private static ulong RandomAddress(Random random)
    {
        ulong address = Data + (ulong)(random.Next(7) * FramePool.FrameSize) + (ulong)random.Next(-300, 300);
        return random.Next(2) == 0 ? address & ~15UL : address;
    }

    private static byte[] RandomProgram(Random random)
    {
        var a = new Assembler(64);
        AssemblerRegister64 near = s_bases[0];
        for (int i = 0; i < 30; i++)
        {
            if (random.Next(6) == 0) near = s_bases[random.Next(s_bases.Length)];
            if (random.Next(4) != 0) AddAccess(a, random, near);
            else AddOther(a, random, near);
        }
        a.int3();
        using var stream = new MemoryStream();
        a.Assemble(new StreamCodeWriter(stream), Code);
        return stream.ToArray();
    }

    private static void AddAccess(Assembler a, Random random, AssemblerRegister64 near)
    {
        int displacement = random.Next(8) == 0 ? random.Next(-300, 300) : random.Next(-4, 12) * 8;
        AssemblerRegister64 value = random.Next(12) == 0 ? near : s_values[random.Next(s_values.Length)]; // the register itself, now and then
        AssemblerMemoryOperand address = random.Next(10) switch
        {
            0 => __[near + (rbp * 8) + displacement],
            1 => __[Data + 0x1ff0 + (ulong)(displacement & 0x7f)], // near one address, over a border
            _ => __[near + displacement],
        };
        switch (random.Next(12))
        {
            case 0 or 1 or 2 or 3:
                a.mov(value, __qword_ptr[address]);
                break;
            case 4 or 5:
                a.mov(__qword_ptr[address], value);
                break;
            case 6:
                a.add(__dword_ptr[address], 7);
                break;
            case 7:
                a.adc(value, __qword_ptr[address]);
                break;
            case 8:
                a.movups(xmm1, __xmmword_ptr[address]);
                break;
            case 9:
                a.movaps(__xmmword_ptr[near + (displacement & ~15)], xmm1);
                break;
            case 10:
                a.movaps(xmm2, __xmmword_ptr[near + (displacement & ~15)]);
                break;
            default:
                a.mov(__byte_ptr[rbx + displacement], ah);
                break;
        }
    }

    private static void AddOther(Assembler a, Random random, AssemblerRegister64 near)
    {
        switch (random.Next(10))
        {
            case 0 or 1:
                a.add(near, random.Next(-3, 4) * 8);
                break;
            case 2:
                a.lea(near, __[near + (random.Next(-2, 3) * 16)]);
                break;
            case 3:
                a.inc(near);
                break;
            case 4:
                a.mov(near, random.Next(2) == 0 ? rsi : rbx);
                break;
            case 5:
                a.xchg(near, s_bases[random.Next(s_bases.Length)]);
                break;
            case 6:
                a.fild(__qword_ptr[near + 8]);
                a.fstp(st0);
                break;
            case 7:
                a.add(r10, r11); // neither has a home in the host's registers
                break;
            default:
                Label over = a.CreateLabel();
                a.cmp(s_values[random.Next(s_values.Length)], 40);
                a.jb(over);
                a.mov(__qword_ptr[near + 16], rdx);
                a.Label(ref over);
                a.sbb(rdx, 3);
                break;
        }
    }
}
