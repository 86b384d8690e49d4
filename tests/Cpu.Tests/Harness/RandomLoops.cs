using Iced.Intel;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>
/// Makes loops of random instructions, with jumps forwards and backwards into each other, that access memory near a few registers. A program for
/// <see cref="FaultingMachine"/>.
/// </summary>
internal static class RandomLoops
{
    private const ulong Data = FaultingMachine.Data;
    private const int Positions = 40;

    private static readonly AssemblerRegister64[] s_bases = [rbx, rsi, r13, r15, rsp, rsp], s_values = [rax, rdx, r8, r9, r10, r11, rbp];

    /// <summary>A program, which ends if nothing else does it: r14 counts its jumps backwards.</summary>
    /// <param name="random">Where it comes from.</param>
    /// <param name="level">With <see cref="CpuLevel.V3"/>, half of its accesses are those of <see cref="RandomVex"/>.</param>
    public static byte[] Make(Random random, CpuLevel level) => GuestCode.Bytes(FaultingMachine.Code, a => Add(a, random, level == CpuLevel.V3));

    private static void Add(Assembler a, Random random, bool withVex)
    {
        var places = new Label[Positions + 1];
        for (int n = 0; n <= Positions; n++) places[n] = a.CreateLabel();
        AssemblerRegister64 near = s_bases[0];
        for (int n = 0; n < Positions; n++)
        {
            if (n == Positions - 1) AddLoop(a, places[0], places[n]);
            a.Label(ref places[n]);
            if (random.Next(6) == 0) near = s_bases[random.Next(s_bases.Length)];
            switch (random.Next(16))
            {
                case < 11 when withVex && random.Next(2) == 0:
                    RandomVex.Add(a, random, near);
                    break;
                case < 11:
                    AddAccess(a, random, near);
                    break;
                case < 13:
                    AddStep(a, random, near);
                    break;
                case 13:
                    a.cmp(s_values[random.Next(s_values.Length)], random.Next(200));
                    AddJump(a, random, places[random.Next(n + 1, Math.Min(n + 8, Positions) + 1)]);
                    break;
                case 14:
                    AddLoop(a, places[random.Next(n)], places[n + 1]);
                    break;
                default:
                    AddStack(a, random);
                    break;
            }
        }
        a.Label(ref places[Positions]);
        a.int3();
    }

    private static void AddJump(Assembler a, Random random, Label target)
    {
        switch (random.Next(4))
        {
            case 0:
                a.jb(target);
                break;
            case 1:
                a.js(target);
                break;
            case 2:
                a.jl(target);
                break;
            default:
                a.jp(target);
                break;
        }
    }

    // Backwards as long as there are rounds left, which nothing else counts.
    private static void AddLoop(Assembler a, Label top, Label end)
    {
        a.dec(r14);
        a.jg(top);
        a.jmp(end);
    }

    private static void AddAccess(Assembler a, Random random, AssemblerRegister64 near)
    {
        int displacement = random.Next(8) == 0 ? random.Next(-300, 300) : random.Next(-4, 12) * 8;
        AssemblerRegister64 value = random.Next(16) == 0 && near != rsp ? near : s_values[random.Next(s_values.Length)]; // the register itself, now and then
        AssemblerMemoryOperand address = random.Next(12) switch
        {
            0 => __[near + (rdi * 8) + displacement],
            1 => __[Data + 0x1ff0 + (ulong)(displacement & 0x7f)], // near one address, over a border
            2 => __[Data + (ulong)((random.Next(FaultingMachine.Pages) * FramePool.FrameSize) + (displacement & 0xff8))],
            3 => __.fs[(ulong)(long)displacement],
            _ => __[near + displacement],
        };
        switch (random.Next(17))
        {
            case 0 or 1 or 2:
                a.mov(value, __qword_ptr[address]);
                break;
            case 3 or 4 or 5:
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
                a.paddd(xmm2, __xmmword_ptr[near + (displacement & ~15)]);
                break;
            case 11:
                a.mov(__byte_ptr[(near == rbx || near == rsi ? near : rbx) + displacement], ah);
                break;
            case 12:
                a.cmp(__byte_ptr[address], 3);
                a.setb(al);
                break;
            case 13:
                a.@lock.xadd(__dword_ptr[address], r8d);
                break;
            case 14:
                a.cmovb(edx, __dword_ptr[address]);
                break;
            case 15:
                a.sub(value, __qword_ptr[address]);
                AddFlagUse(a, random);
                break;
            default:
                a.movzx(r9d, __word_ptr[address]);
                break;
        }
    }

    private static void AddStep(Assembler a, Random random, AssemblerRegister64 near)
    {
        switch (random.Next(9))
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
                a.xchg(near, s_bases[random.Next(4)]);
                break;
            case 6:
                a.fild(__qword_ptr[near + 8]);
                a.fistp(__qword_ptr[near + 16]);
                break;
            case 7:
                a.add(r10, r11); // neither has a home in the host's registers
                break;
            default:
                AddFlagUse(a, random);
                break;
        }
    }

    private static void AddStack(Assembler a, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                a.push(s_values[random.Next(s_values.Length)]);
                break;
            case 1:
                a.pop(s_values[random.Next(s_values.Length)]);
                break;
            case 2:
                a.push(__qword_ptr[rbx + 8]);
                break;
            case 3: // over a border, perhaps, and as many as there are left
                a.lea(rdi, __[rsp + 16]);
                a.rep.movsb();
                a.mov(edi, 5);
                break;
            case 4:
                a.mov(ecx, random.Next(40));
                break;
            default:
                Label function = a.CreateLabel(), behind = a.CreateLabel();
                a.call(function);
                a.jmp(behind);
                a.Label(ref function);
                AddFlagUse(a, random); // of those from before the call
                if (random.Next(2) == 0) a.inc(__byte_ptr[rsp + 24]);
                if (random.Next(2) == 0) a.add(rax, 0x7fff_ffff);
                if (random.Next(2) == 0) a.mov(rdx, __qword_ptr[rsp + 16]);
                a.ret();
                a.Label(ref behind);
                AddFlagUse(a, random);
                break;
        }
    }

    /// <summary>Something that looks at flags, perhaps.</summary>
    public static void AddFlagUse(Assembler a, Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                a.adc(rdx, 5);
                break;
            case 1:
                a.seto(al);
                break;
            case 2:
                a.cmovs(r8d, edx);
                break;
            case 3:
                a.lahf();
                break;
            case 4:
                a.rcl(r10, 1);
                break;
            case 5:
                a.pushfq();
                a.and(__qword_ptr[rsp], 0x8d5);
                a.pop(r11);
                break;
            default:
                a.nop();
                break;
        }
    }
}
