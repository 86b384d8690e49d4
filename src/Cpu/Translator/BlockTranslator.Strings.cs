using Iced.Intel;
using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>movs, stos, lods, cmps and scas, with and without repeat prefixes.</summary>
/// <remarks>
/// Repeated ones run as they are, with rsi and rdi turned into host addresses for that time: what rcx says is known to lie in one
/// range each, or (comparisons, whose count is often just a limit) is cut down to what does. All else the interpreter does.
/// </remarks>
internal sealed unsafe partial class BlockTranslator
{
    /// <summary>Elements that one go may take at most; it cannot be interrupted.</summary>
    private const int LargestRepeat = 1 << 18;

    private const int MovsCode = 0xa4, CmpsCode = 0xa6, StosCode = 0xaa, LodsCode = 0xac, ScasCode = 0xae;

    private static bool IsTakenString(in Instruction i)
    {
        bool isRepeated = i.HasRepPrefix || i.HasRepnePrefix;
        return StringCodeOf(i) switch
        {
            MovsCode or CmpsCode => IsPlainSource(i) && IsPlainTarget(i),
            StosCode or ScasCode => IsPlainTarget(i),
            LodsCode => IsPlainSource(i) && !isRepeated,
            _ => false,
        };
    }

    private static bool IsPlainSource(in Instruction i) =>
        (i.Op0Kind == OpKind.MemorySegRSI || i.Op1Kind == OpKind.MemorySegRSI) && i.MemorySegment is not (Register.FS or Register.GS);

    private static bool IsPlainTarget(in Instruction i) => i.Op0Kind == OpKind.MemoryESRDI || i.Op1Kind == OpKind.MemoryESRDI;

    // The opcode of the form for bytes.
    private static int StringCodeOf(in Instruction i) => i.Mnemonic switch
    {
        Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd or Mnemonic.Movsq => MovsCode,
        Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd or Mnemonic.Cmpsq => CmpsCode,
        Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd or Mnemonic.Stosq => StosCode,
        Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd or Mnemonic.Lodsq => LodsCode,
        Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd or Mnemonic.Scasq => ScasCode,
        _ => 0,
    };

    private bool EmitString(int n, in Instruction i)
    {
        int code = StringCodeOf(i), size = i.MemorySize.GetSize();
        if (!i.HasRepPrefix && !i.HasRepnePrefix) EmitOneRound(n, i, code, size);
        else if (code is MovsCode or StosCode) EmitRepeat(n, code, size);
        else EmitRepeatedComparison(n, i, code, size);
        return true;
    }

    private void EmitOneRound(int n, in Instruction i, int code, int size)
    {
        BeginAccess(n);
        bool source = code is MovsCode or CmpsCode or LodsCode, target = code != LodsCode, compares = code is CmpsCode or ScasCode;
        if (source) EmitElementCheck(n, Rsi, size, write: false);
        if (source && target)
        {
            EmitSized(0x8a, U, T, size);
            _e.Context(Store, U, TranslatorContext.TargetAt); // a check may use U
        }
        if (target) EmitElementCheck(n, Rdi, size, write: !compares);
        if (source && target) _e.Context(Mov, U, TranslatorContext.TargetAt);
        switch (code)
        {
            case MovsCode:
                EmitSized(0x88, U, T, size);
                break;
            case StosCode:
                EmitSized(0x88, Rax, T, size);
                break;
            case LodsCode:
                EmitSized(0x8a, Rax, T, size);
                break;
            case CmpsCode:
                EmitSized(0x3a, U, T, size);
                break;
            case ScasCode:
                EmitSized(0x3a, Rax, T, size);
                break;
        }
        if (source) _e.Address(Rsi, Rsi, -1, 0, size);
        if (target) _e.Address(Rdi, Rdi, -1, 0, size);
        if (compares) NoteFlags(n);
    }

    private void EmitElementCheck(int n, int pointer, int size, bool write)
    {
        _e.Registers(Mov, T, pointer);
        EmitCheck(n, size, write);
    }

    // An instruction "reg, rm" with a memory operand at a register, given its opcode for bytes.
    private void EmitSized(int opcode, int register, int at, int size)
    {
        if (size == 2) _e.Byte(0x66);
        _e.Memory(size == 1 ? opcode : opcode | 1, register, at, 0, wide: size == 8);
    }

    // Touches no flags.
    private void EmitRepeat(int n, int code, int size)
    {
        BeginAccess(n);
        _e.Registers(Test, Rcx, Rcx);
        int nothing = _e.Jump(Equal);
        _e.Registers(0x81, 7, Rcx); // cmp rcx, largest
        _e.Int32(LargestRepeat);
        EmitInterpretIf(Above, n);
        if (code == MovsCode) EmitWholeCheck(n, Rsi, size, write: false);
        EmitWholeCheck(n, Rdi, size, write: true);
        if (code == MovsCode) _e.Context(Add, Rsi, DeltaOf(Rsi, write: false));
        _e.Context(Add, Rdi, DeltaOf(Rdi, write: true));
        EmitStringInstruction(0xf3, code, size);
        if (code == MovsCode) _e.Context(Sub, Rsi, DeltaOf(Rsi, write: false));
        _e.Context(Sub, Rdi, DeltaOf(Rdi, write: true));
        _e.Bind(nothing);
    }

    // rcx elements from a pointer on lie in its slot's range.
    private void EmitWholeCheck(int n, int pointer, int size, bool write)
    {
        EmitStartCheck(n, pointer, size, write, whole: true);
        _e.Address(U, T, Rcx, CodeEmitter.Log2(size), 1 - TranslatorContext.LargestAccess);
        _e.Context(Cmp, U, TranslatorContext.SlotAt(SlotOf(pointer, write)) + TranslatorContext.LimitAt);
        EmitStringMiss(n, Greater, pointer, size, write, whole: true);
    }

    // T becomes the pointer's distance from the start of its slot's range.
    private void EmitStartCheck(int n, int pointer, int size, bool write, bool whole)
    {
        int at = TranslatorContext.SlotAt(SlotOf(pointer, write));
        _e.Registers(Mov, T, pointer);
        _e.Context(Sub, T, at);
        _e.Context(Cmp, T, at + TranslatorContext.LimitAt);
        EmitStringMiss(n, AboveOrEqual, pointer, size, write, whole);
    }

    private void EmitStringMiss(int n, int condition, int pointer, int size, bool write, bool whole) =>
        _stubs.Add(new Stub(StubKind.String, _e.Jump(condition))
        {
            Slot = SlotOf(pointer, write),
            Back = pointer,
            Size = size,
            Write = write,
            Whole = whole,
            Count = n,
            Restart = _restart,
            IsWithinGroup = IsWithinGroup(n),
            Rip = _block[n].IP,
        });

    // A range that is known at that address takes the slot, if all of it fits; the engine may know more.
    private void EmitStringSlow(in Stub stub)
    {
        _e.Registers(Mov, T, stub.Back);
        SharedRoutines.EmitRegion(_e, stub.Write);
        _e.Memory(Sub, T, U);
        _e.Memory(Cmp, T, U, TranslatorContext.LimitAt);
        int unknown = _e.Jump(AboveOrEqual), ends = 0;
        if (stub.Whole)
        {
            _e.Address(T, T, Rcx, CodeEmitter.Log2(stub.Size), 1 - TranslatorContext.LargestAccess);
            _e.Memory(Cmp, T, U, TranslatorContext.LimitAt);
            ends = _e.Jump(Greater);
        }
        foreach (int field in (ReadOnlySpan<int>)[0, TranslatorContext.LimitAt, TranslatorContext.DeltaAt])
        {
            _e.Memory(Mov, T, U, field);
            _e.Context(Store, T, TranslatorContext.SlotAt(stub.Slot) + field);
        }
        _e.JumpTo(stub.Restart);
        _e.Bind(unknown);
        if (stub.Whole) _e.Bind(ends);
        _e.Context(Store, stub.Back, TranslatorContext.AddressAt);
        _e.ExitTo(_shared.Exit, U);
        SharedRoutines.EmitRecord(_e, new ExitRecord
        {
            Kind = stub.Whole ? ExitKind.Whole : ExitKind.Element,
            Range = TranslatorContext.SlotAt(stub.Slot),
            Access = (byte)(stub.Size | (stub.Write ? 0x80 : 0)),
            Extent = (byte)(stub.IsWithinGroup ? 1 : 0),
            Count = stub.Count,
            Place = stub.Restart,
            Page = _page.Id,
            Rip = stub.Rip,
        });
    }

    // In one go as many as there is room for. If that neither was all nor found what was looked for, the interpreter goes on.
    private void EmitRepeatedComparison(int n, in Instruction i, int code, int size)
    {
        BeginAccess(n);
        _e.Registers(Test, Rcx, Rcx);
        int some = _e.Jump(NotEqual);
        if (_live[n] != RflagsBits.None) _e.RestoreFlags();
        int nothing = _e.Jump();
        _e.Bind(some);
        EmitRoom(n, Rdi, size);
        if (code == CmpsCode)
        {
            _e.Context(Store, U, TranslatorContext.TargetAt);
            EmitRoom(n, Rsi, size);
            _e.Context(Cmp, U, TranslatorContext.TargetAt);
            _e.Context(CmovAbove, U, TranslatorContext.TargetAt);
        }
        _e.Registers(Cmp, U, Rcx);
        _e.Registers(CmovAbove, U, Rcx);
        _e.Registers(Sub, Rcx, U);
        _e.Context(Store, Rcx, TranslatorContext.TargetAt); // what is left for later
        _e.Registers(Mov, Rcx, U);
        _e.Context(Add, Rdi, DeltaOf(Rdi, write: false));
        if (code == CmpsCode) _e.Context(Add, Rsi, DeltaOf(Rsi, write: false));
        EmitStringInstruction(i.HasRepnePrefix ? 0xf2 : 0xf3, code, size);
        EmitGuestPointer(Rdi);
        if (code == CmpsCode) EmitGuestPointer(Rsi);
        _e.Context(Mov, U, TranslatorContext.TargetAt);
        _e.Address(Rcx, Rcx, U, 0, 0);
        int found = _e.Jump(i.HasRepnePrefix ? Equal : NotEqual);
        int all = EmitJrcxz();
        _stubs.Add(new Stub(StubKind.Interpret, _e.Jump()) { Count = n, Rip = _block[n].IP, InHost = true });
        _e.Bind(all);
        _e.Bind(found);
        _e.Bind(nothing);
        NoteFlags(n);
    }

    // U becomes how many elements from a pointer on lie in its slot's range, at most as many as one go may take.
    private void EmitRoom(int n, int pointer, int size)
    {
        EmitStartCheck(n, pointer, size, write: false, whole: false);
        _e.Context(Mov, U, TranslatorContext.SlotAt(SlotOf(pointer, write: false)) + TranslatorContext.LimitAt);
        _e.Registers(Sub, U, T);
        _e.Address(U, U, -1, 0, TranslatorContext.LargestAccess - 1);
        _e.Registers(0xc1, 5, U); // shr
        _e.Byte(CodeEmitter.Log2(size));
        _e.Constant(T, LargestRepeat);
        _e.Registers(Cmp, U, T);
        _e.Registers(CmovAbove, U, T);
    }

    // Back from a host address, leaving flags alone: less delta is plus its complement plus one.
    private void EmitGuestPointer(int pointer)
    {
        _e.Context(Mov, U, DeltaOf(pointer, write: false));
        _e.Registers(0xf7, 2, U); // not
        _e.Address(pointer, pointer, U, 0, 1);
    }

    private void EmitStringInstruction(int prefix, int code, int size)
    {
        _e.Byte(prefix);
        if (size == 2) _e.Byte(0x66);
        if (size == 8) _e.Byte(0x48);
        _e.Byte(size == 1 ? code : code | 1);
    }

    private static int SlotOf(int pointer, bool write) => TranslatorContext.StringSlot + pointer - Rsi + (write ? TranslatorContext.ReadSlots : 0);

    private static int DeltaOf(int pointer, bool write) => TranslatorContext.SlotAt(SlotOf(pointer, write)) + TranslatorContext.DeltaAt;
}
