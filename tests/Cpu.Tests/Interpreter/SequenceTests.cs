using System.Buffers.Binary;
using System.Globalization;
using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Sse;
using Kennel.Cpu.Tests.X87;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>
/// Loops of random instructions against the host's processor: what single instructions cannot show, such as flags that are
/// kept lazily or not at all, operands that one instruction leaves to the next, jumps, and faults in the middle of runs.
/// </summary>
public sealed class SequenceTests(NativeProcessor native)
{
    /// <summary>More loops for a longer search: KENNEL_SEQUENCES, KENNEL_SEED.</summary>
    private static readonly int s_count = Setting("KENNEL_SEQUENCES", 15_000), s_seed = Setting("KENNEL_SEED", 1);

    private static readonly CpuidFeature[] s_integer =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL386, CpuidFeature.INTEL486, CpuidFeature.X64,
        CpuidFeature.CMOV, CpuidFeature.CX8, CpuidFeature.CMPXCHG16B, CpuidFeature.POPCNT,
    ];

    private static readonly CpuidFeature[] s_vector =
        [CpuidFeature.SSE, CpuidFeature.SSE2, CpuidFeature.SSE3, CpuidFeature.SSSE3, CpuidFeature.SSE4_1, CpuidFeature.SSE4_2];

    [Fact]
    public void IntegerLoopsAgree() => AssertAgrees(Forms(s_integer), s_seed);

    [Fact]
    public void VectorLoopsAgree() => AssertAgrees(Forms(s_vector), s_seed + 1);

    [Fact]
    public void MixedLoopsAgree() =>
        AssertAgrees([.. Forms(s_integer), .. Forms(s_vector), .. Forms([CpuidFeature.MMX])], s_seed + 2);

    [Fact]
    public void TranslatedIntegerLoopsAgree() => AssertAgrees(Forms(s_integer), s_seed + 5, translate: true);

    [Fact]
    public void TranslatedVectorLoopsAgree() => AssertAgrees(Forms(s_vector), s_seed + 6, translate: true);

    [Fact]
    public void TranslatedMixedLoopsAgree() =>
        AssertAgrees([.. Forms(s_integer), .. Forms(s_vector), .. Forms([CpuidFeature.MMX])], s_seed + 7, translate: true);

    /// <summary>MMX and x87 instructions share registers.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void X87AndMmxLoopsAgree(bool translate)
    {
        Assert.SkipUnless(X87Agreement.IsAmd, "stack faults are modelled after AMD's processors");
        AssertAgrees([.. Forms([CpuidFeature.FPU, CpuidFeature.FPU287, CpuidFeature.FPU387, CpuidFeature.CMOV, CpuidFeature.MMX])], s_seed + 4, translate);
    }

    /// <summary>Where a task is preempted must not show: the same loops, run one or a few instructions at a time.</summary>
    [Fact]
    public void PreemptionLeavesNoTrace()
    {
        Code[] codes = [.. Forms(s_integer), .. Forms(s_vector), .. Forms([CpuidFeature.MMX])];
        Vector[] vectors = Loops(codes, s_seed + 3, out IReadOnlyDictionary<int, RflagsBits>[] undefined);
        var random = new Random(s_seed);
        using var whole = new InterpretedProcessor();
        using var stepped = new InterpretedProcessor { Budget = () => 1 };
        using var cut = new InterpretedProcessor { Budget = () => random.Next(1, 6) };
        Outcome[] expected = whole.Run(vectors);
        Tolerance Allowed(int n) => ToleranceOf(vectors[n], expected[n], undefined[n], translated: false); // what is undefined need not be computed
        Comparison.AssertSame(vectors, expected, stepped.Run(vectors), Allowed);
        Comparison.AssertSame(vectors, expected, cut.Run(vectors), Allowed);
    }

    private void AssertAgrees(Code[] codes, int seed, bool translate = false)
    {
        Vector[] vectors = Loops(codes, seed, out IReadOnlyDictionary<int, RflagsBits>[] undefined);
        Outcome[] expected = native.Run(vectors);
        using var ours = new InterpretedProcessor(translate);
        Comparison.AssertSame(vectors, expected, ours.Run(vectors), n => ToleranceOf(vectors[n], expected[n], undefined[n], translate));
        Assert.True(expected.Count(outcome => outcome.Signal == 5) > s_count / 3, "too few loops run to their end");
    }

    private static Vector[] Loops(Code[] codes, int seed, out IReadOnlyDictionary<int, RflagsBits>[] undefined)
    {
        var random = new Random(seed);
        var generator = new SequenceGenerator(random, codes);
        var vectors = new Vector[s_count];
        undefined = new IReadOnlyDictionary<int, RflagsBits>[s_count];
        for (int n = 0; n < s_count; n++) generator.Fill(ref Start(random, ref vectors[n]), out undefined[n]);
        return vectors;
    }

    private static ref Vector Start(Random random, ref Vector v)
    {
        v = Vector.Plain();
        var values = new SseValues(random);
        for (int i = 0; i < 16; i++) v.Gpr[i] = FormGenerator.Value(random);
        v.Rflags = 0x202 | ((ulong)random.Next(0x1000) & 0x8d5) | (random.Next(8) == 0 ? 0x400u : 0);
        values.Fill(v.Data, LaneKind.Integers);
        values.Fill(v.Fx[160..416], (LaneKind)random.Next(3));
        BinaryPrimitives.WriteUInt32LittleEndian(v.Fx[24..], random.Next(4) == 0 ? 0x1f80 | ((uint)random.Next(4) << 13) : 0x1f80);
        return ref v;
    }

    // Where the code stopped, some flags may be undefined.
    private static Tolerance ToleranceOf(in Vector v, in Outcome expected, IReadOnlyDictionary<int, RflagsBits> undefinedAt, bool translated)
    {
        int stopped = (int)(expected.Rip - Layout.CodeBase - v.CodeOffset);
        if (expected.Signal == 5) stopped--; // behind the int3 that follows the code
        RflagsBits undefined = undefinedAt.GetValueOrDefault(stopped);
        ulong flags = new Tolerance().Flags;
        if (translated && expected.Signal != 5) flags = 0x400; // flags about to be overwritten are not kept for a fault
        if ((undefined & RflagsBits.OF) != 0) flags &= ~0x800UL;
        if ((undefined & RflagsBits.SF) != 0) flags &= ~0x80UL;
        if ((undefined & RflagsBits.ZF) != 0) flags &= ~0x40UL;
        if ((undefined & RflagsBits.AF) != 0) flags &= ~0x10UL;
        if ((undefined & RflagsBits.PF) != 0) flags &= ~4UL;
        if ((undefined & RflagsBits.CF) != 0) flags &= ~1UL;
        return new Tolerance { Flags = flags, Vectors = true };
    }

    private static Code[] Forms(CpuidFeature[] features) =>
    [
        .. from code in Enum.GetValues<Code>()
           let form = code.ToOpCode()
           where form.IsInstruction && form.Mode64 && form.Encoding == EncodingKind.Legacy && !form.IsPrivileged
               && code.FlowControl() == FlowControl.Next && code.CpuidFeatures().All(features.Contains) && !IsExcluded(code)
           select code,
    ];

    // What changes the test program's surroundings, answers for the machine, stores the code's place, or needs more room.
    private static bool IsExcluded(Code code) => code.Mnemonic() is
        Mnemonic.Enter or Mnemonic.Leave or Mnemonic.Popf or Mnemonic.Popfd or Mnemonic.Popfq or Mnemonic.Lfs or Mnemonic.Lgs or Mnemonic.Lss or
        Mnemonic.Cpuid or Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw or Mnemonic.Sgdt or Mnemonic.Sidt or
        Mnemonic.Sldt or Mnemonic.Str or Mnemonic.Smsw or Mnemonic.Fxsave or Mnemonic.Fxsave64 or Mnemonic.Fxrstor or Mnemonic.Fxrstor64 or
        Mnemonic.Ldmxcsr or Mnemonic.Maskmovq or Mnemonic.Maskmovdqu or Mnemonic.Xlatb or Mnemonic.Wait or
        Mnemonic.Fldcw or Mnemonic.Fldenv or Mnemonic.Frstor or Mnemonic.Fnstenv or Mnemonic.Fstenv or Mnemonic.Fnsave or Mnemonic.Fsave or
        Mnemonic.F2xm1 or Mnemonic.Fyl2x or Mnemonic.Fyl2xp1 or Mnemonic.Fpatan or Mnemonic.Fptan or Mnemonic.Fsin or Mnemonic.Fcos or
        Mnemonic.Fsincos or Mnemonic.Fstcw or Mnemonic.Fstsw or Mnemonic.Finit or Mnemonic.Fclex or Mnemonic.Feni or Mnemonic.Fdisi or
        Mnemonic.Fsetpm or Mnemonic.Frstpm or Mnemonic.Fstsg or Mnemonic.Fstdw or Mnemonic.Fnstsg or Mnemonic.Fnstdw
        || code is Code.Mov_Sreg_rm16 or Code.Mov_Sreg_r32m16 or Code.Mov_Sreg_r64m16 or Code.Popw_FS or Code.Popq_FS or Code.Popw_GS or Code.Popq_GS
            or Code.Movsxd_r16_rm16 // AMD's processors read four bytes
            or Code.Reservednop_rm16_r16_0F0D or Code.Reservednop_rm32_r32_0F0D or Code.Reservednop_rm64_r64_0F0D;

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
