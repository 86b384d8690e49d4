namespace Kennel.Views.Programs;

/// <summary>Where a caller's registers are, for one instruction: what the call frame instructions up to it say (DWARF 4, 6.4.2).</summary>
internal sealed class FrameRules
{
    /// <summary>DWARF's numbers: rbp, rsp and the return address; registers 0 to 16 are followed.</summary>
    public const int Rbp = 6, Rsp = 7, Return = 16, Count = 17;

    private const int MostRemembered = 64; // compilers need one or two

    private readonly Stack<(Rule Frame, Rule[] Registers)> _remembered = new();
    private Rule[] _initial = new Rule[Count];

    public ulong CodeAlignment { get; init; }

    public long DataAlignment { get; init; }

    /// <summary>Whether it is the frame of a signal handler's return: its address is that of an instruction, not behind a call.</summary>
    public bool IsSignalFrame { get; set; }

    /// <summary>The canonical frame address.</summary>
    public Rule Frame { get; private set; }

    /// <summary>By DWARF's register numbers.</summary>
    public Rule[] Registers { get; private set; } = new Rule[Count];

    /// <summary>What a restore goes back to.</summary>
    public void KeepInitial() => _initial = (Rule[])Registers.Clone();

    /// <summary>Runs instructions until they are about code behind the place (an offset from the function's start).</summary>
    public void Run(ref DwarfReader r, ulong place)
    {
        ulong at = 0;
        while (!r.IsAtEnd)
        {
            byte b = r.Byte();
            int low = b & 0x3f;
            switch (b >> 6)
            {
                case 1:
                    at += (ulong)low * CodeAlignment;
                    break;
                case 2:
                    Set(low, new Rule(RuleKind.Saved, 0, (long)r.Unsigned() * DataAlignment));
                    break;
                case 3:
                    Restore(low);
                    break;
                default:
                    at += RunExtended(low, ref r);
                    break;
            }
            if (at > place) return;
        }
    }

    // Answers by how much the place moves.
    private ulong RunExtended(int instruction, ref DwarfReader r)
    {
        switch (instruction)
        {
            case 1: return r.Fixed(8); // set_loc: not written by any compiler here
            case 2: return r.Fixed(1) * CodeAlignment;
            case 3: return r.Fixed(2) * CodeAlignment;
            case 4: return r.Fixed(4) * CodeAlignment;
            case 5: Set((int)r.Unsigned(), new Rule(RuleKind.Saved, 0, (long)r.Unsigned() * DataAlignment)); break;
            case 6: Restore((int)r.Unsigned()); break;
            case 7: Set((int)r.Unsigned(), new Rule(RuleKind.Undefined, 0, 0)); break;
            case 8: Set((int)r.Unsigned(), default); break;
            case 9: Set((int)r.Unsigned(), new Rule(RuleKind.InRegister, (int)r.Unsigned(), 0)); break;
            case 0xa when _remembered.Count < MostRemembered: _remembered.Push((Frame, (Rule[])Registers.Clone())); break;
            case 0xb: if (_remembered.TryPop(out var before)) (Frame, Registers) = before; break;
            case 0xc: Frame = new Rule(RuleKind.InRegister, (int)r.Unsigned(), (long)r.Unsigned()); break;
            case 0xd: Frame = Frame with { Register = (int)r.Unsigned() }; break;
            case 0xe: Frame = Frame with { Offset = (long)r.Unsigned() }; break;
            case 0xf: Frame = new Rule(RuleKind.Expression, 0, 0, r.Block()); break;
            case 0x10: Set((int)r.Unsigned(), new Rule(RuleKind.SavedAtExpression, 0, 0, r.Block())); break;
            case 0x11: Set((int)r.Unsigned(), new Rule(RuleKind.Saved, 0, r.Signed() * DataAlignment)); break;
            case 0x12: Frame = new Rule(RuleKind.InRegister, (int)r.Unsigned(), r.Signed() * DataAlignment); break;
            case 0x13: Frame = Frame with { Offset = r.Signed() * DataAlignment }; break;
            case 0x14: Set((int)r.Unsigned(), new Rule(RuleKind.IsFrame, 0, (long)r.Unsigned() * DataAlignment)); break;
            case 0x15: Set((int)r.Unsigned(), new Rule(RuleKind.IsFrame, 0, r.Signed() * DataAlignment)); break;
            case 0x16: Set((int)r.Unsigned(), new Rule(RuleKind.Expression, 0, 0, r.Block())); break;
            case 0x2e: r.Unsigned(); break; // GNU_args_size
        }
        return 0;
    }

    private void Set(int register, Rule rule)
    {
        if ((uint)register < Count) Registers[register] = rule;
    }

    private void Restore(int register)
    {
        if ((uint)register < Count) Registers[register] = _initial[register];
    }
}

/// <summary>Where a value is.</summary>
/// <param name="Kind">How to find it.</param>
/// <param name="Register">The register that it is in.</param>
/// <param name="Offset">From the frame address, or from the register's value.</param>
/// <param name="Expression">A DWARF expression.</param>
internal readonly record struct Rule(RuleKind Kind, int Register, long Offset, byte[]? Expression = null);

/// <summary>How to find a value.</summary>
internal enum RuleKind
{
    /// <summary>As it is: a function that does not use the register has not saved it.</summary>
    Same,

    /// <summary>Nobody knows; for the return address: there is no caller.</summary>
    Undefined,

    /// <summary>In memory at the frame address and an offset.</summary>
    Saved,

    /// <summary>It is the frame address and an offset.</summary>
    IsFrame,

    /// <summary>In another register, and an offset.</summary>
    InRegister,

    /// <summary>In memory where an expression says.</summary>
    SavedAtExpression,

    /// <summary>What an expression gives.</summary>
    Expression,
}
