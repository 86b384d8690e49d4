using Iced.Intel;
using Kennel.Cpu.Decoding;
using Kennel.Cpu.Tests.Harness;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>Every integer instruction form, with random and edge operands, against the host's processor.</summary>
public sealed class IntegerFormTests(NativeProcessor native)
{
    private const int VectorsPerForm = 60;

    internal static readonly HashSet<CpuidFeature> Features =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL286, CpuidFeature.INTEL386, CpuidFeature.INTEL486,
        CpuidFeature.X64, CpuidFeature.CMOV, CpuidFeature.CX8, CpuidFeature.CMPXCHG16B, CpuidFeature.POPCNT, CpuidFeature.SSE4_2,
        CpuidFeature.MULTIBYTENOP, CpuidFeature.PAUSE, CpuidFeature.CLFSH, CpuidFeature.INTEL8086_ONLY,
    ];

    [Fact]
    public void FormsAgreeWithTheProcessor()
    {
        var generator = new FormGenerator(1);
        var vectors = new List<Vector>();
        foreach (Code code in Forms())
        {
            // Bit strings reach beyond their operand, in more ways than the others.
            int count = code.Mnemonic() is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc ? 8 * VectorsPerForm : VectorsPerForm;
            for (int n = 0; n < count && generator.TryCreate(code, out Vector vector); n++) vectors.Add(vector);
        }
        AssertAgree([.. vectors]);
        Assert.True(vectors.Count > 15_000, $"only {vectors.Count} vectors");
    }

    [Fact]
    public void SingleStepsGiveTheSame()
    {
        var generator = new FormGenerator(5) { Suffix = static random => [0x0f, (byte)(0x90 + random.Next(16)), 0xc1, 0x48, 0x89, 0xc2] };
        var vectors = new List<Vector>();
        foreach (Code code in Forms())
        {
            for (int n = 0; n < 10 && generator.TryCreate(code, out Vector vector); n++) vectors.Add(vector);
        }
        Vector[] all = [.. vectors];
        using InterpretedProcessor running = new(), stepping = new() { Steps = true };
        Comparison.AssertSame(all, running.Run(all), stepping.Run(all), static _ => new Tolerance());
    }

    /// <summary>Instructions that change some flags and leave the others, behind ones that set them all.</summary>
    [Fact]
    public void PartialFlagChangesAgree()
    {
        Mnemonic[] setters = [Mnemonic.Cmp, Mnemonic.Add, Mnemonic.Adc, Mnemonic.Sbb, Mnemonic.Xor, Mnemonic.Inc, Mnemonic.Dec, Mnemonic.Popcnt];
        byte[][] changes =
        [
            [0xf8], [0xf9], [0xf5], [0x48, 0xd1, 0xc0], [0x48, 0xd1, 0xc8], [0x48, 0xd1, 0xd0], [0x48, 0xd1, 0xd8],
            [0xff, 0xc0], [0xff, 0xc8], [0x9f], [0x9e], [0x48, 0x11, 0xd8], [0x48, 0x19, 0xd8], [0xf7, 0xd8],
        ]; // clc stc cmc rol ror rcl rcr inc dec lahf sahf adc sbb neg
        var generator = new FormGenerator(6)
        {
            Suffix = random =>
            [
                .. changes[random.Next(changes.Length)], .. changes[random.Next(changes.Length)], .. changes[random.Next(changes.Length)],
                0x0f, (byte)(0x90 + random.Next(16)), 0xc1,
            ],
        };
        var vectors = new List<Vector>();
        foreach (Code code in Forms().Where(code => setters.Contains(code.Mnemonic())))
        {
            for (int n = 0; n < 3 * VectorsPerForm && generator.TryCreate(code, out Vector vector); n++) vectors.Add(vector);
        }
        AssertAgree([.. vectors]);
    }

    [Fact]
    public void TablesByFormAreLongEnough() => Assert.True((int)Enum.GetValues<Code>().Max() < RunDecoder.FormCount);

    [Fact]
    public void ConditionalJumpsBehindArithmeticAgree()
    {
        Mnemonic[] pairs = [Mnemonic.Cmp, Mnemonic.Test, Mnemonic.Sub, Mnemonic.And, Mnemonic.Add, Mnemonic.Inc, Mnemonic.Dec, Mnemonic.Sbb, Mnemonic.Neg];
        var generator = new FormGenerator(2) { Suffix = static random => [(byte)(0x70 + random.Next(16)), (byte)random.Next(1, 40)] };
        var vectors = new List<Vector>();
        foreach (Code code in Forms().Where(code => pairs.Contains(code.Mnemonic())))
        {
            for (int n = 0; n < 8 * VectorsPerForm && generator.TryCreate(code, out Vector vector); n++) vectors.Add(vector);
        }
        AssertAgree([.. vectors]);
    }

    [Fact]
    public void ConditionalMovesAndSetsBehindArithmeticAgree()
    {
        Mnemonic[] pairs = [Mnemonic.Cmp, Mnemonic.Add, Mnemonic.Adc, Mnemonic.Sbb, Mnemonic.Xor, Mnemonic.Inc, Mnemonic.Dec, Mnemonic.Neg, Mnemonic.Shl, Mnemonic.Rcr];
        var generator = new FormGenerator(3)
        {
            Suffix = static random => random.Next(2) == 0
                ? [0x0f, (byte)(0x90 + random.Next(16)), 0xc1] // setcc cl
                : [0x48, 0x0f, (byte)(0x40 + random.Next(16)), 0xd8], // cmovcc rbx, rax
        };
        var vectors = new List<Vector>();
        foreach (Code code in Forms().Where(code => pairs.Contains(code.Mnemonic())))
        {
            for (int n = 0; n < VectorsPerForm && generator.TryCreate(code, out Vector vector); n++) vectors.Add(vector);
        }
        AssertAgree([.. vectors.Where(static v => UndefinedFlags(v) == 0)]);
    }

    private void AssertAgree(Vector[] all)
    {
        using var interpreted = new InterpretedProcessor();
        Comparison.AssertSame(all, native.Run(all), interpreted.Run(all), n => ToleranceOf(all[n]));
    }

    internal static IEnumerable<Code> Forms() =>
        from code in Enum.GetValues<Code>()
        let form = code.ToOpCode()
        where form.IsInstruction && form.Mode64 && form.Encoding == EncodingKind.Legacy
            && code.CpuidFeatures().All(Features.Contains) && !IsExcluded(code) && !DependsOnMake(code)
        select code;

    // Intel's processors ignore 66h on near branches and take 0F 0D with a register for a nop; the interpreter sides with them.
    // The place where int1 stops depends on the virtual machine that the test may run in.
    internal static bool DependsOnMake(Code code) => code is
        Code.Retnw or Code.Retnw_imm16 or Code.Call_rm16 or Code.Jmp_rm16 or Code.Int1 or
        Code.Reservednop_rm16_r16_0F0D or Code.Reservednop_rm32_r32_0F0D or Code.Reservednop_rm64_r64_0F0D;

    // What would take the test program itself away, changes its segments, or answers for the machine rather than the form.
    internal static bool IsExcluded(Code code) => code.Mnemonic() is
        Mnemonic.Syscall or Mnemonic.Sysenter or Mnemonic.Int or Mnemonic.Iret or Mnemonic.Iretd or Mnemonic.Iretq or Mnemonic.Retf or
        Mnemonic.Popf or Mnemonic.Popfq or Mnemonic.Lfs or Mnemonic.Lgs or Mnemonic.Lss or Mnemonic.Rdtsc or Mnemonic.Cpuid or
        Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw or
        Mnemonic.Wait or Mnemonic.Pcmpestri or Mnemonic.Pcmpestri64 or Mnemonic.Pcmpestrm or Mnemonic.Pcmpestrm64 or
        Mnemonic.Pcmpistri or Mnemonic.Pcmpistrm or Mnemonic.Pcmpgtq or Mnemonic.Sgdt or Mnemonic.Sidt or Mnemonic.Sldt or Mnemonic.Str or Mnemonic.Smsw
        || code is Code.Mov_Sreg_rm16 or Code.Mov_Sreg_r32m16 or Code.Mov_Sreg_r64m16 or Code.Popw_FS or Code.Popq_FS or Code.Popw_GS or Code.Popq_GS;

    // Flags that the manual leaves undefined differ between makes of processors: shifts by more than 1 (overflow) and all
    // shifts (adjust), mul and imul (sign, zero, adjust, parity), div and idiv (all), bsf and bsr (all but zero).
    internal static Tolerance ToleranceOf(in Vector v) => new() { Flags = new Tolerance().Flags & ~UndefinedFlags(v) };

    private static ulong UndefinedFlags(in Vector v)
    {
        ReadOnlySpan<byte> code = v.Code;
        Instruction i = Decoder.Create(64, code[..(int)v.CodeLength].ToArray(), DecoderOptions.NoMPFX_0FBC | DecoderOptions.NoMPFX_0FBD).Decode();
        ulong undefined = 0;
        if ((i.RflagsUndefined & RflagsBits.OF) != 0) undefined |= 0x800;
        if ((i.RflagsUndefined & RflagsBits.SF) != 0) undefined |= 0x80;
        if ((i.RflagsUndefined & RflagsBits.ZF) != 0) undefined |= 0x40;
        if ((i.RflagsUndefined & RflagsBits.AF) != 0) undefined |= 0x10;
        if ((i.RflagsUndefined & RflagsBits.PF) != 0) undefined |= 4;
        if ((i.RflagsUndefined & RflagsBits.CF) != 0) undefined |= 1;
        return undefined;
    }
}
