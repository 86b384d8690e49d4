using Iced.Intel;

namespace Kennel.Cpu.Decoding;

/// <summary>
/// Finds the instructions of a run whose status flags are overwritten before anything can see them: by an instruction that
/// reads them, by a fault, or by leaving the run.
/// </summary>
/// <remarks>Guarded by the code cache's gate: it remembers what it learned about each form.</remarks>
internal sealed class FlagLiveness
{
    private const RflagsBits Status =
        RflagsBits.CF | RflagsBits.PF | RflagsBits.AF | RflagsBits.ZF | RflagsBits.SF | RflagsBits.OF;

    private readonly Traits[] _traits = new Traits[RunDecoder.FormCount];

    [Flags]
    private enum Kind : byte
    {
        Known = 1,

        /// <summary>May fault or leave the run, whatever its operands.</summary>
        Leaves = 2,

        /// <summary>Never does.</summary>
        Stays = 4,

        /// <summary>A shift: by zero, it leaves the flags alone, so its flags depend on its operands.</summary>
        Shifts = 8,
    }

    public void Find(Instruction[] run, int count, bool[] dead)
    {
        RflagsBits live = Status;
        for (int n = count - 1; n >= 0; n--)
        {
            ref Instruction i = ref run[n];
            ref Traits traits = ref _traits[(int)i.Code];
            if (traits.Kind == 0) traits = Learn(i);
            bool shifts = (traits.Kind & Kind.Shifts) != 0;
            RflagsBits written = shifts ? i.RflagsModified & Status : (RflagsBits)traits.Written;
            dead[n] = written != 0 && (written & live) == 0;
            bool leaves = (traits.Kind & Kind.Leaves) != 0 ||
                ((traits.Kind & Kind.Stays) == 0 && (i.Op0Kind == OpKind.Memory || i.Op1Kind == OpKind.Memory));
            if (leaves)
            {
                live = Status;
                continue;
            }
            if (!shifts || !MayBeByZero(i)) live &= ~written;
            live |= (RflagsBits)traits.Read;
        }
    }

    private static Traits Learn(in Instruction i)
    {
        Kind kind = Kind.Known;
        if (i.IsInvalid || i.FlowControl != FlowControl.Next || i.IsStackInstruction || i.IsStringInstruction) kind |= Kind.Leaves;
        else if (i.Mnemonic is Mnemonic.Lea or Mnemonic.Nop) kind |= Kind.Stays;
        else if (!IsHarmless(i.Mnemonic) || i.OpCount > 3) kind |= Kind.Leaves;
        if (i.Mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror) kind |= Kind.Shifts;
        return new Traits(kind, (byte)(i.RflagsModified & Status), (byte)(i.RflagsRead & Status));
    }

    // Register forms of these neither fault nor look at flags behind our back; a memory operand is one of the first two.
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

    private static bool MayBeByZero(in Instruction i) =>
        i.Op1Kind == OpKind.Register || (i.Immediate8 & 31) == 0 || (i.Immediate8 & 63) == 0;

    private readonly record struct Traits(Kind Kind, byte Written, byte Read);
}
