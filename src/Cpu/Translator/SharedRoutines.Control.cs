using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Where jumps, calls and returns go that are not linked.
/// </summary>
/// <remarks>
/// A guest's call makes a call on the host's stack as well, so that the processor predicts the return: below the host's return address lies
/// the guest's, which the guest's return compares with what it finds on the guest's stack. They are on a stack of their own, where nobody
/// else writes: the guest decides only whether a return address is used. They stay there when the code is left, for as long as they fit (<see cref="ProcessorContext.Prepare"/>).
/// </remarks>
internal sealed unsafe partial class SharedRoutines
{
    /// <summary>Bytes of one call on the host's stack: its return address, and the guest's above.</summary>
    private const int CallLength = 16;

    // Calls not returned from, up to which it is worth it to tell the processor.
    private const int MostForgotten = 2;

    /// <summary>Where a return leads that fits the call that nobody made, below all others: one to address 0.</summary>
    public int Base { get; private set; }

    /// <summary>To be jumped to, with the tag in U and the exit record's address in T: an address that the jump table does not know in its first place.</summary>
    public int Unknown { get; private set; }

    /// <summary>To be jumped to, with the address in T, known or not, and the exit record's in U.</summary>
    public int Indirect { get; private set; }

    /// <summary>To be jumped to, with the address in T and the exit record's in U: a return that does not fit the last call.</summary>
    public int Return { get; private set; }

    /// <summary>Looks T up in the jump table and goes there; falls through the conditional jump that it answers if it is not known. U is its tag then.</summary>
    public static int EmitLookup(CodeEmitter e)
    {
        int miss = EmitSearch(e);
        EmitThroughTable(e, 4); // jmp
        return miss;
    }

    /// <summary>Only looks: <see cref="EmitThroughTable"/> may follow.</summary>
    public static int EmitSearch(CodeEmitter e)
    {
        e.Registers(Mov, U, T);
        e.Context(Xor, U, TranslatorContext.KeyAt);
        return EmitCompareTag(e, U);
    }

    // T becomes a register's low JumpIndexBits; answers the jump that is taken if that slot has not the tag in U.
    private static int EmitCompareTag(CodeEmitter e, int index)
    {
        e.Registers(0x0fb7, T, index, wide: false); // movzx
        e.Byte(0x65); // cmp U, gs:[T * 8 + tags]
        e.Byte(0x4e);
        e.Byte(Cmp);
        e.Byte(0x14);
        e.Byte(0xdd);
        e.Int32(TranslatorContext.JumpTagsAt);
        return e.Jump(NotEqual);
    }

    /// <summary>A jump (4) or call (2) to the code that was found.</summary>
    public static void EmitThroughTable(CodeEmitter e, int operation)
    {
        e.Byte(0x65); // jmp gs:[T * 8 + codes]
        e.Byte(0x42);
        e.Byte(0xff);
        e.Byte(0x04 | (operation << 3));
        e.Byte(0xdd);
        e.Int32(TranslatorContext.JumpCodesAt);
    }

    private void EmitControl(CodeEmitter e, int leave)
    {
        e.Align(16);
        Unknown = e.Position;
        e.Context(Store, T, TranslatorContext.SiteAt);
        int unknown = e.Position;
        e.Registers(Mov, T, U);
        e.Registers(0xc1, 5, T); // shr
        e.Byte(TranslatorContext.JumpSecondShift);
        e.Registers(Xor, T, U);
        int absent = EmitCompareTag(e, T);
        EmitThroughTable(e, 4);
        e.Bind(absent);
        e.Registers(Mov, T, U);
        e.Context(Xor, T, TranslatorContext.KeyAt);
        int leaves = e.Position;
        e.Context(Store, T, TranslatorContext.TargetAt);
        e.JumpTo(leave);
        Indirect = e.Position;
        e.Context(Store, U, TranslatorContext.SiteAt);
        e.JumpTo(leaves);
        e.Align(16);
        Return = e.Position;
        e.Context(Store, U, TranslatorContext.SiteAt);
        int lookup = EmitUnwind(e);
        e.Link(EmitLookup(e), unknown);
        EmitReturnFromBase(e, lookup);
    }

    // Gives up calls that the guest has not returned from, to one that fits (a longjmp, an exception) or to the end. Answers where T is
    // looked up.
    private static int EmitUnwind(CodeEmitter e)
    {
        e.Context(Mov, U, TranslatorContext.StackBaseAt);
        int next = e.Position;
        e.Registers(Cmp, Rsp, U);
        int none = e.Jump(AboveOrEqual);
        e.Memory(Lea, Rsp, Rsp, CallLength);
        e.Memory(Cmp, T, Rsp, 8);
        e.JumpTo(NotEqual, next);
        e.Byte(0xc3);
        e.Bind(none);
        return e.Position;
    }

    // The guest has not returned from some calls that it has made since it came in, whose returns the processor predicts next. It is told of a few, one misprediction each,
    // or all returns from here on would be mispredicted. Uses T and U.
    private static void EmitForgetCalls(CodeEmitter e)
    {
        const int pushAndReturn = 3;
        e.Context(Mov, T, TranslatorContext.CallsAt);
        e.Registers(Sub, T, Rsp);
        e.Registers(0x81, 7, T); // cmp
        e.Int32(MostForgotten * CallLength);
        int tooMany = e.Jump(Above);
        int next = e.Position;
        e.Registers(0x83, 5, T); // sub
        e.Byte(CallLength);
        int none = e.Jump(Negative);
        EmitPlace(e, U, e.Position + PlaceLength + pushAndReturn);
        e.Push(U);
        e.Byte(0xc3);
        e.JumpTo(next);
        e.Bind(tooMany);
        e.Bind(none);
    }

    // A jump that the processor takes for the return from a call that is not returned from. Uses U.
    private static void EmitReturnTo(CodeEmitter e, int place)
    {
        EmitPlace(e, U, place);
        e.Push(U);
        e.Byte(0xc3);
    }

    private void EmitReturnFromBase(CodeEmitter e, int lookup)
    {
        e.Align(16);
        int record = e.Position;
        EmitRecord(e, new ExitRecord { Kind = ExitKind.Indirect });
        Base = e.Position;
        e.Context(Mov, Rsp, TranslatorContext.StackBaseAt);
        EmitPlace(e, U, record);
        e.Context(Store, U, TranslatorContext.SiteAt);
        e.JumpTo(lookup);
    }

    private const int PlaceLength = 7;

    // lea register, [rip + ...]: the host address of a place.
    private static void EmitPlace(CodeEmitter e, int register, int place)
    {
        e.Byte(register >= 8 ? 0x4c : 0x48);
        e.Byte(Lea);
        e.Byte(0x05 | ((register & 7) << 3));
        e.Int32(place - e.Position - 4);
    }
}
