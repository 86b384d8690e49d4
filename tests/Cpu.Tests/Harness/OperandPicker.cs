using Iced.Intel;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>Random operands for instructions that stand in the surroundings of <see cref="SequenceGenerator"/>.</summary>
internal sealed class OperandPicker(Random random)
{
    private Instruction _instruction;

    /// <summary>False if the form has operands that this does not make.</summary>
    public bool TryMake(Code code, out Instruction instruction)
    {
        OpCodeInfo form = code.ToOpCode();
        _instruction = new Instruction { Code = code };
        bool made = true;
        for (int n = 0; n < form.OpCount && made; n++) made = Set(n, form.GetOpKind(n), Math.Max(form.MemorySize.GetSize(), 1));
        bool inMemory = _instruction.Op0Kind == OpKind.Memory;
        if (form.CanUseLockPrefix && inMemory && random.Next(2) == 0) _instruction.HasLockPrefix = true;
        if (form.CanUseRepPrefix && random.Next(2) == 0) _instruction.HasRepPrefix = true;
        else if (form.CanUseRepnePrefix && random.Next(2) == 0) _instruction.HasRepnePrefix = true;
        instruction = _instruction;
        return made && !(inMemory && IsFarReaching(code.Mnemonic()));
    }

    // A bit offset in a register may reach far from the operand.
    private bool IsFarReaching(Mnemonic mnemonic) =>
        mnemonic is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc && _instruction.Op1Kind == OpKind.Register;

    private bool Set(int n, OpCodeOperandKind kind, int size) => kind switch
    {
        OpCodeOperandKind.mem => SetMemory(n, size),
        OpCodeOperandKind.r8_or_mem => MemoryOr(n, size, Byte()),
        OpCodeOperandKind.r16_or_mem => MemoryOr(n, size, Register.AX + random.Next(16)),
        OpCodeOperandKind.r32_or_mem => MemoryOr(n, size, Register.EAX + random.Next(16)),
        OpCodeOperandKind.r64_or_mem => MemoryOr(n, size, Register.RAX + random.Next(16)),
        OpCodeOperandKind.mm_or_mem => MemoryOr(n, size, Register.MM0 + random.Next(8)),
        OpCodeOperandKind.xmm_or_mem => MemoryOr(n, size, Register.XMM0 + random.Next(16)),
        OpCodeOperandKind.r8_reg or OpCodeOperandKind.r8_opcode => SetRegister(n, Byte()),
        OpCodeOperandKind.r16_reg or OpCodeOperandKind.r16_rm or OpCodeOperandKind.r16_opcode => SetRegister(n, Register.AX + random.Next(16)),
        OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_rm or OpCodeOperandKind.r32_opcode => SetRegister(n, Register.EAX + random.Next(16)),
        OpCodeOperandKind.r64_reg or OpCodeOperandKind.r64_rm or OpCodeOperandKind.r64_opcode => SetRegister(n, Register.RAX + random.Next(16)),
        OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm => SetRegister(n, Register.MM0 + random.Next(8)),
        OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_rm => SetRegister(n, Register.XMM0 + random.Next(16)),
        OpCodeOperandKind.st0 => SetRegister(n, Register.ST0),
        OpCodeOperandKind.sti_opcode => SetRegister(n, Register.ST0 + random.Next(8)),
        OpCodeOperandKind.al => SetRegister(n, Register.AL),
        OpCodeOperandKind.cl => SetRegister(n, Register.CL),
        OpCodeOperandKind.ax => SetRegister(n, Register.AX),
        OpCodeOperandKind.eax => SetRegister(n, Register.EAX),
        OpCodeOperandKind.rax => SetRegister(n, Register.RAX),
        OpCodeOperandKind.seg_rSI => SetKind(n, OpKind.MemorySegRSI),
        OpCodeOperandKind.es_rDI => SetKind(n, OpKind.MemoryESRDI),
        _ => SetImmediate(n, kind),
    };

    private bool SetImmediate(int n, OpCodeOperandKind kind)
    {
        ulong value = FormGenerator.Value(random);
        (OpKind immediate, ulong bits) = kind switch
        {
            OpCodeOperandKind.imm8_const_1 => (OpKind.Immediate8, 1UL),
            OpCodeOperandKind.imm8 => (OpKind.Immediate8, (byte)value),
            OpCodeOperandKind.imm8sex16 => (OpKind.Immediate8to16, (ulong)(sbyte)value),
            OpCodeOperandKind.imm8sex32 => (OpKind.Immediate8to32, (ulong)(sbyte)value),
            OpCodeOperandKind.imm8sex64 => (OpKind.Immediate8to64, (ulong)(sbyte)value),
            OpCodeOperandKind.imm16 => (OpKind.Immediate16, (ushort)value),
            OpCodeOperandKind.imm32 => (OpKind.Immediate32, (uint)value),
            OpCodeOperandKind.imm32sex64 => (OpKind.Immediate32to64, (ulong)(int)value),
            OpCodeOperandKind.imm64 => (OpKind.Immediate64, value),
            _ => (OpKind.Register, 0UL),
        };
        if (immediate == OpKind.Register) return false;
        _instruction.SetOpKind(n, immediate);
        _instruction.SetImmediate(n, bits);
        return true;
    }

    private bool SetKind(int n, OpKind kind)
    {
        _instruction.SetOpKind(n, kind);
        return true;
    }

    private bool SetRegister(int n, Register register)
    {
        _instruction.SetOpKind(n, OpKind.Register);
        _instruction.SetOpRegister(n, register);
        return true;
    }

    private bool MemoryOr(int n, int size, Register register) =>
        random.Next(2) == 0 ? SetMemory(n, size) : SetRegister(n, register);

    private Register Byte() => random.Next(3) == 0 ? Register.AL + random.Next(8) : Register.AL + random.Next(20);

    private bool SetMemory(int n, int size)
    {
        _instruction.SetOpKind(n, OpKind.Memory);
        int place = random.Next(0, Layout.WindowSize - size + 1);
        if (random.Next(3) == 0) place = Math.Clamp((Layout.WindowSize / 2) - random.Next(size + 1), 0, Layout.WindowSize - size);
        if (size == 16 && random.Next(16) != 0) place &= ~15;
        int way = random.Next(40);
        if (way < 4)
        {
            _instruction.MemoryBase = Register.RIP;
            _instruction.MemoryDisplSize = 8;
            _instruction.MemoryDisplacement64 = Layout.WindowBase + (ulong)place;
            return true;
        }
        if (way == 4)
        {
            _instruction.SegmentPrefix = Register.GS;
            _instruction.MemoryDisplSize = 8;
            _instruction.MemoryDisplacement64 = (ulong)place;
            return true;
        }
        (Register start, int origin) = way switch
        {
            5 => (Register.R15, place), // where nothing is mapped, mostly
            < 20 => (Register.RBX, SequenceGenerator.FirstPointer),
            < 25 => (Register.EBX, SequenceGenerator.FirstPointer),
            _ => (Register.R12, SequenceGenerator.SecondPointer),
        };
        bool indexed = random.Next(4) == 0 && place < Layout.WindowSize - size - 64;
        if (indexed) (_instruction.MemoryIndex, _instruction.MemoryIndexScale) = (start.GetSize() == 4 ? Register.R13D : Register.R13, 1 << random.Next(4));
        int displacement = place - origin;
        _instruction.MemoryBase = start;
        _instruction.MemoryDisplSize = displacement is >= -128 and < 128 ? 1 : start.GetSize() == 4 ? 4 : 8;
        _instruction.MemoryDisplacement64 = start.GetSize() == 4 ? (uint)displacement : (ulong)displacement;
        return true;
    }
}
