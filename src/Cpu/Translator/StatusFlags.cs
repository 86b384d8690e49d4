using Iced.Intel;

namespace Kennel.Cpu.Translator;

/// <summary>Which status flags an instruction looks at, and which it certainly replaces.</summary>
internal static class StatusFlags
{
    public const RflagsBits All =
        RflagsBits.CF | RflagsBits.PF | RflagsBits.AF | RflagsBits.ZF | RflagsBits.SF | RflagsBits.OF;

    public static RflagsBits Read(in Instruction i) => i.Mnemonic == Mnemonic.Syscall ? All : i.RflagsRead & All;

    /// <summary>Those that may have changed behind it.</summary>
    public static RflagsBits Modified(in Instruction i) => i.RflagsModified & All;

    /// <summary>Those whose old value cannot be seen behind it.</summary>
    public static RflagsBits Replaced(in Instruction i) => MayLeaveThem(i) ? RflagsBits.None : i.RflagsModified & All;

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
