using Iced.Intel;
using Kennel.Cpu.Interpreter;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>One check for several accesses: on the stack, or near the same register.</summary>
internal sealed unsafe partial class BlockTranslator
{
    private readonly BaseGroups _bases;
    private readonly int[] _checkedAt = new int[BaseGroups.MostOpen]; // by place, the group that has been checked (as what is kept in T), if what T was then is in the context
    private readonly int[] _checkedHome = new int[BaseGroups.MostOpen]; // where its register was then
    private readonly (int Distance, int Mask)[] _aligned = new (int, int)[BaseGroups.MostOpen]; // a distance from its register at which an address has these bits clear

    // The first of a group checks for all of them. What T holds then serves the others, and is kept in the context if something between needs T.
    private Fold EmitBaseOperand(int n, in Instruction i, BaseGroups.Group group, int size, bool write, int alignment)
    {
        int number = GroupPageOf(group);
        int home = !group.IsConstant && group.Index == Register.None ? HomeOf(Registers.SlotOf(group.Register)) : -1;
        long displacement = (long)i.MemoryDisplacement64, start = group.Start - _bases.ShiftAt(n);
        int mark = -1 - group.First, place = group.Place;
        if (_kept != mark || _e.HasChangedT)
        {
            if (_checkedAt[place] == mark && _checkedHome[place] == home)
            {
                _e.Context(Mov, T, TranslatorContext.KeptAt + (8 * place));
            }
            else
            {
                BeginAccess(n);
                var own = new OwnAccess((int)(displacement - start), size, write);
                if (number >= 0)
                {
                    EmitPage(n, i, number, size, group.Writes, write);
                }
                else if (home >= 0)
                {
                    EmitDistance(n, home, (int)start, (int)(group.End - group.Start), SizeOf(group), group.Writes, own);
                }
                else
                {
                    EmitEffectiveAddress(i, T, wide: true, start);
                    EmitCheck(n, SizeOf(group), group.Writes, folds: false, own);
                }
                if (group.IsInterrupted) _e.Context(Store, T, TranslatorContext.KeptAt + (8 * place));
                (_checkedAt[place], _checkedHome[place]) = (group.IsInterrupted ? mark : 0, home);
                _aligned[place] = default;
            }
            _kept = mark;
            _e.HasChangedT = false;
        }
        Fold fold = number >= 0 ? new Fold(true, -1, OffsetInPage(i)) : home >= 0 ? new Fold(true, home, (int)displacement) : new Fold(true, -1, (int)(displacement - start));
        if (alignment != 0) EmitBaseAlignment(n, fold, place, (int)(displacement + _bases.ShiftAt(n)), alignment);
        return fold;
    }

    // The number of the page that all of a group lies in; -1 if it has none.
    private int GroupPageOf(BaseGroups.Group group)
    {
        bool isInPage = group.IsConstant && (((ulong)group.Start ^ ((ulong)group.End - 1)) & ~PageMask) == 0;
        return isInPage ? _constantPages.NumberOf((ulong)group.Start & ~PageMask, group.Writes) : -1;
    }

    // Whether a check made before is relied on at an instruction or behind it.
    private bool IsWithinGroup(int n) => _stack.IsWithin(n) || _bases.IsWithin(n);

    private static int SizeOf(BaseGroups.Group group)
    {
        int size = 1;
        while (size < group.End - group.Start) size *= 2;
        return size;
    }

    // What is a multiple of the alignment from an operand that is aligned is aligned.
    private void EmitBaseAlignment(int n, Fold fold, int place, int distance, int mask)
    {
        (int known, int clear) = _aligned[place];
        if ((mask & ~clear) == 0 && ((distance - known) & mask) == 0) return;
        if (_restart < 0)
        {
            if (_live[n] != RflagsBits.None) FlagsToContext();
            _inHost = false;
        }
        EmitAlignmentCheck(n, fold.Register < 0 ? T : fold.Register, fold.Displacement, mask);
        _aligned[place] = (distance, mask);
    }

    // Of a register plus a displacement. Uses U.
    private void EmitAlignmentCheck(int n, int register, int displacement, int mask)
    {
        if ((displacement & mask) != 0)
        {
            _e.Memory(Lea, U, register, displacement);
            register = U;
        }
        EmitAlignmentCheck(n, register, mask);
    }

    // One check for all accesses of a group: of its first and of its last bytes, both of which lie in one range then. If they are near the stack pointer, it is that
    // which is compared, with what lies so much within the range's ends.
    private void EmitGroupCheck(int n, StackGroups.Group group)
    {
        BeginAccess(n);
        int slot = TranslatorContext.GroupSlot + (group.Writes ? TranslatorContext.ReadSlots : 0), at = TranslatorContext.SlotAt(slot), above = 0;
        if (group.Start >= -TranslatorContext.Nearness && group.End <= TranslatorContext.Nearness + TranslatorContext.LargestAccess)
        {
            _e.Context(Cmp, Stack, at + TranslatorContext.GroupLowAt);
            above = _e.Jump(Below);
            _e.Context(Cmp, Stack, at + TranslatorContext.NearAt);
        }
        else
        {
            _e.Address(T, Stack, -1, 0, group.Start);
            _e.Context(Sub, T, at);
            _e.Context(Cmp, T, at + TranslatorContext.WideAt);
        }
        _stubs.Add(new Stub(StubKind.Group, _e.Jump(above != 0 ? Above : AboveOrEqual))
        {
            Above = above,
            Back = _e.Position,
            Slot = slot,
            Size = Math.Max((group.End - group.Start + 7) & ~7, TranslatorContext.LargestAccess),
            Write = group.Writes,
            Count = n,
            Restart = _restart,
            IsWithinGroup = _bases.IsWithin(n),
            Exchange = _exchange,
            Displacement = group.Start,
            Rip = _block[n].IP,
        });
    }

    // Near the end of the range what the group really covers counts.
    private void EmitGroupMiss(in Stub stub)
    {
        int limit = TranslatorContext.SlotAt(stub.Slot) + TranslatorContext.LimitAt;
        if (stub.Above != 0)
        {
            _e.Address(T, Stack, -1, 0, stub.Displacement);
            _e.Context(Sub, T, TranslatorContext.SlotAt(stub.Slot));
        }
        _e.Context(Cmp, T, limit);
        int misses = _e.Jump(AboveOrEqual);
        _e.Memory(Lea, T, T, stub.Size - TranslatorContext.LargestAccess);
        _e.Context(Cmp, T, limit);
        _e.JumpTo(Below, stub.Back);
        _e.Bind(misses);
        _e.Address(T, Stack, -1, 0, stub.Displacement);
        _e.Context(Store, T, TranslatorContext.AddressAt);
        _e.ExitTo(_shared.Exit, U);
        SharedRoutines.EmitRecord(_e, new ExitRecord
        {
            Kind = ExitKind.Group,
            Range = TranslatorContext.SlotAt(stub.Slot),
            Access = (byte)(stub.Write ? 0x80 : 0),
            Own = (byte)(stub.IsWithinGroup ? 1 : 0),
            Extent = (byte)(stub.Size / 8),
            Count = stub.Count,
            Place = stub.Restart,
            Page = _page.Id,
            Exchange = (ushort)stub.Exchange,
            Rip = stub.Rip,
        });
    }

    // T becomes the host address of what a check has covered. Leaves flags alone.
    private void EmitGroupAddress(int n, int displacement)
    {
        EmitGroupDelta(n);
        _e.Address(T, Stack, T, 0, displacement);
        _kept = 0;
    }

    // T becomes what is to be added to the stack pointer, unless it is that already.
    private void EmitGroupDelta(int n)
    {
        int slot = TranslatorContext.GroupSlot + (_stack[n]!.Writes ? TranslatorContext.ReadSlots : 0);
        int delta = TranslatorContext.SlotAt(slot) + TranslatorContext.DeltaAt;
        if (_kept == delta && !_e.HasChangedT) return;
        _e.Context(Mov, T, delta);
        _kept = delta;
        _e.HasChangedT = false;
    }

    /// <summary>How a copied instruction is to name its operand: at T, or at the sum of T, a register (-1 for none) and a displacement.</summary>
    private readonly record struct Fold(bool Folds, int Register, int Displacement);

    /// <summary>What an instruction accesses of that which a check covers: bytes from its start, how many, and whether they are written.</summary>
    private readonly record struct OwnAccess(int Offset, int Size, bool Write);
}
