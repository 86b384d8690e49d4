using Iced.Intel;

namespace Kennel.Cpu.Translator;

/// <summary>Which status flags an instruction looks at, and which it certainly replaces.</summary>
internal static class StatusFlags
{
    public const RflagsBits All =
        RflagsBits.CF | RflagsBits.PF | RflagsBits.AF | RflagsBits.ZF | RflagsBits.SF | RflagsBits.OF;

    /// <summary>What an instruction does to them: those it looks at, those that may have changed behind it, and those whose old value cannot be seen behind it.</summary>
    public readonly record struct Use(RflagsBits Read, RflagsBits Modified, RflagsBits Replaced);

    /// <inheritdoc cref="Use"/>
    public static Use Of(in Instruction i)
    {
        RflagsBits modified = i.RflagsModified & All;
        return new Use(i.Mnemonic == Mnemonic.Syscall ? All : i.RflagsRead & All, modified, modified == RflagsBits.None || MayLeaveThem(i) ? RflagsBits.None : modified);
    }

    // A count of zero leaves all flags as they were.
    private static bool MayLeaveThem(in Instruction i)
    {
        if (i.IsStringInstruction) return i.HasRepPrefix || i.HasRepnePrefix;
        if (i.Mnemonic is not (Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror or
            Mnemonic.Rcl or Mnemonic.Rcr or Mnemonic.Shld or Mnemonic.Shrd))
        {
            return false;
        }
        OpKind count = i.GetOpKind(i.OpCount - 1);
        return count != OpKind.Immediate8 || (i.Immediate8 & 0x1f) == 0;
    }
}
