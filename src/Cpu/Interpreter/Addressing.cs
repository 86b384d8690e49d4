using System.Runtime.CompilerServices;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>How a handler computes the address of its memory operand, as a type parameter.</summary>
internal unsafe interface IAddressing
{
    static abstract ulong Of(CpuState* s, Op* op);
}

/// <summary>A register and a displacement.</summary>
internal unsafe struct Based : IAddressing
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(CpuState* s, Op* op) => ((ulong*)s)[op->Base] + (ulong)op->Disp;
}

/// <summary>Two registers, one scaled, and a displacement.</summary>
internal unsafe struct Indexed : IAddressing
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(CpuState* s, Op* op) => Memory.Address(s, op);
}
