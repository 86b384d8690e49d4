using Iced.Intel;
using Kennel.Cpu.Interpreter.Groups;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>Instructions that are not translated, but need no decoding either: dynamic linkers ask for much by cpuid, and save registers for each symbol that they look up late.</summary>
internal enum SimpleInstruction : byte
{
    None,
    CpuId,
    ReadTimeStamp,
    SaveFx,
    RestoreFx,
}

/// <summary>Runs <see cref="SimpleInstruction"/>s.</summary>
internal static unsafe class SimpleInstructions
{
    /// <summary>Which one an instruction is.</summary>
    public static SimpleInstruction Of(in Instruction i) => i.Code switch
    {
        Code.Cpuid => SimpleInstruction.CpuId,
        Code.Rdtsc => SimpleInstruction.ReadTimeStamp,
        Code.Fxsave_m512byte => SimpleInstruction.SaveFx,
        Code.Fxrstor_m512byte => SimpleInstruction.RestoreFx,
        _ => SimpleInstruction.None,
    };

    /// <summary>Whether it has an operand in memory.</summary>
    public static bool HasOperand(SimpleInstruction simple) => simple is SimpleInstruction.SaveFx or SimpleInstruction.RestoreFx;

    /// <summary>Runs the one that code was left for. Where it answers false, nothing has changed, and the interpreter will find out why.</summary>
    /// <param name="record">Tells which one.</param>
    /// <param name="processor">In guest mode.</param>
    /// <param name="s">The registers.</param>
    /// <param name="level">What the guest's processor has.</param>
    /// <param name="address">Of its operand, if it has one.</param>
    public static bool TryRun(ExitRecord* record, Processor processor, CpuState* s, CpuLevel level, ulong address)
    {
        var simple = (SimpleInstruction)record->Slot;
        if (simple == SimpleInstruction.CpuId) CpuId.Run(processor, s, level);
        else if (simple == SimpleInstruction.ReadTimeStamp) SystemGroup.ReadTimeStamp(processor, s);
        else if (!TryAccess(simple, processor, s, address)) return false;
        s->Rip += record->Own;
        s->Retired++;
        return true;
    }

    private static bool TryAccess(SimpleInstruction simple, Processor processor, CpuState* s, ulong address)
    {
        s->ProcessorHandle = processor.Handle;
        s->Tlb = processor.Cache!.Tlb;
        bool done = simple == SimpleInstruction.SaveFx ? SseState.TrySave(s, address, isWide: false) : SseState.TryRestore(s, address, isWide: false, out bool isValid) && isValid;
        s->ProcessorHandle = 0;
        return done;
    }
}
