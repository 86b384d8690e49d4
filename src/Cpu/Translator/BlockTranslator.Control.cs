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
        return i.Code is Code.Jrcxz_rel8_64 or Code.Loop_rel8_64_RCX or Code.Loope_rel8_64_RCX or Code.Loopne_rel8_64_RCX or
            Code.Call_rel32_64 or Code.Call_rm64 or Code.Jmp_rm64 or Code.Retnq or Code.Retnq_imm16;
    }

    private bool EmitTransfer(int n, in Instruction i)
    {
        if (i.Mnemonic == Mnemonic.Syscall)
        {
            FlagsToContext();
            _e.ExitTo(_shared.Exit, U);
            SharedRoutines.EmitRecord(_e, new ExitRecord { Kind = ExitKind.SystemCall, Count = n + 1, Rip = i.NextIP });
            return true;
        }
        switch (i.FlowControl)
        {
            case FlowControl.ConditionalBranch:
                EmitConditional(n, i);
                return false;
            case FlowControl.UnconditionalBranch:
                EmitExit(i.NearBranchTarget, n + 1, _live[n + 1], polls: i.NearBranchTarget <= i.IP);
                return true;
            case FlowControl.IndirectBranch:
                EmitTarget(n, i);
                FlagsToContext();
                EmitIndirect(n + 1, i.IP);
                return true;
            case FlowControl.Call:
                EmitCall(n, i);
                return true;
            case FlowControl.IndirectCall:
                BeginAccess(n); // the target waits in the context, where another task may put its own before this goes on
                EmitTarget(n, i);
                _e.Context(Store, T, TranslatorContext.TargetAt);
                EmitReturnAddress(n, i);
                FlagsToContext();
                _e.Context(Mov, T, TranslatorContext.TargetAt);
                EmitIndirectCall(n + 1, i.IP, i.NextIP);
                return true;
            default:
                EmitReturn(n, i);
                return true;
        }
    }

    private void EmitConditional(int n, in Instruction i)
    {
        _mayFollow = false;
        ulong target = i.NearBranchTarget;
        RflagsBits live = _liveAtTarget[n];
        bool polls = target <= i.IP, looks = i.IsJccShortOrNear || i.Mnemonic is Mnemonic.Loope or Mnemonic.Loopne;
        if (looks) FlagsToHost();
        int condition = !i.IsJccShortOrNear ? -1 : (int)i.ConditionCode - (int)ConditionCode.o;
        bool direct = !_counts && condition >= 0 && IsLinkable(target) && !(polls && live != RflagsBits.None);
        if (direct && _loopHead != 0 && target == _block[0].IP && _exchange == _exchangeAt[0])
        {
            _e.JumpTo(condition, _loopHead);
            return;
        }
        if (direct && _exchange == 0)
        {
            EmitLink(condition, target, live, polls ? EntryKind.Polling : EntryKind.Direct);
            return;
        }
        int from = condition >= 0 ? _e.Jump(condition) : i.Code == Code.Jrcxz_rel8_64 ? EmitJrcxz() : EmitLoop(i.Mnemonic);
        _stubs.Add(new Stub(StubKind.Exit, from)
        {
            Count = n + 1,
            Rip = target,
            Live = live,
            Write = polls,
            InHost = _inHost,
            InContext = _inContext,
            Exchange = _exchange,
        });
    }

    // It has a short form only.
    private int EmitJrcxz()
    {
        _e.Byte(0xe3); // jrcxz over the next
        _e.Byte(2);
        _e.Byte(0xeb); // jmp over the next
        _e.Byte(5);
        return _e.Jump();
    }

    // Counts down, leaving flags alone; answers the place of the jump that is taken while there is something left.
    private int EmitLoop(Mnemonic mnemonic)
    {
        _e.Address(Rcx, Rcx, -1, 0, -1);
        _e.Byte(0xe3); // jrcxz over the next
        _e.Byte(mnemonic == Mnemonic.Loop ? 5 : 6);
        return mnemonic switch
        {
            Mnemonic.Loope => _e.Jump(Equal),
            Mnemonic.Loopne => _e.Jump(NotEqual),
            _ => _e.Jump(),
        };
    }

    // T becomes where an indirect jump or call goes.
    private void EmitTarget(int n, in Instruction i)
    {
        if (i.Op0Kind == OpKind.Memory && PageNumberOf(i, write: false) is >= 0 and int number)
        {
            EmitPage(n, i, number, 8, write: false, ownWrite: false);
            _e.Memory(Mov, T, T, OffsetInPage(i));
            return;
        }
        if (i.Op0Kind == OpKind.Memory)
        {
            EmitOperand(n, i, 8, write: false);
            _e.Memory(Mov, T, T);
            return;
        }
        int home = EmitHome(Registers.SlotOf(i.Op0Register), T);
        if (home != T) _e.Registers(Mov, T, home);
    }

    // Whether generated code may jump there directly.
    private bool IsLinkable(ulong rip) => rip - _page.Address < FramePool.FrameSize || _page.Area?.Key.Contains(rip) == true;

    // The page of such an address, if there is any yet.
    private TranslatedPage? PageOf(ulong rip) => rip - _page.Address < FramePool.FrameSize ? _page : _page.Area?[rip];

    // The code of such an address, if there is any yet.
    private int PlaceOf(ulong rip, EntryKind kind) => PageOf(rip)?[(int)(rip & 0xfff), kind] ?? 0;

    // Goes to an address, having done so many instructions since the block's entry.
    private void EmitExit(ulong rip, int count, RflagsBits live, bool polls)
    {
        bool linkable = IsLinkable(rip), needsFlags = live != RflagsBits.None;
        if (needsFlags && (!linkable || polls || _counts)) FlagsToContext();
        if (!linkable)
        {
            _e.Constant(T, rip);
            EmitIndirect(count, rip);
            return;
        }
        EntryKind kind = polls ? EntryKind.Polling : _inHost && !_counts ? EntryKind.Direct : EntryKind.Restoring;
        EmitCount(count, rip);
        EmitGoOn(rip, live, kind);
    }

    // Goes on at an address, by what is translated next if that is not there yet, whose first way in is for those who have the flags in the context.
    private void EmitGoOn(ulong rip, RflagsBits live, EntryKind kind)
    {
        ulong offset = rip - _page.Address;
        bool fits = kind == EntryKind.Restoring || (kind == EntryKind.Direct && live == RflagsBits.None);
        bool follows = _mayFollow && fits && offset < FramePool.FrameSize && !_page.Has((int)offset);
        if (follows) _following = (int)offset;
        else EmitLink(-1, rip, live, kind);
    }

    // A jump to a block of the page, perhaps one that is not there yet.
    private void EmitLink(int condition, ulong rip, RflagsBits live, EntryKind kind)
    {
        if (kind == EntryKind.Polling && condition < 0 && PageOf(rip)?.IsMiddle((int)(rip & 0xfff)) == true)
        {
            EmitPoll(rip);
            kind = EntryKind.Direct;
        }
        int place = PlaceOf(rip, kind);
        if (place != 0)
        {
            if (condition < 0) _e.JumpTo(place);
            else _e.JumpTo(condition, place);
            return;
        }
        _stubs.Add(new Stub(StubKind.Unlinked, _e.LinkableJump(condition))
        {
            Rip = rip,
            Slot = (int)kind,
            Live = live,
            InHost = _inHost,
            InContext = _inContext,
        });
    }

    // What such a jump leads to first, unless it is into this block.
    private void EmitUnlinked(in Stub stub)
    {
        int place = PlaceOf(stub.Rip, (EntryKind)stub.Slot);
        if (place != 0)
        {
            _e.Link(stub.From, place);
            return;
        }
        _e.Bind(stub.From);
        if (stub.Live != RflagsBits.None) FlagsToContext();
        _e.ExitTo(_shared.Exit, U);
        SharedRoutines.EmitRecord(_e, new ExitRecord
        {
            Kind = ExitKind.Link,
            Slot = (byte)stub.Slot,
            Place = stub.From,
            Page = _page.Id,
            Rip = stub.Rip,
        });
    }

    // Before a block's other entries: leaves if somebody wants the processor. PollLength bytes.
    private void EmitPoll(ulong rip)
    {
        _e.Context(Cmp, Rsp, TranslatorContext.StackLimitAt);
        _stubs.Add(new Stub(StubKind.Leave, _e.Jump(Below)) { Rip = rip, Exchange = _exchange });
    }

    private void EmitInterpret(int n) => EmitInterpretAt(_block[n].IP, n);

    private void EmitInterpretAt(ulong rip, int count, in Instruction last = default)
    {
        SimpleInstruction simple = SimpleInstructions.Of(last);
        ChangeExchange(0);
        FlagsToContext();
        if (SimpleInstructions.HasOperand(simple))
        {
            EmitAddress(last);
            _e.Context(Store, T, TranslatorContext.AddressAt);
        }
        _e.ExitTo(_shared.Exit, U);
        SharedRoutines.EmitRecord(_e, new ExitRecord { Kind = ExitKind.Interpret, Slot = (byte)simple, Own = (byte)last.Length, Count = count, Rip = rip });
    }
}
