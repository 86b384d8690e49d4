using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>The stores of mov.</summary>
internal static unsafe class Stores
{
    /// <summary>The handler that stores register A.</summary>
    public static Handler Register(int size, bool based) => size switch
    {
        8 => based ? &Register<W64, Based> : &Register<W64, Indexed>,
        4 => based ? &Register<W32, Based> : &Register<W32, Indexed>,
        2 => based ? &Register<W16, Based> : &Register<W16, Indexed>,
        _ => based ? &Register<W8, Based> : &Register<W8, Indexed>,
    };

    /// <summary>The handler that stores the immediate.</summary>
    public static Handler Constant(int size, bool based) => size switch
    {
        8 => based ? &Constant<W64, Based> : &Constant<W64, Indexed>,
        4 => based ? &Constant<W32, Based> : &Constant<W32, Indexed>,
        2 => based ? &Constant<W16, Based> : &Constant<W16, Indexed>,
        _ => based ? &Constant<W8, Based> : &Constant<W8, Indexed>,
    };

    private static Op* Register<W, TAddressing>(CpuState* s, Op* op) where W : struct, IWidth where TAddressing : struct, IAddressing
    {
        if (!Memory.TryWrite(s, TAddressing.Of(s, op), W.Bytes, out byte* host)) return RegisterSlow<W>(s, op);
        W.Put(host, W.Read(s, op->A));
        return Transfer.Next(s, op);
    }

    private static Op* RegisterSlow<W>(CpuState* s, Op* op) where W : struct, IWidth =>
        W.Store(s, Memory.Address(s, op), W.Read(s, op->A)) ? op + 1 : Memory.Fault(s, op);

    private static Op* Constant<W, TAddressing>(CpuState* s, Op* op) where W : struct, IWidth where TAddressing : struct, IAddressing
    {
        if (!Memory.TryWrite(s, TAddressing.Of(s, op), W.Bytes, out byte* host)) return ConstantSlow<W>(s, op);
        W.Put(host, op->Imm);
        return Transfer.Next(s, op);
    }

    private static Op* ConstantSlow<W>(CpuState* s, Op* op) where W : struct, IWidth =>
        W.Store(s, Memory.Address(s, op), op->Imm) ? op + 1 : Memory.Fault(s, op);
}
