using System.Runtime.Intrinsics.X86;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>What the translator has to know of an instruction form (Iced's <see cref="Code"/>); learned once for each.</summary>
internal sealed class InstructionForm
{
    private int _replaced;

    /// <summary>Whether the instruction can be taken over with other registers and the memory operand at another address.</summary>
    public bool CanCopy { get; private init; }

    /// <summary>Which operand the ModRM byte's reg and rm fields, and the opcode's low bits, name, where it is a general register; else -1.</summary>
    public int RegOperand { get; private set; } = -1;

    /// <inheritdoc cref="RegOperand"/>
    public int RmOperand { get; private set; } = -1;

    /// <inheritdoc cref="RegOperand"/>
    public int OpcodeOperand { get; private set; } = -1;

    /// <summary>Whether the operand of each field is a byte, so that numbers 4 to 7 without REX are AH to BH.</summary>
    public bool RegIsByte { get; private set; }

    /// <inheritdoc cref="RegIsByte"/>
    public bool RmIsByte { get; private set; }

    /// <summary>Whether memory may stand in the place of a register that the rm field names, and no more would be read or written.</summary>
    public bool RmMayBeMemory { get; private set; }

    /// <summary>Bit n: operand n is written.</summary>
    public int Written { get; private set; }

    /// <summary>Whether nothing of operand n's old value is left.</summary>
    public bool IsReplaced(int n) => (_replaced >> n & 1) != 0;

    /// <summary>Whether the memory operand is written.</summary>
    public bool WritesMemory { get; private set; }

    /// <summary>Whether the instruction needs the x87 registers, as MMX instructions do.</summary>
    public bool UsesX87 { get; private init; }

    /// <summary>Whether a memory operand must be aligned to its 16 bytes.</summary>
    public bool NeedsAlignment { get; private init; }

    /// <summary>What the form is, looking at an instruction of it.</summary>
    public static InstructionForm Learn(in Instruction i, CpuLevel level = CpuLevel.V2)
    {
        OpCodeInfo code = i.Code.ToOpCode();
        bool copy = code.Encoding == EncodingKind.Legacy && code.IsInstruction && !code.IsPrivileged &&
            i.FlowControl == FlowControl.Next && !i.IsStackInstruction && !i.IsStringInstruction &&
            !IsSpecial(i.Mnemonic) && code.OpCount <= 3;
        bool x87 = false;
        foreach (CpuidFeature feature in i.CpuidFeatures)
        {
            copy &= IsAtHand(feature) || (level >= CpuLevel.V3 && feature is (CpuidFeature.BMI1 or CpuidFeature.LZCNT or CpuidFeature.MOVBE));
            x87 |= feature is CpuidFeature.FPU or CpuidFeature.FPU287 or CpuidFeature.FPU387 or CpuidFeature.MMX;
        }
        for (int n = 0; n < code.OpCount; n++)
        {
            OpCodeOperandKind kind = code.GetOpKind(n);
            copy &= IsPlain(kind);
            x87 |= IsMmx(kind);
        }
        var form = new InstructionForm { CanCopy = copy, NeedsAlignment = !IsUnaligned(i.Mnemonic), UsesX87 = x87 };
        if (form.CanCopy) form.LearnOperands(i, code);
        return form;
    }

    private void LearnOperands(in Instruction i, OpCodeInfo code)
    {
        InstructionInfo info = new InstructionInfoFactory().GetInfo(i);
        for (int n = 0; n < code.OpCount; n++)
        {
            OpAccess access = info.GetOpAccess(n);
            bool writes = access is OpAccess.Write or OpAccess.CondWrite or OpAccess.ReadWrite or OpAccess.ReadCondWrite;
            if (writes) Written |= 1 << n;
            OpCodeOperandKind kind = code.GetOpKind(n);
            // Only what is certain of the form: of this very instruction, Iced also knows that xor of a register with itself reads nothing.
            bool moves = i.Mnemonic is Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd;
            if (moves && n == 0 && i.Op0Kind == OpKind.Register && i.Op0Register.GetSize() is 4 or 8) _replaced |= 1;
            switch (kind)
            {
                case OpCodeOperandKind.r8_reg or OpCodeOperandKind.r16_reg or OpCodeOperandKind.r32_reg or OpCodeOperandKind.r64_reg:
                    RegOperand = n;
                    RegIsByte = kind == OpCodeOperandKind.r8_reg;
                    break;
                case OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r32_or_mem or
                    OpCodeOperandKind.r64_or_mem or OpCodeOperandKind.r16_rm or OpCodeOperandKind.r32_rm or OpCodeOperandKind.r64_rm:
                    RmOperand = n;
                    RmIsByte = kind == OpCodeOperandKind.r8_or_mem;
                    WritesMemory |= writes;
                    RmMayBeMemory = IsSameInMemory(i.Mnemonic) && (!writes ? IsOrMemory(kind) : kind == OpCodeOperandKind.r64_or_mem); // of 32 bits, the others are cleared
                    break;
                case OpCodeOperandKind.r8_opcode or OpCodeOperandKind.r16_opcode or OpCodeOperandKind.r32_opcode or OpCodeOperandKind.r64_opcode:
                    OpcodeOperand = n;
                    RegIsByte = kind == OpCodeOperandKind.r8_opcode;
                    break;
                case OpCodeOperandKind.mem or OpCodeOperandKind.xmm_or_mem or OpCodeOperandKind.mm_or_mem:
                    WritesMemory |= writes;
                    break;
            }
        }
    }

    private static bool IsOrMemory(OpCodeOperandKind kind) =>
        kind is OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r64_or_mem;

    // The frequent ones.
    private static bool IsSameInMemory(Mnemonic mnemonic) => mnemonic is
        Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd or Mnemonic.Add or Mnemonic.Or or Mnemonic.Adc or Mnemonic.Sbb or Mnemonic.And or
        Mnemonic.Sub or Mnemonic.Xor or Mnemonic.Cmp or Mnemonic.Test or Mnemonic.Imul or Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Neg or Mnemonic.Not or
        Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sar;

    // What the guest's processor always has, and the host's perhaps. The latter apart, as such a question keeps the method that asks it from
    // being compiled ahead of time.
    private static bool IsAtHand(CpuidFeature feature) => feature is
        CpuidFeature.INTEL8086 or CpuidFeature.INTEL186 or CpuidFeature.INTEL386 or CpuidFeature.INTEL486 or CpuidFeature.X64 or
        CpuidFeature.CMOV or CpuidFeature.CX8 or CpuidFeature.CMPXCHG16B or CpuidFeature.POPCNT or
        CpuidFeature.SSE or CpuidFeature.SSE2 or CpuidFeature.SSE3 or CpuidFeature.SSSE3 or CpuidFeature.SSE4_1 or CpuidFeature.SSE4_2 or
        CpuidFeature.FPU or CpuidFeature.FPU287 or CpuidFeature.FPU387 or CpuidFeature.MMX || IsOfHost(feature);

    private static bool IsOfHost(CpuidFeature feature) => feature switch
    {
        CpuidFeature.AES => Aes.IsSupported,
        CpuidFeature.PCLMULQDQ => Pclmulqdq.IsSupported,
        CpuidFeature.SHA => (X86Base.CpuId(7, 0).Ebx & Sha) != 0,
        _ => false,
    };

    private const int Sha = 1 << 29;

    private static bool IsPlain(OpCodeOperandKind kind) => kind is
        OpCodeOperandKind.mem or
        OpCodeOperandKind.r8_reg or OpCodeOperandKind.r16_reg or OpCodeOperandKind.r32_reg or OpCodeOperandKind.r64_reg or
        OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r64_or_mem or
        OpCodeOperandKind.r16_rm or OpCodeOperandKind.r32_rm or OpCodeOperandKind.r64_rm or
        OpCodeOperandKind.r8_opcode or OpCodeOperandKind.r16_opcode or OpCodeOperandKind.r32_opcode or OpCodeOperandKind.r64_opcode or
        OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_rm or OpCodeOperandKind.xmm_or_mem or
        OpCodeOperandKind.al or OpCodeOperandKind.cl or OpCodeOperandKind.ax or OpCodeOperandKind.eax or OpCodeOperandKind.rax or
        OpCodeOperandKind.imm8_const_1 or OpCodeOperandKind.imm8 or OpCodeOperandKind.imm8sex16 or OpCodeOperandKind.imm8sex32 or
        OpCodeOperandKind.imm8sex64 or OpCodeOperandKind.imm16 or OpCodeOperandKind.imm32 or OpCodeOperandKind.imm32sex64 or
        OpCodeOperandKind.imm64 or
        OpCodeOperandKind.st0 or OpCodeOperandKind.sti_opcode || IsMmx(kind);

    private static bool IsMmx(OpCodeOperandKind kind) => kind is OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm or OpCodeOperandKind.mm_or_mem;

    // Raises exceptions of its own, answers for the machine, or changes what generated code relies on.
    private static bool IsSpecial(Mnemonic mnemonic) => mnemonic is
        Mnemonic.Div or Mnemonic.Idiv or Mnemonic.Lea or Mnemonic.Nop or Mnemonic.Reservednop or
        Mnemonic.Cpuid or Mnemonic.Rdtsc or Mnemonic.In or Mnemonic.Out or Mnemonic.Xlatb or Mnemonic.Std or Mnemonic.Cld or
        Mnemonic.Cli or Mnemonic.Sti or Mnemonic.Hlt or Mnemonic.Enter or
        Mnemonic.Sldt or Mnemonic.Str or Mnemonic.Smsw or Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw or
        Mnemonic.Fxsave or Mnemonic.Fxsave64 or Mnemonic.Fxrstor or Mnemonic.Fxrstor64 or Mnemonic.Ldmxcsr or
        Mnemonic.Maskmovdqu or Mnemonic.Maskmovq or
        Mnemonic.Fldcw or Mnemonic.Fldenv or Mnemonic.Fnstenv or Mnemonic.Fnsave or Mnemonic.Frstor or Mnemonic.Monitor or Mnemonic.Mwait or Mnemonic.Clflush or Mnemonic.Wait or Mnemonic.Pause or
        Mnemonic.Prefetchnta or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 or
        Mnemonic.Ud2 or Mnemonic.Ud1 or Mnemonic.Ud0 or Mnemonic.Bound or Mnemonic.Lfs or Mnemonic.Lgs or Mnemonic.Lss;


    private static bool IsUnaligned(Mnemonic mnemonic) => mnemonic is
        Mnemonic.Movups or Mnemonic.Movupd or Mnemonic.Movdqu or Mnemonic.Lddqu or
        Mnemonic.Pcmpestri or Mnemonic.Pcmpestrm or Mnemonic.Pcmpistri or Mnemonic.Pcmpistrm or
        Mnemonic.Pcmpestri64 or Mnemonic.Pcmpestrm64;
}
