using Iced.Intel;

namespace Kennel.Cpu.Hosted;

/// <summary>
/// What has to be known of an instruction form of x86-64-v3 that the host's processor runs: which fields of its encoding name which
/// operands. Learned once for each.
/// </summary>
internal sealed class HostForm
{
    private static readonly HashSet<CpuidFeature> s_features =
    [
        CpuidFeature.AVX, CpuidFeature.AVX2, CpuidFeature.FMA, CpuidFeature.F16C, CpuidFeature.BMI1, CpuidFeature.BMI2,
        CpuidFeature.LZCNT, CpuidFeature.MOVBE, CpuidFeature.AES, CpuidFeature.PCLMULQDQ,
    ];

    /// <summary>Whether the guest's processor has the form and there is nothing special about it.</summary>
    public bool CanRun { get; private init; }

    /// <summary>Whether elements that a mask leaves out do not fault: with all of the operand at hand, it is an instruction like others.</summary>
    public bool IsMasked { get; private init; }

    /// <summary>Whether it has a VEX prefix.</summary>
    public bool IsVex { get; private init; }

    /// <summary>Which operand the ModRM byte's reg field, VEX.vvvv and the rm field name (in memory as well), and an immediate's upper half; else -1.</summary>
    public int RegOperand { get; private set; } = -1;

    /// <inheritdoc cref="RegOperand"/>
    public int VvvvOperand { get; private set; } = -1;

    /// <inheritdoc cref="RegOperand"/>
    public int RmOperand { get; private set; } = -1;

    /// <inheritdoc cref="RegOperand"/>
    public int Is4Operand { get; private set; } = -1;

    /// <summary>Bit n: operand n is a general register, if it is one.</summary>
    public int General { get; private set; }

    /// <summary>Bit n: operand n is written.</summary>
    public int Written { get; private set; }

    /// <summary>Whether a vector register is written, and all 256 bits of it.</summary>
    public bool WritesUpper { get; private set; }

    /// <summary>Alignment that a memory operand must have, less 1.</summary>
    public int AlignmentMask { get; private init; }

    /// <summary>Whether the result is in XMM0 or RCX, whatever the operands.</summary>
    public bool IsStringComparison { get; private init; }

    /// <summary>Whether the form is one of those that x86-64-v3 adds; how it is run is another matter.</summary>
    public static bool IsOfV3(in Instruction i)
    {
        if (!i.CpuidFeatures.All(s_features.Contains)) return false;
        return i.Encoding == EncodingKind.VEX || i.Mnemonic is Mnemonic.Lzcnt or Mnemonic.Tzcnt or Mnemonic.Movbe;
    }

    /// <summary>What the form is, looking at an instruction of it.</summary>
    public static HostForm Learn(in Instruction i)
    {
        OpCodeInfo code = i.Code.ToOpCode();
        bool aligned = i.Mnemonic is Mnemonic.Vmovaps or Mnemonic.Vmovapd or Mnemonic.Vmovdqa or Mnemonic.Vmovntps or Mnemonic.Vmovntpd or
            Mnemonic.Vmovntdq or Mnemonic.Vmovntdqa;
        var form = new HostForm
        {
            CanRun = IsOfV3(i) && !IsSpecial(i.Mnemonic),
            IsMasked = i.Mnemonic is Mnemonic.Vmaskmovps or Mnemonic.Vmaskmovpd or Mnemonic.Vpmaskmovd or Mnemonic.Vpmaskmovq,
            IsVex = code.Encoding == EncodingKind.VEX,
            AlignmentMask = aligned ? code.MemorySize.GetSize() - 1 : 0,
            IsStringComparison = i.Mnemonic is Mnemonic.Vpcmpestri or Mnemonic.Vpcmpestri64 or Mnemonic.Vpcmpestrm or Mnemonic.Vpcmpestrm64 or
                Mnemonic.Vpcmpistri or Mnemonic.Vpcmpistrm,
        };
        if (form.CanRun || form.IsMasked) form.LearnOperands(i, code);
        return form;
    }

    private void LearnOperands(in Instruction i, OpCodeInfo code)
    {
        InstructionInfo info = new InstructionInfoFactory().GetInfo(i);
        for (int n = 0; n < code.OpCount; n++)
        {
            bool writes = info.GetOpAccess(n) is OpAccess.Write or OpAccess.CondWrite or OpAccess.ReadWrite or OpAccess.ReadCondWrite;
            if (writes) Written |= 1 << n;
            switch (code.GetOpKind(n))
            {
                case OpCodeOperandKind.ymm_reg:
                    WritesUpper |= writes;
                    RegOperand = n;
                    break;
                case OpCodeOperandKind.xmm_reg:
                    RegOperand = n;
                    break;
                case OpCodeOperandKind.r16_reg or OpCodeOperandKind.r32_reg or OpCodeOperandKind.r64_reg:
                    General |= 1 << n;
                    RegOperand = n;
                    break;
                case OpCodeOperandKind.r32_vvvv or OpCodeOperandKind.r64_vvvv:
                    General |= 1 << n;
                    VvvvOperand = n;
                    break;
                case OpCodeOperandKind.xmm_vvvv or OpCodeOperandKind.ymm_vvvv:
                    VvvvOperand = n;
                    WritesUpper |= writes && code.GetOpKind(n) == OpCodeOperandKind.ymm_vvvv;
                    break;
                case OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r64_or_mem:
                    General |= 1 << n;
                    RmOperand = n;
                    break;
                case OpCodeOperandKind.xmm_or_mem or OpCodeOperandKind.ymm_or_mem or OpCodeOperandKind.mem or OpCodeOperandKind.xmm_rm or OpCodeOperandKind.ymm_rm:
                    RmOperand = n;
                    WritesUpper |= writes && code.GetOpKind(n) is OpCodeOperandKind.ymm_rm or OpCodeOperandKind.ymm_or_mem;
                    break;
                case OpCodeOperandKind.xmm_is4 or OpCodeOperandKind.ymm_is4:
                    Is4Operand = n;
                    break;
            }
        }
    }

    /// <summary>Whether operand n is written.</summary>
    public bool Writes(int n) => n >= 0 && (Written >> n & 1) != 0;

    /// <summary>Whether operand n is a general register, if it is one.</summary>
    public bool IsGeneral(int n) => (General >> n & 1) != 0;

    // Several addresses, bytes that are left out, or state that is kept elsewhere.
    private static bool IsSpecial(Mnemonic mnemonic) => mnemonic is
        Mnemonic.Vzeroupper or Mnemonic.Vzeroall or Mnemonic.Vldmxcsr or Mnemonic.Vstmxcsr or Mnemonic.Vmaskmovdqu or
        Mnemonic.Vmaskmovps or Mnemonic.Vmaskmovpd or Mnemonic.Vpmaskmovd or Mnemonic.Vpmaskmovq or
        Mnemonic.Vpgatherdd or Mnemonic.Vpgatherdq or Mnemonic.Vpgatherqd or Mnemonic.Vpgatherqq or
        Mnemonic.Vgatherdps or Mnemonic.Vgatherdpd or Mnemonic.Vgatherqps or Mnemonic.Vgatherqpd;
}
