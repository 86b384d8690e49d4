using System.Runtime.CompilerServices;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Status flags as vector instructions set them: all six at once, never lazily.</summary>
internal static unsafe class SseFlags
{
    public const uint Carry = 1, Parity = 4, Auxiliary = 0x10, Zero = 0x40, Sign = 0x80, Overflow = 0x800;

    private const uint All = Carry | Parity | Auxiliary | Zero | Sign | Overflow;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(CpuState* s, uint flags)
    {
        s->FlagKind = 0;
        s->Eflags = (s->Eflags & ~All) | flags;
    }
}
