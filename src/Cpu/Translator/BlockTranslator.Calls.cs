using Iced.Intel;
using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>Calls and returns, and jumps to addresses that are known only when they are made.</summary>
internal sealed unsafe partial class BlockTranslator
{
    private void EmitCall(int n, in Instruction i)
    {
        ulong target = i.NearBranchTarget;
        bool linkable = IsLinkable(target);
        if (!linkable || _live[n + 1] != RflagsBits.None) FlagsToContext();
        EmitReturnAddress(n, i);
        if (!linkable)
        {
            _e.Constant(T, target);
            EmitIndirectCall(n + 1, i.IP, i.NextIP);
            return;
        }
        EmitCount(n + 1, target);
        EmitPushReturn(i.NextIP, isChanged: false); // U is it already
        int place = PlaceOf(target, EntryKind.Polling);
        if (place != 0) _e.CallTo(place);
        else _stubs.Add(new Stub(StubKind.Unlinked, _e.LinkableCall()) { Rip = target, Slot = (int)EntryKind.Polling });
        EmitLanding(i.NextIP);
    }

    private void EmitReturnAddress(int n, in Instruction i)
    {
        EmitTop(n, -8, write: true);
        if (i.NextIP <= int.MaxValue)
        {
            EmitAtTop(StoreConstant, 0, -8);
            _e.Int32((int)i.NextIP);
        }
        else
        {
            _e.Constant(U, i.NextIP);
            _e.HasChangedU = false;
            EmitAtTop(Store, U, -8);
        }
        _e.Address(Stack, Stack, -1, 0, -8);
    }

    // For the guest's return to compare.
    private void EmitPushReturn(ulong address, bool isChanged)
    {
        if (address <= int.MaxValue)
        {
            _e.Byte(0x68);
            _e.Int32((int)address);
            return;
        }
        if (_e.HasChangedU || isChanged) _e.Constant(U, address);
        _e.Push(U);
    }

    // Where a return comes to that fits: the flags are in the context.
    private void EmitLanding(ulong address)
    {
        _e.Pop(T); // by a pop the processor knows its stack pointer at once
        if (IsLinkable(address))
        {
            int stubs = _stubs.Count;
            EmitGoOn(address, RflagsBits.None, EntryKind.Restoring);
            if (_stubs.Count > stubs && address - _page.Address < FramePool.FrameSize) _page.EnterLanding((int)(address & 0xfff), _stubs[^1].From);
            return;
        }
        _e.Constant(T, address);
        _e.Link(SharedRoutines.EmitLookup(_e), _e.Position);
        _e.ExitTo(_shared.Unknown, T);
        SharedRoutines.EmitRecord(_e, new ExitRecord { Kind = ExitKind.Indirect, Rip = address });
    }

    private void EmitReturn(int n, in Instruction i)
    {
        int size = 8 + (i.Code == Code.Retnq_imm16 ? i.Immediate16 : 0);
        EmitTop(n, 0, write: false);
        EmitAtTop(Mov, T, 0);
        _e.Address(Stack, Stack, -1, 0, size);
        FlagsToContext();
        var stub = new Stub(StubKind.Return, 0) { Count = n + 1, Rip = i.IP, Restart = -size };
        EmitIndirectCount(stub);
        _e.Memory(Cmp, T, Rsp, 8);
        _stubs.Add(stub with { From = _e.Jump(NotEqual) });
        _e.Byte(0xc3);
    }

    // Goes to the address in T. Should that be no address at all, it was the jump at rip that fails.
    private void EmitIndirect(int count, ulong rip)
    {
        var stub = new Stub(StubKind.Unknown, 0) { Count = count, Rip = rip };
        EmitIndirectCount(stub);
        _stubs.Add(stub with { From = SharedRoutines.EmitLookup(_e) });
    }

    private void EmitIndirectCall(int count, ulong rip, ulong next)
    {
        var stub = new Stub(StubKind.Unknown, 0) { Count = count, Rip = rip, Restart = 8 };
        EmitIndirectCount(stub);
        int unknown = SharedRoutines.EmitSearch(_e);
        EmitPushReturn(next, isChanged: true);
        SharedRoutines.EmitThroughTable(_e, 2); // call
        _stubs.Add(stub with { Kind = StubKind.UnknownCall, From = unknown, Back = _e.Position, Address = next });
        EmitLanding(next);
    }

    // Counts the instructions done so far, if that is wanted, and leaves if the slice is used up, to go on at an address.
    private void EmitCount(int count, ulong rip)
    {
        if (!_counts) return;
        _e.SubtractFromContext(TranslatorContext.BudgetAt, count);
        _stubs.Add(new Stub(StubKind.Leave, _e.Jump(Negative)) { Rip = rip });
    }

    // The same where the address is in T.
    private void EmitIndirectCount(in Stub stub)
    {
        if (!_counts) return;
        _e.SubtractFromContext(TranslatorContext.BudgetAt, stub.Count);
        _stubs.Add(stub with { Kind = StubKind.Indirect, From = _e.Jump(Negative) });
    }

    private void EmitIndirectStub(in Stub stub)
    {
        if (stub.Kind == StubKind.UnknownCall) EmitCallToNext(stub);
        if (stub.Kind is StubKind.Unknown or StubKind.UnknownCall) _e.ExitTo(_shared.Unknown, T);
        else _e.ExitTo(stub.Kind == StubKind.Return ? _shared.Return : _shared.Indirect, U);
        SharedRoutines.EmitRecord(_e, new ExitRecord { Kind = ExitKind.Indirect, Count = stub.Count, Place = stub.Restart, Rip = stub.Rip });
    }

    // The call is made here, so that its return fits wherever it goes: one that fits none would forget all others. U stays the tag.
    private void EmitCallToNext(in Stub stub)
    {
        const int jumpLength = 5;
        _e.Constant(T, stub.Address);
        _e.Push(T);
        _e.CallTo(_e.Position + jumpLength + jumpLength);
        _e.JumpTo(stub.Back);
    }
}
