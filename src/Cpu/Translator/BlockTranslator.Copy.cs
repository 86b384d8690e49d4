using Iced.Intel;
using Kennel.Cpu.Interpreter;
using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>Instructions that the host can run with other registers, and the few that need more than that.</summary>
internal sealed unsafe partial class BlockTranslator
{
    private bool EmitCopy(int n, in Instruction i)
    {
        InstructionForm form = FormOf(i);
        var parts = InstructionRewriter.Parse(BytesOf(n), i.Length);
        if (i.HasRepPrefix || i.HasRepnePrefix) parts.DropRepeat();
        if (form.UsesX87) EmitX87Check(n);
        if (parts.HasMemory)
        {
            int size = i.MemorySize.GetSize();
            if (size == 10) size = 16; // near the end of a range the interpreter does it
            if (size is not (1 or 2 or 4 or 8 or 16)) return false;
            bool aligned = i.MemorySize.GetSize() == 16 && form.NeedsAlignment;
            bool high = form.RegIsByte && !parts.HasRex && parts.Reg is >= 4 and < 8; // takes no REX prefix
            Fold fold = EmitCopyOperand(n, i, size, form.WritesMemory, aligned ? 15 : 0, canFold: !high);
            if (fold.Folds) parts.FoldInto(fold.Register, fold.Displacement);
        }
        PrepareFlags(n);
        if (!EmitRewritten(parts, form)) return false;
        if (form.UsesX87) NoteX87(i, parts);
        NoteFlags(n);
        return true;
    }

    // A misaligned operand is #GP, which the interpreter raises.
    private void EmitAlignmentCheck(int n, int register, int mask)
    {
        _e.Byte(0x40 | (register >> 3)); // test register, mask
        _e.Byte(0xf6);
        _e.Byte(0xc0 | (register & 7));
        _e.Byte(mask);
        EmitInterpretIf(NotEqual, n);
    }

    private void EmitInterpretIf(int condition, int n) =>
        _stubs.Add(new Stub(StubKind.Interpret, _e.Jump(condition)) { Count = n, Rip = _block[n].IP, InHost = false, InContext = _inContext, Exchange = _exchange });

    // The instruction itself: general registers that are elsewhere are replaced, the memory operand is at T.
    private bool EmitRewritten(InstructionRewriter parts, InstructionForm form)
    {
        int regOperand = form.RegOperand, rmOperand = form.RmOperand;
        if (!parts.HasMemory && regOperand >= 0 && rmOperand >= 0 && parts.Rm != parts.Reg) MoveIntoContext(ref parts, form, ref regOperand, ref rmOperand);
        int first = -1, second = -1; // operands by field: reg or opcode, rm
        int firstOperand = regOperand, secondOperand = parts.HasMemory ? -1 : rmOperand;
        bool isHigh = false;
        if (form.OpcodeOperand >= 0)
        {
            secondOperand = form.OpcodeOperand;
            second = parts.OpcodeRegister;
            isHigh |= form.RegIsByte && !parts.HasRex && second is >= 4 and < 8;
            if (isHigh) second = -1;
        }
        else
        {
            if (firstOperand >= 0)
            {
                first = parts.Reg;
                bool high = form.RegIsByte && !parts.HasRex && first is >= 4 and < 8;
                if (high) first = -1;
                isHigh |= high;
            }
            if (secondOperand >= 0 && !parts.IsInContext)
            {
                second = parts.Rm;
                bool high = form.RmIsByte && !parts.HasRex && second is >= 4 and < 8;
                if (high) second = -1;
                isHigh |= high;
            }
        }
        int scratch = parts.HasMemory || FieldOf(second) < 0 ? U : T; // T may be wanted still
        int hostFirst = Place(first, scratch), hostSecond = second == first && second >= 0 ? hostFirst : Place(second, U);
        byte* bytes = stackalloc byte[RunDecoderLimit];
        bool borrows = parts.HasMemory && isHigh; // no REX prefix, so that the address has to be in one of the lower registers
        int length = parts.Write(bytes, hostFirst, borrows ? InstructionRewriter.AtSource : parts.HasMemory ? InstructionRewriter.AtT : hostSecond, isHigh);
        if (length == 0) return false;
        if (borrows)
        {
            _e.Registers(Mov, U, Rsi);
            _e.Registers(Mov, Rsi, T);
        }
        if (first >= 0 && (first == second || !form.IsReplaced(firstOperand))) EmitHome(first, scratch);
        if (second >= 0 && second != first && !form.IsReplaced(secondOperand)) EmitHome(second, U);
        bool changesT = _e.HasChangedT || hostFirst == T || hostSecond == T;
        bool changesU = _e.HasChangedU || (hostFirst == U && (form.Written >> firstOperand & 1) != 0) || (hostSecond == U && (form.Written >> secondOperand & 1) != 0);
        _e.Bytes(bytes, length);
        _e.HasChangedT = changesT;
        _e.HasChangedU = changesU;
        if (borrows) _e.Registers(Mov, Rsi, U);
        if (first >= 0 && (form.Written >> firstOperand & 1) != 0) EmitBack(first, hostFirst);
        if (second >= 0 && (form.Written >> secondOperand & 1) != 0) EmitBack(second, hostSecond);
        return true;
    }

    // Of two register operands one that is in the context is an operand there: the source, or all 64 bits of the target.
    private void MoveIntoContext(ref InstructionRewriter parts, InstructionForm form, ref int regOperand, ref int rmOperand)
    {
        bool isHeld = _held >= 0 && !_e.HasChangedU && (_held == parts.Reg || _held == parts.Rm); // better where it is
        if (isHeld) return;
        if (FieldOf(parts.Reg) >= 0 && (form.Written >> regOperand & 1) == 0 && parts.TrySwap()) (regOperand, rmOperand) = (rmOperand, regOperand);
        else if (FieldOf(parts.Rm) < 0 || !form.RmMayBeMemory) return;
        if ((form.Written >> rmOperand & 1) != 0 && _held == parts.Rm) _held = -1;
        parts.FoldIntoContext(FieldOf(parts.Rm));
    }

    private const int RunDecoderLimit = 24;

    // The host register that stands for a guest register.
    private int Place(int guest, int scratch) => guest < 0 ? InstructionRewriter.Same : FieldOf(guest) >= 0 ? scratch : HomeOf(guest);

    private void EmitBack(int guest, int scratch)
    {
        int field = FieldOf(guest);
        if (field < 0) return;
        _e.Context(Store, scratch, field);
        if (scratch == U) NoteHeld(guest);
        else if (_held == guest) _held = -1;
    }

    private bool EmitLea(in Instruction i)
    {
        int target = Registers.SlotOf(i.Op0Register), host = Place(target, U);
        EmitEffectiveAddress(i, host, wide: i.Op0Register.IsGPR64(), (long)i.MemoryDisplacement64);
        EmitBack(target, host);
        return true;
    }

    private bool EmitPush(int n, in Instruction i)
    {
        if (i.Op0Kind == OpKind.Memory)
        {
            EmitOperand(n, i, 8, write: false);
            _e.Memory(Mov, U, T);
            if (_stack[n] == null) _e.Context(Store, U, TranslatorContext.TargetAt); // a check may use U
        }
        EmitTop(n, -8, write: true);
        if (i.Op0Kind == OpKind.Memory)
        {
            if (_stack[n] == null) _e.Context(Mov, U, TranslatorContext.TargetAt);
            EmitAtTop(Store, U, -8);
        }
        else if (i.Op0Kind == OpKind.Register)
        {
            EmitAtTop(Store, EmitHome(Registers.SlotOf(i.Op0Register), U), -8);
        }
        else
        {
            EmitAtTop(StoreConstant, 0, -8);
            _e.Int32((int)i.GetImmediate(0));
        }
        _e.Address(Stack, Stack, -1, 0, -8);
        return true;
    }

    private bool EmitPop(int n, in Instruction i)
    {
        EmitTop(n, 0, write: false);
        int target = Registers.SlotOf(i.Op0Register), host = Place(target, U);
        EmitAtTop(Mov, host, 0);
        EmitBack(target, host);
        if (target != CpuState.Rsp) _e.Address(Stack, Stack, -1, 0, 8);
        return true;
    }

    private bool EmitLeave(int n)
    {
        BeginAccess(n);
        _e.Registers(Mov, T, Rbp);
        EmitCheck(n, 8, write: false);
        _e.Address(Stack, Rbp, -1, 0, 8);
        _e.Memory(Mov, Rbp, T);
        return true;
    }

    // What would raise #DE (and some that would not) goes to the interpreter.
    private bool EmitDivision(int n, in Instruction i)
    {
        int size = i.Code is Code.Div_rm16 or Code.Idiv_rm16 ? 2 : i.Code is Code.Div_rm64 or Code.Idiv_rm64 ? 8 : 4;
        bool memory = i.Op0Kind == OpKind.Memory, signed = i.Mnemonic == Mnemonic.Idiv;
        BeginAccess(n); // all flags are undefined behind it: the guards may spoil them
        if (memory) EmitOperand(n, i, size, write: false);
        if (memory) _e.Memory(size == 2 ? Movzx : Mov, U, T, 0, wide: size == 8);
        else _e.Registers(Mov, U, EmitHome(Registers.SlotOf(i.Op0Register), U), wide: size == 8);
        if (signed)
        {
            // Only a sign-extended dividend, and neither 0 nor -1 to divide by.
            EmitRegisters(Mov, T, Rax, size);
            EmitRegisters(0xc1, 7, T, size); // sar
            _e.Byte((8 * size) - 1);
            EmitRegisters(Cmp, T, Rdx, size);
            EmitInterpretIf(NotEqual, n);
            EmitRegisters(Mov, T, U, size);
            EmitRegisters(0x83, 0, T, size); // add T, 1
            _e.Byte(1);
            EmitRegisters(0x83, 7, T, size); // cmp T, 1
            _e.Byte(1);
            EmitInterpretIf(BelowOrEqual, n);
        }
        else
        {
            EmitRegisters(Cmp, Rdx, U, size);
            EmitInterpretIf(AboveOrEqual, n);
        }
        EmitRegisters(0xf7, signed ? 7 : 6, U, size);
        NoteFlags(n);
        return true;
    }

    // An instruction with two registers, of 16, 32 or 64 bits.
    private void EmitRegisters(int opcode, int register, int other, int size)
    {
        if (size == 2) _e.Byte(0x66);
        _e.Registers(opcode, register, other, wide: size == 8);
    }
}
