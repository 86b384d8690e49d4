using Iced.Intel;
using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>x87 and MMX instructions: copied like others, once the guest's registers are in the processor.</summary>
internal sealed unsafe partial class BlockTranslator
{
    private bool _x87Loaded;

    /// <summary>Which guest instructions the x87 instructions in code memory are.</summary>
    public X87Sites X87Sites { get; } = new();

    // Once per block: makes sure that the x87 registers are the guest's. They stay until generated code is left, and are there again when
    // it is gone on with in the middle of a block.
    private void EmitX87Check(int n)
    {
        if (_x87Loaded) return;
        BeginAccess(n); // the comparison spoils the processor's flags
        _e.Context(0x83, 7, TranslatorContext.X87LoadedAt, wide: false); // cmp dword ptr gs:[loaded], 0
        _e.Byte(0);
        _stubs.Add(new Stub(StubKind.X87, _e.Jump(Equal)) { Count = n, Restart = _restart, IsWithinGroup = IsWithinGroup(n), Exchange = _exchange, Rip = _block[n].IP });
        _x87Loaded = true;
    }

    private void EmitX87Miss(in Stub stub)
    {
        _e.ExitTo(_shared.Exit, U);
        SharedRoutines.EmitRecord(_e, new ExitRecord
        {
            Kind = ExitKind.X87,
            Extent = (byte)(stub.IsWithinGroup ? 1 : 0),
            Count = stub.Count,
            Place = stub.Restart,
            Page = _page.Id,
            Exchange = (ushort)stub.Exchange,
            Rip = stub.Rip,
        });
    }

    // Behind the instruction, which has changed no general register: what the processor would note of it. Control instructions leave
    // no trace but for FNINIT, which clears what was noted.
    private void NoteX87(in Instruction i, in InstructionRewriter parts)
    {
        bool clears = i.Mnemonic == Mnemonic.Fninit;
        if (parts.X87Opcode < 0 || (IsX87Control(i.Mnemonic) && !clears)) return;
        int site = X87Sites.Add(clears ? default : new X87Site((ushort)parts.X87Opcode, i.IP));
        _e.Context(0xc7, 0, TranslatorContext.LastX87At, wide: false); // mov dword ptr gs:[last], site
        _e.Int32(site);
        if (clears)
        {
            _e.Context(0xc7, 0, TranslatorContext.LastX87DataAt);
            _e.Int32(0);
        }
        else if (parts.HasMemory)
        {
            EmitEffectiveAddress(i, U, wide: true, (long)i.MemoryDisplacement64);
            _e.Context(Store, U, TranslatorContext.LastX87DataAt);
        }
    }

    private static bool IsX87Control(Mnemonic mnemonic) => mnemonic is
        Mnemonic.Fldcw or Mnemonic.Fnstcw or Mnemonic.Fnstsw or Mnemonic.Fnclex or Mnemonic.Fneni or Mnemonic.Fndisi or Mnemonic.Fnsetpm;

    // The C library does this in printf; the state that is not loaded is as good.
    private bool EmitStoreControl(int n, in Instruction i)
    {
        EmitOperand(n, i, 2, write: true);
        BeginAccess(n); // a group's address needs none
        _e.Context(0x83, 7, TranslatorContext.X87LoadedAt, wide: false);
        _e.Byte(0);
        int loaded = _e.Jump(NotEqual);
        _e.Context(Mov, U, TranslatorContext.StateAt);
        _e.Memory(0x0fb7, U, U, _shared.ControlAt, wide: false); // movzx
        _e.Byte(0x66);
        _e.Memory(Store, U, T, 0, wide: false);
        int done = _e.Jump();
        _e.Bind(loaded);
        _e.Memory(0xd9, 7, T, 0, wide: false); // fnstcw
        _e.Bind(done);
        return true;
    }

    // Nothing waits to be raised.
    private bool EmitWait(int n)
    {
        EmitX87Check(n);
        return true;
    }

    // With an exception unmasked, the interpreter goes on. What is looked at is a copy: the operand may change meanwhile.
    private bool EmitLoadControl(int n, in Instruction i)
    {
        EmitX87Check(n);
        BeginAccess(n);
        EmitOperand(n, i, 2, write: false);
        _e.Memory(0x0fb7, U, T, wide: false); // movzx
        _e.Context(Store, U, TranslatorContext.ControlAt, wide: false);
        _e.Registers(0xf7, 2, U, wide: false); // not
        EmitTestLow(0x3f);
        EmitInterpretIf(NotEqual, n);
        _e.Context(0xd9, 5, TranslatorContext.ControlAt, wide: false); // fldcw
        return true;
    }

    // The same for MXCSR, some of whose bits do not exist.
    private bool EmitLoadMxcsr(int n, in Instruction i)
    {
        const int Masks = 0x1f80;
        BeginAccess(n);
        EmitOperand(n, i, 4, write: false);
        _e.Memory(Mov, U, T, 0, wide: false);
        _e.Context(Store, U, TranslatorContext.ControlAt, wide: false);
        _e.Registers(0x81, 6, U, wide: false); // xor U, masks
        _e.Int32(Masks);
        _e.Registers(0xf7, 0, U, wide: false); // test U, masks and what does not exist
        _e.Int32(unchecked((int)0xffff_0000) | Masks);
        EmitInterpretIf(NotEqual, n);
        _e.Context(Mxcsr, 2, TranslatorContext.ControlAt, wide: false);
        return true;
    }

    private void EmitTestLow(int mask)
    {
        _e.Byte(0x41); // test r10b, mask
        _e.Byte(0xf6);
        _e.Byte(0xc2);
        _e.Byte(mask);
    }
}
