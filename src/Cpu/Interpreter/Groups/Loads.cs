using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>The loads of mov, movzx and movsx.</summary>
internal static unsafe class Loads
{
    /// <summary>The handler that loads so many bytes into a register of so many.</summary>
    public static Handler For(int to, int from, bool signed, bool based) => (to, signed) switch
    {
        (8, true) => Signed<W64>(from, based),
        (4, true) => Signed<W32>(from, based),
        (2, true) => Signed<W16>(from, based),
        (2, false) => from == 1 ? based ? &Zero<W16, W8, Based> : &Zero<W16, W8, Indexed>
            : based ? &Zero<W16, W16, Based> : &Zero<W16, W16, Indexed>,
        (1, _) => based ? &Zero<W8, W8, Based> : &Zero<W8, W8, Indexed>,
        // A 32-bit destination is extended to 64 bits anyway.
        _ => from switch
        {
            1 => based ? &Zero<W64, W8, Based> : &Zero<W64, W8, Indexed>,
            2 => based ? &Zero<W64, W16, Based> : &Zero<W64, W16, Indexed>,
            4 => based ? &Zero<W64, W32, Based> : &Zero<W64, W32, Indexed>,
            _ => based ? &Zero<W64, W64, Based> : &Zero<W64, W64, Indexed>,
        },
    };

    private static Handler Signed<TTo>(int from, bool based) where TTo : struct, IWidth => from switch
    {
        1 => based ? &Sign<TTo, W8, Based> : &Sign<TTo, W8, Indexed>,
        2 => based ? &Sign<TTo, W16, Based> : &Sign<TTo, W16, Indexed>,
        _ => based ? &Sign<TTo, W32, Based> : &Sign<TTo, W32, Indexed>,
    };

    private static Op* Zero<TTo, TFrom, TAddressing>(CpuState* s, Op* op)
        where TTo : struct, IWidth where TFrom : struct, IWidth where TAddressing : struct, IAddressing
    {
        if (!Memory.TryRead(s, TAddressing.Of(s, op), TFrom.Bytes, out byte* host)) return ZeroSlow<TTo, TFrom>(s, op);
        TTo.Write(s, op->A, TFrom.Get(host));
        return Transfer.Next(s, op);
    }

    private static Op* ZeroSlow<TTo, TFrom>(CpuState* s, Op* op) where TTo : struct, IWidth where TFrom : struct, IWidth
    {
        if (!TFrom.Load(s, Memory.Address(s, op), out ulong value)) return Memory.Fault(s, op);
        TTo.Write(s, op->A, value);
        return op + 1;
    }

    private static Op* Sign<TTo, TFrom, TAddressing>(CpuState* s, Op* op)
        where TTo : struct, IWidth where TFrom : struct, IWidth where TAddressing : struct, IAddressing
    {
        if (!Memory.TryRead(s, TAddressing.Of(s, op), TFrom.Bytes, out byte* host)) return SignSlow<TTo, TFrom>(s, op);
        TTo.Write(s, op->A, TFrom.SignExtend(TFrom.Get(host)));
        return Transfer.Next(s, op);
    }

    private static Op* SignSlow<TTo, TFrom>(CpuState* s, Op* op) where TTo : struct, IWidth where TFrom : struct, IWidth
    {
        if (!TFrom.Load(s, Memory.Address(s, op), out ulong value)) return Memory.Fault(s, op);
        TTo.Write(s, op->A, TFrom.SignExtend(value));
        return op + 1;
    }
}
