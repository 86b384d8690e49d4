using Iced.Intel;
using Kennel.Cpu.Decoding;
using Kennel.Cpu.Hosted;
using Kennel.Cpu.Interpreter;
using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Instructions with a VEX prefix: copied like others. Gathers are the interpreter's, and what is near the end of a range.
/// </summary>
/// <remarks>
/// While the context says that no upper half of a YMM register is in use, those of the processor are zero, and nothing is loaded and
/// stored on the way in and out. So a block says so once before it writes one; VZEROUPPER takes it back. Whoever goes on in the middle of a
/// block says so as well, as the block may rely on having done it.
/// </remarks>
internal sealed unsafe partial class BlockTranslator
{
    private readonly CpuLevel _level;
    private readonly HostForm?[] _hostForms = new HostForm?[RunDecoder.FormCount];
    private bool _ymmNoted, _isMasked;

    private bool IsTakenVex(in Instruction i)
    {
        if (_level < CpuLevel.V3 || i.Encoding != EncodingKind.VEX) return false;
        return IsVexState(i.Mnemonic) || HostFormOf(i) is { CanRun: true } or { IsMasked: true };
    }

    private static bool IsVexState(Mnemonic mnemonic) =>
        mnemonic is Mnemonic.Vzeroupper or Mnemonic.Vzeroall or Mnemonic.Vldmxcsr or Mnemonic.Vstmxcsr;

    private HostForm HostFormOf(in Instruction i) => _hostForms[(int)i.Code] ??= HostForm.Learn(i);

    private bool EmitVex(int n, in Instruction i)
    {
        if (IsVexState(i.Mnemonic)) return EmitVexState(n, i);
        HostForm form = HostFormOf(i);
        var parts = VexRewriter.Parse(BytesOf(n), i.Length);
        if (parts.HasMemory && !EmitVexOperand(n, i, form, ref parts)) return false;
        PrepareFlags(n);
        NoteYmm(form.WritesUpper);
        EmitVexRewritten(parts, form);
        NoteFlags(n);
        return true;
    }

    private bool EmitVexState(int n, in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Vldmxcsr:
                return EmitLoadMxcsr(n, i);
            case Mnemonic.Vstmxcsr:
                EmitOperand(n, i, 4, write: true);
                _e.Memory(Mxcsr, 3, T, wide: false);
                return true;
            default:
                _e.Bytes(BytesOf(n), i.Length);
                EmitYmmInUse(0);
                _ymmNoted = false;
                return true;
        }
    }

    private bool EmitVexOperand(int n, in Instruction i, HostForm form, ref VexRewriter parts)
    {
        int size = i.MemorySize.GetSize();
        if (size is not (1 or 2 or 4 or 8 or 16 or 32)) return false;
        bool write = form.Writes(form.RmOperand);
        _isMasked = form.IsMasked;
        Fold fold = EmitCopyOperand(n, i, size, write, form.AlignmentMask, canFold: true);
        if (fold.Folds) parts.FoldInto(fold.Register, fold.Displacement);
        _isMasked = false;
        return true;
    }

    private void NoteYmm(bool writes)
    {
        if (!writes || _ymmNoted) return;
        EmitYmmInUse(1);
        _ymmNoted = true;
    }

    private void EmitYmmInUse(int value)
    {
        _e.Context(0xc7, 0, TranslatorContext.YmmInUseAt, wide: false); // mov
        _e.Int32(value);
    }

    // All that is read has been read before anything is written, so a result may go where an operand or the address was.
    private void EmitVexRewritten(in VexRewriter parts, HostForm form)
    {
        int reg = GeneralOf(form, form.RegOperand, parts.Reg), vvvv = GeneralOf(form, form.VvvvOperand, parts.Vvvv);
        int rm = parts.HasMemory ? -1 : GeneralOf(form, form.RmOperand, parts.Rm);
        bool writesVvvv = form.Writes(form.VvvvOperand), writesRm = form.Writes(form.RmOperand);
        int hostReg = Place(reg, U), hostVvvv = reg >= 0 && vvvv == reg ? hostReg : Place(vvvv, writesVvvv ? T : U), hostRm = Place(rm, T);
        if (vvvv >= 0 && !writesVvvv) EmitHome(vvvv, U);
        if (rm >= 0 && !writesRm) EmitHome(rm, T);
        bool changesT = _e.HasChangedT || hostVvvv == T || hostRm == T, changesU = _e.HasChangedU || hostReg == U || hostVvvv == U;
        byte* bytes = stackalloc byte[RunDecoderLimit];
        _e.Bytes(bytes, parts.Write(bytes, hostReg, hostVvvv, parts.HasMemory ? InstructionRewriter.AtT : hostRm));
        (_e.HasChangedT, _e.HasChangedU) = (changesT, changesU);
        if (vvvv >= 0 && writesVvvv && vvvv != reg) EmitBack(vvvv, hostVvvv);
        if (reg >= 0 && form.Writes(form.RegOperand)) EmitBack(reg, hostReg);
        if (rm >= 0 && writesRm) EmitBack(rm, hostRm);
    }

    // The guest's general register in a field; -1 if it is none.
    private static int GeneralOf(HostForm form, int operand, int register) => operand >= 0 && form.IsGeneral(operand) ? register : -1;
}
