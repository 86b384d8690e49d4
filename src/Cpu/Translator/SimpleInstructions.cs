using Iced.Intel;
using Kennel.Cpu.Interpreter.Groups;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>Instructions without operands that are not translated, but need no decoding either: dynamic linkers ask for much by cpuid.</summary>
internal enum SimpleInstruction : byte
{
    None,
    CpuId,
    ReadTimeStamp,
}

/// <summary>Runs <see cref="SimpleInstruction"/>s.</summary>
internal static unsafe class SimpleInstructions
{
    private const ulong Length = 2; // of each of them

    /// <summary>Which one an instruction is.</summary>
    public static SimpleInstruction Of(in Instruction i) =>
        i.Length != (int)Length ? SimpleInstruction.None // there may be prefixes that mean nothing
        : i.Mnemonic == Mnemonic.Cpuid ? SimpleInstruction.CpuId
        : i.Mnemonic == Mnemonic.Rdtsc ? SimpleInstruction.ReadTimeStamp
        : SimpleInstruction.None;

    /// <summary>Runs one, at the state's Rip.</summary>
    public static void Run(SimpleInstruction simple, Processor processor, CpuState* s, CpuLevel level)
    {
        if (simple == SimpleInstruction.CpuId) CpuId.Run(processor, s, level);
        else SystemGroup.ReadTimeStamp(processor, s);
        s->Rip += Length;
    }
}
