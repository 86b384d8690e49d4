using Iced.Intel;
using Kennel.Cpu.Interpreter;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>Memory operands: no guest address becomes a host address but here.</summary>
internal sealed unsafe partial class BlockTranslator
{
    private int _readSite, _writeSite; // the next place's
    private int _keptDelta; // which slot's distance T holds, by its offset in the context, unless T has been changed since; 0 for none

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
        if (IsCovered(n, i, write))
        {
            EmitGroupDelta(n);
            return;
        }
        BeginAccess(n);
        EmitAddress(i);
        EmitCheck(n, size, write, home, displacement);
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
        _e.Address(T, Stack, -1, 0, displacement);
        EmitCheck(n, 8, write, Stack, displacement);
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
        _keptDelta = 0;
    }

    // T is the guest address and becomes the host address, or what is to be added to a register and a displacement. Uses U.
    private void EmitCheck(int n, int size, bool write, int register = -1, int displacement = 0)
    {
        int site = write ? TranslatorContext.WriteSiteAt(_writeSite++) : TranslatorContext.ReadSiteAt(_readSite++);
        _e.Context(Mov, U, site);
        _e.Memory(Sub, T, U);
        _e.Memory(Cmp, T, U, size > TranslatorContext.LargestAccess ? TranslatorContext.WideAt : TranslatorContext.LimitAt);
        int from = _e.Jump(AboveOrEqual);
        if (register < 0) _e.Memory(Add, T, U, TranslatorContext.HostAt);
        else _e.Memory(Mov, T, U, TranslatorContext.DeltaAt);
        _stubs.Add(new Stub(StubKind.Memory, from)
        {
            IsMasked = _isMasked,
            Back = _e.Position,
            Slot = site,
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
        _e.Memory(Add, T, U);
        _e.Constant(U, (ulong)stub.Slot);
        _e.CallTo(_shared.Slow(stub.Size, stub.Write));
        bool folds = stub.Register > 0;
        _e.JumpTo(folds ? _e.Position + 5 + ExitRecord.Size : stub.Back);
        SharedRoutines.EmitRecord(_e, new ExitRecord
        {
            Kind = ExitKind.Memory,
            Range = stub.Slot,
            Access = (byte)(stub.Size | (stub.IsMasked ? ExitRecord.Masked : 0) | (stub.Write ? 0x80 : 0)),
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
        int slot = TranslatorContext.GroupSlot + (group.Writes ? TranslatorContext.ReadSlots : 0), at = TranslatorContext.SlotAt(slot);
        _e.Address(T, Stack, -1, 0, group.Start);
        _e.Context(Sub, T, at);
        _e.Context(Cmp, T, at + TranslatorContext.WideAt);
        _stubs.Add(new Stub(StubKind.Group, _e.Jump(AboveOrEqual))
        {
            Back = _e.Position,
            Slot = slot,
            Size = Math.Max((group.End - group.Start + 7) & ~7, TranslatorContext.LargestAccess),
            Write = group.Writes,
            Count = n,
            Restart = _restart,
            Displacement = group.Start,
            Rip = _block[n].IP,
        });
    }

    // Near the end of the range what the group really covers counts.
    private void EmitGroupMiss(in Stub stub)
    {
        int limit = TranslatorContext.SlotAt(stub.Slot) + TranslatorContext.LimitAt;
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
        _keptDelta = 0;
    }

    // T becomes what is to be added to the stack pointer, unless it is that already.
    private void EmitGroupDelta(int n)
    {
        int slot = TranslatorContext.GroupSlot + (_stack[n]!.Writes ? TranslatorContext.ReadSlots : 0);
        int delta = TranslatorContext.SlotAt(slot) + TranslatorContext.DeltaAt;
        if (_keptDelta == delta && !_e.HasChangedT) return;
        _e.Context(Mov, T, delta);
        _keptDelta = delta;
        _e.HasChangedT = false;
    }

    // T becomes the guest address. Uses U.
    private void EmitAddress(in Instruction i)
    {
        EmitEffectiveAddress(i, T, wide: true);
        if (i.MemorySegment == Register.FS) _e.Context(Add, T, TranslatorContext.FsBaseAt);
        else if (i.MemorySegment == Register.GS) _e.Context(Add, T, TranslatorContext.GsBaseAt);
    }

    // Leaves flags alone.
    private void EmitEffectiveAddress(in Instruction i, int register, bool wide)
    {
        Register start = i.MemoryBase, index = i.MemoryIndex;
        if (start is Register.RIP or Register.EIP || (start == Register.None && index == Register.None))
        {
            _e.Constant(register, wide ? i.MemoryDisplacement64 : (uint)i.MemoryDisplacement64);
            return;
        }
        bool narrow = Registers.IsNarrow(start) || Registers.IsNarrow(index);
        int guestStart = start == Register.None ? -1 : Registers.SlotOf(start), guestIndex = index == Register.None ? -1 : Registers.SlotOf(index);
        int hostStart = guestStart < 0 ? -1 : EmitHome(guestStart, T);
        int hostIndex = guestIndex < 0 ? -1 : guestIndex == guestStart ? hostStart : EmitHome(guestIndex, U);
        int shift = i.MemoryIndexScale switch { 2 => 1, 4 => 2, 8 => 3, _ => 0 };
        _e.Address(register, hostStart, hostIndex, shift, (int)i.MemoryDisplacement64, narrow, wide);
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
