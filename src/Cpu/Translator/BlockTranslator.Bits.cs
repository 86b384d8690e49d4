using System.Numerics;
using Iced.Intel;
using Kennel.Cpu.Interpreter;
using Kennel.Machine;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>bt and its like on strings of bits.</summary>
internal sealed unsafe partial class BlockTranslator
{
    // With the offset in a register, bt and its like reach far beyond their operand.
    private static bool IsBitString(in Instruction i) =>
        i.Mnemonic is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc && i.Op0Kind == OpKind.Memory && i.Op1Kind == OpKind.Register;

    // The element that holds the bit is found first; then the offset is one within that. Needs the flags for glue, but the carry, which
    // is the result, is all that is looked at as a rule.
    private bool EmitBitString(int n, in Instruction i)
    {
        if ((_live[n + 1] & ~_uses[n].Replaced) != RflagsBits.None) return false;
        if (i.MemoryBase.GetSize() == 4 || i.MemoryIndex.GetSize() == 4) return false; // what is added wraps as well
        int size = i.MemorySize.GetSize(), offset = Registers.SlotOf(i.Op1Register);
        BeginAccess(n);
        EmitAddress(i);
        int home = EmitHome(offset, U);
        if (size == 8) _e.Registers(Mov, U, home);
        else _e.Registers(size == 4 ? Movsxd : MovsxWord, U, home);
        _e.Registers(0xc1, 7, U); // sar
        _e.Byte(3);
        _e.Registers(0x83, 4, U); // and
        _e.Byte(-size);
        _e.Registers(Add, T, U);
        EmitCheck(n, size, i.Mnemonic != Mnemonic.Bt);
        home = EmitHome(offset, U);
        if (home != U) _e.Registers(Mov, U, home);
        _e.Registers(0x83, 4, U);
        _e.Byte((size * 8) - 1);
        var parts = InstructionRewriter.Parse(BytesOf(n), i.Length);
        if (i.HasRepPrefix || i.HasRepnePrefix) parts.DropRepeat();
        byte* bytes = stackalloc byte[RunDecoderLimit];
        _e.Bytes(bytes, parts.Write(bytes, U, InstructionRewriter.AtT, hasHighByte: false));
        NoteFlags(n);
        return true;
    }
}
