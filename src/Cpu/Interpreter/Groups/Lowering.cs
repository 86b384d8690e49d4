using Iced.Intel;
using Kennel.Cpu.Decoding;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// Asks the groups, one after the other, whose instruction this is, and remembers for each form who it was.
/// </summary>
/// <remarks>Guarded by the code cache's gate.</remarks>
internal sealed class Lowering
{
    private const byte Groups = 17;

    // By Code: the group's number, 0 while it is not known.
    private readonly byte[] _group = new byte[RunDecoder.FormCount];

    public bool Lower(in Instruction i, ref OpBuilder b)
    {
        ref byte known = ref _group[(int)i.Code];
        if (known != 0 && Ask(known, i, ref b)) return true;
        for (byte group = 1; group <= Groups; group++)
        {
            if (!Ask(group, i, ref b)) continue;
            known = group;
            return true;
        }
        return false;
    }

    private static bool Ask(byte group, in Instruction i, ref OpBuilder b) => group switch
    {
        1 => Moves.Lower(i, ref b),
        2 => Alu.Lower(i, ref b),
        3 => Branches.Lower(i, ref b),
        4 => Stack.Lower(i, ref b),
        5 => Unary.Lower(i, ref b),
        6 => Shifts.Lower(i, ref b),
        7 => SseGroups.Lower(i, ref b),
        8 => Multiply.Lower(i, ref b),
        9 => Bits.Lower(i, ref b),
        10 => Exchange.Lower(i, ref b),
        11 => Strings.Lower(i, ref b),
        12 => X87Groups.Lower(i, ref b),
        13 => FlagInstructions.Lower(i, ref b),
        14 => Segments.Lower(i, ref b),
        15 => SystemGroup.Lower(i, ref b),
        16 => HostGroup.Lower(i, ref b),
        _ => AvxState.Lower(i, ref b),
    };
}
