using Iced.Intel;
using Kennel.Cpu.Interpreter;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>Memory operands: no guest address becomes a host address but here.</summary>
internal sealed unsafe partial class BlockTranslator
{
    private int _readSite, _writeSite; // the next place's

    // What T holds unless it has been changed since: the distance of a slot, by that one's offset in the context, or what a group of accesses
    // wants (less than 0); 0 for nothing.
    private int _kept;
    private int _held; // the guest register, of those in the context, whose value U has unless it has been changed since; -1 for none

    /// <summary>
    /// Makes T the host address of the instruction's memory operand. All checks of an instruction come before its first effect, so
    /// that it can be tried again from <see cref="_restart"/>.
    /// </summary>
    private void EmitOperand(int n, in Instruction i, int size, bool write)
    {
        if (IsCovered(n, i, write))
        {
            EmitGroupAddress(n, (int)i.MemoryDisplacement64);
            return;
        }
        BeginAccess(n);
        EmitAddress(i);
        EmitCheck(n, size, write);
    }

    // Whether a check made before covers the operand, for this access.
    private bool IsCovered(int n, in Instruction i, bool write) =>
        _stack[n] is { } group && StackGroups.IsOnStack(i) && (group.Writes || !write);

    // A register that is at home, plus a displacement: T need not be the sum, which would keep the access waiting.
    private bool IsFoldable(in Instruction i) =>
        i.MemoryBase.IsGPR64() && i.MemoryIndex == Register.None && i.MemorySegment is not (Register.FS or Register.GS) &&
        FieldOf(Registers.SlotOf(i.MemoryBase)) < 0 && (long)i.MemoryDisplacement64 is > int.MinValue and <= int.MaxValue;

    /// <summary>Makes the address of the operand of an instruction that is copied, and tests whether it is aligned where that is wanted.</summary>
    private Fold EmitCopyOperand(int n, in Instruction i, int size, bool write, int alignment, bool canFold)
    {
        if (canFold && _bases[n] is { } group) return EmitBaseOperand(n, i, group, size, write, alignment);
        if (canFold && PageNumberOf(i, write) is >= 0 and int number)
        {
            EmitPage(n, i, number, size, write, write);
            var fold = new Fold(true, -1, OffsetInPage(i));
            if (alignment != 0) EmitAlignmentCheck(n, T, OffsetInPage(i), alignment);
            return fold;
        }
        if (canFold && alignment == 0 && TryEmitThread(n, i, size, write)) return new Fold(true, -1, (int)(long)i.MemoryDisplacement64);
        if (alignment != 0) BeginAccess(n); // the test spoils the processor's flags
        if (canFold && IsFoldable(i)) return EmitFolded(n, i, size, write, alignment);
        if (alignment == 0 && canFold && i.MemoryIndex != Register.None && size <= TranslatorContext.LargestAccess && !LooksAtFlags(n) && !NamesContext(i)) return EmitIndexed(n, i, size, write);
        EmitOperand(n, i, size, write);
        if (alignment != 0) EmitAlignmentCheck(n, T, alignment);
        return default;
    }

    private Fold EmitFolded(int n, in Instruction i, int size, bool write, int alignment)
    {
        int home = EmitHome(Registers.SlotOf(i.MemoryBase), T), displacement = (int)i.MemoryDisplacement64;
        if (IsCovered(n, i, write))
        {
            EmitGroupDelta(n);
        }
        else
        {
            BeginAccess(n);
            EmitDistance(n, home, displacement, size, size, write, new OwnAccess(0, size, write));
        }
        if (alignment != 0) EmitAlignmentCheck(n, home, displacement, alignment);
        return new Fold(true, home, displacement);
    }

    // Whether it needs U for a register that is in the context.
    private bool NamesContext(in Instruction i)
    {
        for (int n = 0; n < i.OpCount; n++)
        {
            if (i.GetOpKind(n) == OpKind.Register && i.GetOpRegister(n).IsGPR() && FieldOf(Registers.SlotOf(i.GetOpRegister(n))) >= 0) return true;
        }
        return false;
    }

    // The operand is at T plus U, and waits for neither bound to be compared: such an address is often what the next one depends on.
    private Fold EmitIndexed(int n, in Instruction i, int size, bool write)
    {
        BeginAccess(n);
        EmitAddress(i);
        int site = NextSite(write);
        (int slot, int below, int above) = EmitBounds(site, T, TranslatorContext.LastAt);
        _e.Memory(Mov, U, slot, TranslatorContext.DeltaAt);
        AddSlowAccess(n, below, site, size, write, new OwnAccess(0, size, write), above: above);
        return new Fold(true, U, 0);
    }

    /// <summary>Before <see cref="EmitAtTop"/>, for the eight bytes at a distance from the stack pointer.</summary>
    private void EmitTop(int n, int displacement, bool write)
    {
        if (_stack[n] != null)
        {
            EmitGroupDelta(n);
            return;
        }
        BeginAccess(n);
        EmitDistance(n, Stack, displacement, 8, 8, write, new OwnAccess(0, 8, write));
    }

    // An instruction with a register and the memory there.
    private void EmitAtTop(int opcode, int register, int displacement) => _e.Indexed(opcode, register, Stack, T, displacement);

    // The check spoils the processor's flags.
    private void BeginAccess(int n)
    {
        if (_restart >= 0) return;
        if (_live[n] != RflagsBits.None) FlagsToContext();
        _restart = _e.Position;
        _inHost = false;
        _kept = 0;
        _held = -1;
    }

    // T is the guest address and becomes the host address or, where that folds, how far it is from there. Uses U.
    private void EmitCheck(int n, int size, bool write, bool folds = false) => EmitCheck(n, size, write, folds, new OwnAccess(0, size, write));

    // T becomes what is to be added to a register that is at home, and a displacement. A little behind the register, it is the register that is compared
    // with the range's ends, and not all of them are tried: what is near the end is the slow way's.
    private void EmitDistance(int n, int home, int displacement, int span, int size, bool write, OwnAccess own)
    {
        if (displacement < 0 || displacement + span > TranslatorContext.Nearness + TranslatorContext.LargestAccess)
        {
            _e.Address(T, home, -1, 0, displacement);
            EmitCheck(n, size, write, folds: true, own);
            return;
        }
        int site = NextSite(write);
        (int slot, int below, int above) = EmitBounds(site, home, TranslatorContext.NearAt);
        _e.Memory(Mov, T, slot, TranslatorContext.DeltaAt);
        AddSlowAccess(n, below, site, size, write, own, folds: true, above, home + 1, displacement);
    }

    // Own: what of it the instruction itself accesses.
    private void EmitCheck(int n, int size, bool write, bool folds, OwnAccess own)
    {
        int site = NextSite(write);
        int slot = EmitSlot(site);
        _e.Memory(Sub, T, slot);
        _e.Memory(Cmp, T, slot, TranslatorContext.LimitFor(size));
        int from = _e.Jump(AboveOrEqual);
        if (!folds) _e.Memory(Add, T, slot, TranslatorContext.HostAt);
        else _e.Memory(Mov, T, slot, TranslatorContext.DeltaAt);
        AddSlowAccess(n, from, site, size, write, own, folds);
    }

    // The offset in the context of the next place's entry.
    private int NextSite(bool write) => write ? TranslatorContext.WriteSiteAt(_writeSite++) : TranslatorContext.ReadSiteAt(_readSite++);

    // Which register points to the slot of a place. The jumps are taken if a register lies before its range, or behind a field of it.
    private (int Slot, int Below, int Above) EmitBounds(int site, int register, int last)
    {
        int slot = EmitSlot(site);
        _e.Memory(Cmp, register, slot);
        int below = _e.Jump(Below);
        _e.Memory(Cmp, register, slot, last);
        return (slot, below, _e.Jump(Above));
    }

    // Above: where both ends are compared, the other jump.
    private void AddSlowAccess(int n, int from, int site, int size, bool write, OwnAccess own, bool folds = false, int above = 0, int register = 0, int displacement = 0) =>
        _stubs.Add(AccessStub(StubKind.Memory, n, from, site, write, own) with
        {
            IsMasked = _isMasked,
            Size = size,
            Folds = folds,
            Above = above,
            Register = register,
            Displacement = displacement,
        });

    private Stub AccessStub(StubKind kind, int n, int from, int site, bool write, OwnAccess own) => new(kind, from)
    {
        Back = _e.Position,
        Slot = site,
        Write = write,
        Own = own,
        Count = n,
        Restart = _restart,
        IsWithinGroup = IsWithinGroup(n),
        Exchange = _exchange,
        Rip = _block[n].IP,
    };

    // T becomes the guest address again. What is found is what the place uses from then on.
    private void EmitSlowAccess(in Stub stub)
    {
        if (stub.Register != 0) _e.Address(T, stub.Register - 1, -1, 0, stub.Displacement);
        else if (stub.Above == 0) _e.Memory(Add, T, U);
        _e.CallTo(_shared.Slow(stub.Size, stub.Write));
        _e.Context(Store, U, stub.Slot);
        if (stub.Above != 0 && stub.Register == 0) _e.Memory(Mov, U, U, TranslatorContext.DeltaAt);
        else _e.Memory(stub.Folds ? Mov : Add, T, U, TranslatorContext.DeltaAt);
        _e.JumpTo(stub.Back);
        EmitMemoryRecord(stub, stub.Size);
    }

    private void EmitMemoryRecord(in Stub stub, int size) => SharedRoutines.EmitRecord(_e, new ExitRecord
    {
        Kind = ExitKind.Memory,
        Range = stub.Slot,
        Slot = (byte)stub.Own.Offset,
        Access = (byte)(Log2(size) | (stub.IsMasked ? ExitRecord.Masked : 0) | (stub.Write ? 0x80 : 0)),
        Own = (byte)(Log2(stub.Own.Size) | (stub.Own.Write ? 0x80 : 0)),
        Extent = (byte)(stub.IsWithinGroup ? 1 : 0),
        Count = stub.Count,
        Place = stub.Restart,
        Page = _page.Id,
        Exchange = (ushort)stub.Exchange,
        Rip = stub.Rip,
    });

    // T becomes the guest address. Uses U.
    private void EmitAddress(in Instruction i)
    {
        EmitEffectiveAddress(i, T, wide: true, (long)i.MemoryDisplacement64);
        if (i.MemorySegment == Register.FS) _e.Context(Add, T, TranslatorContext.FsBaseAt);
        else if (i.MemorySegment == Register.GS) _e.Context(Add, T, TranslatorContext.GsBaseAt);
    }

    // Leaves flags alone.
    private void EmitEffectiveAddress(in Instruction i, int register, bool wide, long displacement)
    {
        Register start = i.MemoryBase, index = i.MemoryIndex;
        if (start is Register.RIP or Register.EIP || (start == Register.None && index == Register.None))
        {
            _e.Constant(register, wide ? (ulong)displacement : (uint)displacement);
            return;
        }
        bool narrow = Registers.IsNarrow(start) || Registers.IsNarrow(index);
        int guestStart = start == Register.None ? -1 : Registers.SlotOf(start), guestIndex = index == Register.None ? -1 : Registers.SlotOf(index);
        int first = register == T ? T : U, second = first == T ? U : T; // T may be wanted still
        int hostStart = guestStart < 0 ? -1 : EmitHome(guestStart, first);
        int hostIndex = guestIndex < 0 ? -1 : guestIndex == guestStart ? hostStart : EmitHome(guestIndex, guestStart >= 0 && hostStart == first ? second : first);
        int shift = i.MemoryIndexScale switch { 2 => 1, 4 => 2, 8 => 3, _ => 0 };
        _e.Address(register, hostStart, hostIndex, shift, (int)displacement, narrow, wide);
    }

    // The host register that holds a guest register, which is the scratch register after loading it where it has no home.
    private int EmitHome(int guest, int scratch)
    {
        int field = FieldOf(guest);
        if (field < 0) return HomeOf(guest);
        if (scratch == U && _held == guest && !_e.HasChangedU) return U;
        _e.Context(Mov, scratch, field);
        if (scratch == U) NoteHeld(guest);
        return scratch;
    }

    private void NoteHeld(int guest)
    {
        _held = guest;
        _e.HasChangedU = false;
    }
}
