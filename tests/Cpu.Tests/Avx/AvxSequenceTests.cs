using System.Buffers.Binary;
using System.Globalization;
using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Sse;
using Kennel.Cpu.Translator;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Avx;

/// <summary>
/// Short loops of random instructions with and without VEX prefix, so that upper halves come and go, against the host's processor: in one go,
/// and interrupted all the time.
/// </summary>
public sealed class AvxSequenceTests(NativeProcessor native)
{
    private static readonly int s_loops =
        int.Parse(Environment.GetEnvironmentVariable("KENNEL_AVX_LOOPS") ?? "3000", CultureInfo.InvariantCulture);

    private static readonly int s_seed =
        int.Parse(Environment.GetEnvironmentVariable("KENNEL_AVX_SEED") ?? "1", CultureInfo.InvariantCulture);

    private static readonly Register[] s_bases = [Register.RBX, Register.R10, Register.R15, Register.RSP, Register.RSP];

    private static readonly Code[] s_others =
    [
        Code.VEX_Vzeroupper, Code.VEX_Vzeroupper, Code.VEX_Vzeroupper, Code.VEX_Vzeroall, Code.Addps_xmm_xmmm128, Code.Movaps_xmm_xmmm128, Code.Paddd_xmm_xmmm128,
        Code.Cvtsi2sd_xmm_rm64, Code.Movd_xmm_rm32, Code.VEX_Vmovdqu_ymm_ymmm256, Code.VEX_Vmovdqu_ymmm256_ymm, Code.VEX_Vmovups_ymm_ymmm256,
        Code.VEX_Vmovups_ymmm256_ymm, Code.VEX_Vpaddd_ymm_ymm_ymmm256, Code.VEX_Vpxor_xmm_xmm_xmmm128,
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Loops_agree(bool interrupted)
    {
        Assert.SkipUnless(TranslatorEngine.HostHasV3, "the host's processor does not have it");
        var random = new Random(s_seed);
        var budgets = new Random(s_seed);
        for (int done = 0; done < s_loops; done += 3000)
        {
            Vector[] vectors = [.. Enumerable.Range(0, 3000).Select(_ => Loop(random))];
            using var ours = new InterpretedProcessor(translate: true, CpuLevel.V3) { Budget = interrupted ? () => budgets.Next(1, 12) : null };
            Outcome[] there = native.Run(vectors), here = ours.Run(vectors);
            Comparison.AssertSame(vectors, there, here, n => new Tolerance { Vectors = true, Flags = there[n].Signal == 5 ? 0x8d5u : 0 });
        }
    }

    private Vector Loop(Random random)
    {
        var values = new SseValues(random);
        var code = new List<byte>();
        while (true)
        {
            byte[] bytes = AvxInstructions.Encode(Pick(random));
            if (code.Count + bytes.Length > Layout.CodeSize - 6) break;
            code.AddRange(bytes);
        }
        code.AddRange([0x41, 0x83, 0xee, 0x01]); // sub r14d, 1
        code.AddRange([0x75, (byte)-(code.Count + 2)]); // jne start
        var v = Vector.Plain();
        v.SetCode([.. code], random.Next(4) == 0 ? 0x1000 - (uint)random.Next(1, Layout.CodeSize) : 0x800);
        for (int r = 0; r < 16; r++)
        {
            if (r != 4) v.Gpr[r] = values.Integer();
        }
        v.Gpr[3] = Layout.WindowBase + (ulong)(random.Next(10) * 32) - AvxInstructions.OperandOffset;
        v.Gpr[10] = Layout.WindowBase + (ulong)random.Next(Layout.WindowSize - 64);
        v.Gpr[15] = random.Next(8) == 0 ? Layout.DataBase + 0x2000 - (ulong)random.Next(64) : Layout.WindowBase + 200 + (ulong)random.Next(60);
        v.Gpr[4] = Layout.WindowBase + (ulong)(random.Next(12) * 32);
        v.Gpr[14] = (ulong)random.Next(1, 6);
        values.Fill(v.Data, LaneKind.Integers);
        values.Fill(v.Fx[160..416], LaneKind.Singles);
        if (random.Next(3) != 0) values.Fill(v.Ymm, LaneKind.Integers);
        BinaryPrimitives.WriteUInt32LittleEndian(v.Fx[24..], 0x1f80);
        return v;
    }

    private Instruction Pick(Random random)
    {
        while (true)
        {
            Code code = random.Next(2) == 0 ? s_others[random.Next(s_others.Length)] : AvxInstructions.All[random.Next(AvxInstructions.All.Length)];
            Instruction i = AvxInstructions.Make(code, random.Next(2) == 0, random);
            if (AvxInstructions.IsGather(code) || code is Code.VEX_Vldmxcsr_m32 or Code.VEX_Vmaskmovdqu_rDI_xmm_xmm) continue;
            if (i.MemoryBase != Register.None) i.MemoryBase = s_bases[random.Next(s_bases.Length)];
            if (i.MemoryBase == Register.RSP) i.MemoryDisplacement64 = (ulong)random.Next(12) * 8;
            if (!AvxInstructions.Changes(i, [Register.RSP, Register.RBX, Register.R10, Register.R14, Register.R15])) return i;
        }
    }
}
