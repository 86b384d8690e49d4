using Iced.Intel;
using Kennel.Cpu.Interpreter;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>Memory operands: no guest address becomes a host address but here.</summary>
internal sealed unsafe partial class BlockTranslator
{
    /// <summary>
    /// Makes T the host address of the instruction's memory operand. All checks of an instruction come before its first effect, so
    /// that it can be tried again from <see cref="_restart"/>.
    /// </summary>
    private void EmitOperand(int n, in Instruction i, int size, bool write)
    {
        if (_stack[n] != null && StackGroups.IsOnStack(i))
        {
            EmitGroupAddress(n, (int)i.MemoryDisplacement64);
            return;
        }
        BeginAccess(n);
        int slot = EmitAddress(n, i);
        EmitCheck(n, slot, size, write);
    }

    // A register that is at home, plus a displacement: T need not be the sum, which would keep the access waiting.
    private static bool IsFoldable(in Instruction i) =>
        i.MemoryBase.IsGPR64() && i.MemoryIndex == Register.None && i.MemorySegment is not (Register.FS or Register.GS) &&
        FieldOf(Registers.SlotOf(i.MemoryBase)) < 0 && (long)i.MemoryDisplacement64 is > int.MinValue and <= int.MaxValue;

    // The operand is at the register plus T plus the displacement.
    private void EmitFolded(int n, in Instruction i, int size, bool write, ref InstructionRewriter parts)
    {
        int home = EmitHome(Registers.SlotOf(i.MemoryBase), T), displacement = (int)i.MemoryDisplacement64;
        parts.FoldInto(home, displacement);
        EmitFoldedDelta(n, i, size, write, home, displacement);
    }

    private void EmitFoldedDelta(int n, in Instruction i, int size, bool write, int home, int displacement)
    {
        if (_stack[n] != null && StackGroups.IsOnStack(i))
        {
            EmitGroupDelta(n);
            return;
        }
        BeginAccess(n);
        EmitCheck(n, EmitAddress(n, i), size, write, home, displacement);
    }

    /// <summary>The same for what is at a distance from the stack pointer or another register that is at home.</summary>
    private void EmitStackOperand(int n, int register, int displacement, bool write)
    {
        if (register == Stack && _stack[n] != null)
        {
            EmitGroupAddress(n, displacement);
            return;
        }
        BeginAccess(n);
        _e.Address(T, register, -1, 0, displacement);
        EmitCheck(n, register == Stack ? TranslatorContext.StackSlot : SiteSlot(n, register), 8, write);
    }

    // The check spoils the processor's flags.
    private void BeginAccess(int n)
    {
        if (_restart >= 0) return;
        if (_live[n] != RflagsBits.None) FlagsToContext();
        _restart = _e.Position;
        _inHost = false;
    }

    // T is the guest address and becomes the host address, or what is to be added to a register and a displacement.
    private void EmitCheck(int n, int slot, int size, bool write, int register = -1, int displacement = 0)
    {
        int at = TranslatorContext.SlotAt(slot + (write ? TranslatorContext.ReadSlots : 0));
        _e.Context(Sub, T, at);
        _e.Context(Cmp, T, at + TranslatorContext.LimitAt);
        int from = _e.Jump(AboveOrEqual), alsoFrom = size > TranslatorContext.LargestAccess ? EmitEndCheck(at) : 0;
        if (register < 0) _e.Context(Add, T, at + TranslatorContext.HostAt);
        else _e.Context(Mov, T, at + TranslatorContext.DeltaAt);
        _stubs.Add(new Stub(StubKind.Memory, from)
        {
            AlsoFrom = alsoFrom,
            Back = _e.Position,
            Slot = slot,
            Size = size,
            Write = write,
            Count = n,
            Restart = _restart,
            IsWithinGroup = _stack.IsWithin(n),
            Rip = _block[n].IP,
            Register = register + 1,
            Displacement = displacement,
        });
    }

    private void EmitSlowAccess(in Stub stub)
    {
        int slot = stub.Slot + (stub.Write ? TranslatorContext.ReadSlots : 0);
        _e.Context(Add, T, TranslatorContext.SlotAt(slot));
        _e.Constant(U, (ulong)TranslatorContext.SlotAt(slot));
        _e.CallTo(_shared.Slow(stub.Size, stub.Write));
        bool folds = stub.Register > 0;
        _e.JumpTo(folds ? _e.Position + 5 + ExitRecord.Size : stub.Back);
        SharedRoutines.EmitRecord(_e, new ExitRecord
        {
            Kind = ExitKind.Memory,
            Range = TranslatorContext.SlotAt(slot),
            Access = (byte)(stub.Size | (stub.Write ? 0x80 : 0)),
            Extent = (byte)(stub.IsWithinGroup ? 1 : 0),
            Count = stub.Count,
            Place = stub.Restart,
            Page = _page.Id,
            Rip = stub.Rip,
        });
        if (!folds) return;
        _e.Registers(Sub, T, stub.Register - 1);
        _e.Address(T, T, -1, 0, -stub.Displacement);
        _e.JumpTo(stub.Back);
    }

    // One check for all accesses of a group: of its first and of its last bytes, both of which lie in one range then.
    private void EmitGroupCheck(int n, StackGroups.Group group)
    {
        BeginAccess(n);
        int slot = TranslatorContext.GroupSlot + (group.Writes ? TranslatorContext.ReadSlots : 0);
        int span = Math.Max((group.End - group.Start + 7) & ~7, TranslatorContext.LargestAccess);
        EmitGroupCompare(n, group, slot, span, group.Start);
        if (span > TranslatorContext.LargestAccess) EmitGroupCompare(n, group, slot, span, group.Start + span - TranslatorContext.LargestAccess);
    }

    private void EmitGroupCompare(int n, StackGroups.Group group, int slot, int span, int displacement)
    {
        int at = TranslatorContext.SlotAt(slot);
        _e.Address(T, Stack, -1, 0, displacement);
        _e.Context(Sub, T, at);
        _e.Context(Cmp, T, at + TranslatorContext.LimitAt);
        _stubs.Add(new Stub(StubKind.Group, _e.Jump(AboveOrEqual))
        {
            Slot = slot,
            Size = span,
            Write = group.Writes,
            Count = n,
            Restart = _restart,
            Back = group.Start,
            Rip = _block[n].IP,
        });
    }

    private void EmitGroupMiss(in Stub stub)
    {
        _e.Address(T, Stack, -1, 0, stub.Back);
        _e.Context(Store, T, TranslatorContext.AddressAt);
        _e.ExitTo(_shared.Exit, U);
        SharedRoutines.EmitRecord(_e, new ExitRecord
        {
            Kind = ExitKind.Group,
            Range = TranslatorContext.SlotAt(stub.Slot),
            Access = (byte)(stub.Write ? 0x80 : 0),
            Extent = (byte)(stub.Size / 8),
            Count = stub.Count,
            Place = stub.Restart,
            Page = _page.Id,
            Rip = stub.Rip,
        });
    }

    // T becomes the host address of what a check has covered. Leaves flags alone.
    private void EmitGroupAddress(int n, int displacement)
    {
        EmitGroupDelta(n);
        _e.Address(T, Stack, T, 0, displacement);
    }

    private void EmitGroupDelta(int n)
    {
        int slot = TranslatorContext.GroupSlot + (_stack[n]!.Writes ? TranslatorContext.ReadSlots : 0);
        _e.Context(Mov, T, TranslatorContext.SlotAt(slot) + TranslatorContext.DeltaAt);
    }

    // T becomes the guest address; answers the range slot to try. Uses U.
    private int EmitAddress(int n, in Instruction i)
    {
        int start = EmitEffectiveAddress(i, T, wide: true);
        if (i.MemorySegment == Register.FS)
        {
            _e.Context(Add, T, TranslatorContext.FsBaseAt);
            return TranslatorContext.FsSlot;
        }
        if (i.MemorySegment == Register.GS)
        {
            _e.Context(Add, T, TranslatorContext.GsBaseAt);
            return TranslatorContext.GsSlot;
        }
        return start switch
        {
            Kennel.Machine.CpuState.Rsp => TranslatorContext.StackSlot,
            < 0 => TranslatorContext.AbsoluteSlot + (int)(((i.MemoryDisplacement64 >> 12) ^ (i.MemoryDisplacement64 >> 17)) & (TranslatorContext.AbsoluteSlots - 1)),
            _ => SiteSlot(n, start),
        };
    }

    // Neighbouring accesses by the same register are likely to go to the same range.
    private int SiteSlot(int n, int register) =>
        TranslatorContext.SiteSlot + (int)(((_block[n].IP >> 6) * 21 + ((ulong)register * 5)) & (TranslatorContext.SiteSlots - 1));

    // Answers the guest register that it begins with; -1 for none. Leaves flags alone.
    private int EmitEffectiveAddress(in Instruction i, int register, bool wide)
    {
        Register start = i.MemoryBase, index = i.MemoryIndex;
        if (start is Register.RIP or Register.EIP || (start == Register.None && index == Register.None))
        {
            _e.Constant(register, wide ? i.MemoryDisplacement64 : (uint)i.MemoryDisplacement64);
            return -1;
        }
        bool narrow = Registers.IsNarrow(start) || Registers.IsNarrow(index);
        int guestStart = start == Register.None ? -1 : Registers.SlotOf(start), guestIndex = index == Register.None ? -1 : Registers.SlotOf(index);
        int hostStart = guestStart < 0 ? -1 : EmitHome(guestStart, T);
        int hostIndex = guestIndex < 0 ? -1 : guestIndex == guestStart ? hostStart : EmitHome(guestIndex, U);
        int shift = i.MemoryIndexScale switch { 2 => 1, 4 => 2, 8 => 3, _ => 0 };
        _e.Address(register, hostStart, hostIndex, shift, (int)i.MemoryDisplacement64, narrow, wide);
        return guestStart >= 0 ? guestStart : guestIndex;
    }

    // The host register that holds a guest register, which is the scratch register after loading it where it has no home.
    private int EmitHome(int guest, int scratch)
    {
        int field = FieldOf(guest);
        if (field < 0) return guest == Kennel.Machine.CpuState.Rsp ? Stack : guest;
        _e.Context(Mov, scratch, field);
        return scratch;
    }

    /// <summary>Where in the context a guest register is that has no host register; -1 for others.</summary>
    private static int FieldOf(int guest) => guest switch
    {
        10 => TranslatorContext.R10At,
        11 => TranslatorContext.R11At,
        15 => TranslatorContext.R15At,
        _ => -1,
    };
}
