using Iced.Intel;

namespace Kennel.Cpu.Decoding;

/// <summary>
/// Finds the instructions of a run whose status flags are overwritten before anything can see them: by an instruction that
/// reads them, by a fault, or by leaving the run.
/// </summary>
internal static class FlagLiveness
{
    private const RflagsBits Status =
        RflagsBits.CF | RflagsBits.PF | RflagsBits.AF | RflagsBits.ZF | RflagsBits.SF | RflagsBits.OF;

    public static void Find(Instruction[] run, int count, bool[] dead)
    {
        RflagsBits live = Status;
        for (int n = count - 1; n >= 0; n--)
        {
            ref Instruction i = ref run[n];
            RflagsBits written = i.RflagsModified & Status;
            dead[n] = written != 0 && (written & live) == 0;
            if (CanLeave(i))
            {
                live = Status;
                continue;
            }
            if (!WritesConditionally(i)) live &= ~written;
            live |= i.RflagsRead & Status;
        }
    }

    private static bool CanLeave(in Instruction i)
    {
        if (i.IsInvalid || i.FlowControl != FlowControl.Next || i.IsStackInstruction || i.IsStringInstruction) return true;
        if (i.Mnemonic is Mnemonic.Lea or Mnemonic.Nop) return false;
        for (int n = 0; n < i.OpCount; n++)
        {
            if (i.GetOpKind(n) == OpKind.Memory) return true;
        }
        return !IsHarmless(i.Mnemonic);
    }

    // Register forms of these neither fault nor look at flags behind our back.
    private static bool IsHarmless(Mnemonic mnemonic) => mnemonic is
        Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd or
        Mnemonic.Add or Mnemonic.Sub or Mnemonic.Adc or Mnemonic.Sbb or Mnemonic.And or Mnemonic.Or or Mnemonic.Xor or
        Mnemonic.Cmp or Mnemonic.Test or Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Neg or Mnemonic.Not or
        Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror or
        Mnemonic.Imul or Mnemonic.Mul or Mnemonic.Bswap or Mnemonic.Popcnt or Mnemonic.Bt or Mnemonic.Xchg or
        Mnemonic.Cdq or Mnemonic.Cqo or Mnemonic.Cdqe or Mnemonic.Cwde or Mnemonic.Endbr64 or
        Mnemonic.Cmova or Mnemonic.Cmovae or Mnemonic.Cmovb or Mnemonic.Cmovbe or Mnemonic.Cmove or Mnemonic.Cmovg or
        Mnemonic.Cmovge or Mnemonic.Cmovl or Mnemonic.Cmovle or Mnemonic.Cmovne or Mnemonic.Cmovno or Mnemonic.Cmovnp or
        Mnemonic.Cmovns or Mnemonic.Cmovo or Mnemonic.Cmovp or Mnemonic.Cmovs or
        Mnemonic.Seta or Mnemonic.Setae or Mnemonic.Setb or Mnemonic.Setbe or Mnemonic.Sete or Mnemonic.Setg or
        Mnemonic.Setge or Mnemonic.Setl or Mnemonic.Setle or Mnemonic.Setne or Mnemonic.Setno or Mnemonic.Setnp or
        Mnemonic.Setns or Mnemonic.Seto or Mnemonic.Setp or Mnemonic.Sets;

    // A shift by a count of zero leaves the flags alone.
    private static bool WritesConditionally(in Instruction i) => i.Mnemonic is
        Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror &&
        (i.Op1Kind == OpKind.Register || (i.Immediate8 & 31) == 0 || (i.Immediate8 & 63) == 0);
}
