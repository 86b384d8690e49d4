using Iced.Intel;
using Kennel.Cpu.Tests.Avx;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>Random instructions of x86-64-v3, and legacy ones among them that keep upper halves.</summary>
internal static class RandomVex
{
    // What programs of RandomLoops find memory by, and count with.
    private static readonly Register[] s_pointers = [Register.RBX, Register.RSI, Register.R13, Register.R15, Register.RSP, Register.R14, Register.RDI, Register.RCX];

    /// <summary>Adds one, or a few that belong together, which access memory near a register.</summary>
    public static void Add(Assembler a, Random random, AssemblerRegister64 near)
    {
        AssemblerMemoryOperand address = random.Next(6) == 0 ? __[near + (rdi * 8) + Displacement(random)] : __[near + Displacement(random)];
        switch (random.Next(18))
        {
            case < 6:
                Instruction i = AnyForm(random, near);
                a.AddInstruction(i);
                if (i.RflagsUndefined != RflagsBits.None) a.cmp(near, 3); // nobody may look at those
                break;
            case < 9:
                AddMasked(a, random, address);
                break;
            case 9:
                AddGather(a, random, near);
                break;
            case 10:
                a.vzeroupper();
                break;
            case 11:
                a.movups(Xmm(random), __xmmword_ptr[address]);
                break;
            case 12:
                a.paddd(Xmm(random), Xmm(random));
                a.vmovdqu(__ymmword_ptr[address], Ymm(random));
                break;
            case 13:
                a.vptest(Ymm(random), __ymmword_ptr[address]);
                RandomLoops.AddFlagUse(a, random);
                break;
            case 14:
                a.vmovups(Ymm(random), __ymmword_ptr[address]);
                break;
            case 15:
                a.vmovaps(__ymmword_ptr[near + (Displacement(random) & ~31)], Ymm(random)); // aligned now and then
                break;
            default:
                AddNeighbours(a, random, near);
                break;
        }
    }

    // Of all that there are: most have an operand in memory, some change no vector.
    private static Instruction AnyForm(Random random, AssemblerRegister64 near)
    {
        while (true)
        {
            Code code = AvxInstructions.All[random.Next(AvxInstructions.All.Length)];
            if (AvxInstructions.IsGather(code) || code is Code.VEX_Vldmxcsr_m32 or Code.VEX_Vmaskmovdqu_rDI_xmm_xmm) continue;
            Instruction i = AvxInstructions.Make(code, memory: random.Next(6) != 0, random);
            if (i.MemoryBase != Register.None)
            {
                i.MemoryBase = near;
                i.MemoryDisplacement64 = (ulong)(long)(Displacement(random) & (random.Next(2) == 0 ? ~15 : ~0));
                i.MemoryDisplSize = 8;
            }
            if (!AvxInstructions.Changes(i, s_pointers)) return i;
        }
    }

    // Only the elements whose mask says so may fault.
    private static void AddMasked(Assembler a, Random random, AssemblerMemoryOperand address)
    {
        AssemblerRegisterYMM value = Ymm(random), mask = Ymm(random);
        if (random.Next(4) == 0) a.vpcmpgtd(mask, mask, Ymm(random)); // or random ones
        switch (random.Next(6))
        {
            case 0:
                a.vmaskmovps(value, mask, __ymmword_ptr[address]);
                break;
            case 1:
                a.vmaskmovpd(__ymmword_ptr[address], mask, value);
                break;
            case 2:
                a.vpmaskmovd(__ymmword_ptr[address], mask, value);
                break;
            case 3:
                a.vpmaskmovq(value, mask, __ymmword_ptr[address]);
                break;
            case 4:
                a.vmaskmovps(__xmmword_ptr[address], Xmm(random), Xmm(random));
                break;
            default:
                a.vpmaskmovd(Xmm(random), Xmm(random), __xmmword_ptr[address]);
                break;
        }
    }

    // Its elements lie up to two pages apart, so that it faults with some of them done.
    private static void AddGather(Assembler a, Random random, AssemblerRegister64 near)
    {
        int first = random.Next(16);
        AssemblerRegisterYMM to = Ymm(first), index = Ymm(first + 1), mask = Ymm(first + 2);
        AssemblerRegisterXMM narrowTo = Xmm(first), narrowIndex = Xmm(first + 1), narrowMask = Xmm(first + 2);
        int displacement = Displacement(random), kind = random.Next(6);
        if (kind < 3) a.vpsrld(index, Ymm(random), 20);
        else a.vpsrlq(index, Ymm(random), 52);
        if (random.Next(3) != 0) a.vpcmpeqd(mask, mask, mask);
        switch (kind)
        {
            case 0:
                a.vpgatherdd(to, __[near + index + displacement], mask);
                break;
            case 1:
                a.vgatherdps(narrowTo, __[near + (narrowIndex * 2) + displacement], narrowMask);
                break;
            case 2:
                a.vgatherdpd(to, __[near + (narrowIndex * 2) + displacement], mask);
                break;
            case 3:
                a.vpgatherqq(to, __[near + (index * 2) + displacement], mask);
                break;
            case 4:
                a.vpgatherqd(narrowTo, __[near + index + displacement], narrowMask);
                break;
            default:
                a.vgatherqpd(narrowTo, __[near + (narrowIndex * 2) + displacement], narrowMask);
                break;
        }
    }

    // Several that one check may stand for.
    private static void AddNeighbours(Assembler a, Random random, AssemblerRegister64 near)
    {
        int start = Displacement(random);
        AssemblerRegisterYMM value = Ymm(random);
        a.vmovdqu(value, __ymmword_ptr[near + start]);
        if (random.Next(2) == 0) a.vpaddd(value, value, __ymmword_ptr[near + start + 32]);
        else a.pxor(Xmm(random), Xmm(random));
        if (random.Next(3) == 0) a.vzeroupper();
        if (random.Next(2) == 0) a.vmovups(__ymmword_ptr[near + start + 8], value);
        else a.vextracti128(__xmmword_ptr[near + start + 64], value, 1);
    }

    private static int Displacement(Random random) => random.Next(8) == 0 ? random.Next(-300, 300) : random.Next(-4, 12) * 8;

    private static AssemblerRegisterXMM Xmm(Random random) => Xmm(random.Next(16));

    private static AssemblerRegisterYMM Ymm(Random random) => Ymm(random.Next(16));

    private static AssemblerRegisterXMM Xmm(int n) => new(Register.XMM0 + (n & 15));

    private static AssemblerRegisterYMM Ymm(int n) => new(Register.YMM0 + (n & 15));
}
