using Iced.Intel;
using Kennel.Cpu.Interpreter;
using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>Jumps, calls, returns and system calls; how control leaves a block.</summary>
internal sealed unsafe partial class BlockTranslator
{
    private static bool IsTakenTransfer(in Instruction i)
    {
        if (i.IsJccShortOrNear || i.Mnemonic == Mnemonic.Jmp && i.Op0Kind == OpKind.NearBranch64) return i.Op0Kind == OpKind.NearBranch64;
        return i.Code is Code.Jrcxz_rel8_64 or Code.Call_rel32_64 or Code.Call_rm64 or Code.Jmp_rm64 or Code.Retnq or Code.Retnq_imm16;
    }

    private bool EmitTransfer(int n, in Instruction i)
    {
        if (i.Mnemonic == Mnemonic.Syscall)
        {
            FlagsToContext();
            _e.CallTo(_shared.Exit);
            SharedRoutines.EmitRecord(_e, new ExitRecord { Kind = ExitKind.SystemCall, Count = n + 1, Rip = i.NextIP });
            return true;
        }
        int undo = 0; // what brings the stack pointer back
        switch (i.FlowControl)
        {
            case FlowControl.ConditionalBranch:
                EmitConditional(n, i);
                return false;
            case FlowControl.UnconditionalBranch:
                EmitExit(i.NearBranchTarget, n + 1, _live[n + 1]);
                return true;
            case FlowControl.IndirectBranch:
                EmitTarget(n, i);
                break;
            case FlowControl.Call:
                EmitReturnAddress(n, i);
                EmitExit(i.NearBranchTarget, n + 1, _live[n + 1]);
                return true;
            case FlowControl.IndirectCall:
                BeginAccess(n); // the target waits in the context, where another task may put its own before this goes on
                EmitTarget(n, i);
                _e.Context(Store, T, TranslatorContext.TargetAt);
                EmitReturnAddress(n, i);
                _e.Context(Mov, T, TranslatorContext.TargetAt);
                undo = 8;
                break;
            case FlowControl.Return:
                EmitStackOperand(n, Stack, 0, write: false);
                _e.Memory(Mov, T, T);
                undo = -8 - (i.Code == Code.Retnq_imm16 ? i.Immediate16 : 0);
                _e.Address(Stack, Stack, -1, 0, -undo);
                break;
        }
        FlagsToContext();
        EmitIndirect(n + 1, i.IP, undo);
        return true;
    }

    private void EmitConditional(int n, in Instruction i)
    {
        RflagsBits live = LiveAt(i.NearBranchTarget);
        int from;
        if (i.Code == Code.Jrcxz_rel8_64)
        {
            _e.Byte(0xe3); // jrcxz over the next
            _e.Byte(2);
            _e.Byte(0xeb); // jmp over the next
            _e.Byte(5);
            from = _e.Jump();
        }
        else
        {
            FlagsToHost();
            from = _e.Jump((int)i.ConditionCode - (int)ConditionCode.o);
        }
        _stubs.Add(new Stub(StubKind.Exit, from)
        {
            Count = n + 1,
            Rip = i.NearBranchTarget,
            Live = live,
            InHost = _inHost,
            InContext = _inContext,
        });
    }

    // T becomes where an indirect jump or call goes.
    private void EmitTarget(int n, in Instruction i)
    {
        if (i.Op0Kind == OpKind.Memory)
        {
            EmitOperand(n, i, 8, write: false);
            _e.Memory(Mov, T, T);
            return;
        }
        int home = EmitHome(Registers.SlotOf(i.Op0Register), T);
        if (home != T) _e.Registers(Mov, T, home);
    }

    private void EmitReturnAddress(int n, in Instruction i)
    {
        EmitStackOperand(n, Stack, -8, write: true);
        _e.Constant(U, i.NextIP);
        _e.Memory(Store, U, T);
        _e.Address(Stack, Stack, -1, 0, -8);
    }

    // Goes to an address, having done so many instructions since the block's entry.
    private void EmitExit(ulong rip, int count, RflagsBits live)
    {
        bool needsFlags = live != RflagsBits.None;
        if (rip - _page.Address >= FramePool.FrameSize)
        {
            if (needsFlags) FlagsToContext();
            _e.Constant(T, rip);
            EmitIndirect(count, rip, 0);
            return;
        }
        if (needsFlags) FlagsToContext();
        _e.SubtractFromContext(TranslatorContext.BudgetAt, count);
        int expired = _e.Jump(Negative);
        if (needsFlags) _e.RestoreFlags();
        _e.Align(4, ahead: 1);
        int link = _e.Jump();
        int entry = _page[(int)(rip - _page.Address)];
        _e.Bind(expired);
        _e.Bind(link);
        _e.CallTo(_shared.Exit);
        SharedRoutines.EmitRecord(_e, new ExitRecord { Kind = ExitKind.Link, Place = link, Page = _page.Id, Rip = rip });
        if (entry != 0) _e.Link(link, TranslatedPage.DirectEntry(entry));
    }

    // Goes to the address in T. Should that be no address at all, it was the jump at rip that fails.
    private void EmitIndirect(int count, ulong rip, int undo)
    {
        _e.SubtractFromContext(TranslatorContext.BudgetAt, count);
        int expired = _e.Jump(Negative);
        SharedRoutines.EmitLookup(_e, out int miss);
        _e.Bind(miss);
        _e.Registers(Mov, T, U);
        _e.Context(Xor, T, TranslatorContext.KeyAt);
        _e.Bind(expired);
        _e.Context(Store, T, TranslatorContext.TargetAt);
        _e.CallTo(_shared.Exit);
        SharedRoutines.EmitRecord(_e, new ExitRecord { Kind = ExitKind.Indirect, Count = count, Place = undo, Rip = rip });
    }
}
