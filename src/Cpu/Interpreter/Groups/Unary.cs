using System.Runtime.CompilerServices;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>inc, dec, neg and not.</summary>
internal static unsafe class Unary
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Inc => Lower<Increment>(i, ref b),
        Mnemonic.Dec => Lower<Decrement>(i, ref b),
        Mnemonic.Neg => Lower<Negate>(i, ref b),
        Mnemonic.Not => Lower<Complement>(i, ref b),
        _ => false,
    };

    private static bool Lower<TOp>(in Instruction i, ref OpBuilder b) where TOp : struct, IUnary => IntegerOperands.Size(i, 0) switch
    {
        1 => Lower<TOp, W8>(i, ref b),
        2 => Lower<TOp, W16>(i, ref b),
        4 => Lower<TOp, W32>(i, ref b),
        _ => Lower<TOp, W64>(i, ref b),
    };

    private static bool Lower<TOp, W>(in Instruction i, ref OpBuilder b) where TOp : struct, IUnary where W : struct, IWidth
    {
        if (IntegerOperands.IsRegister(i, 0))
            b.Add(i, b.FlagsDead ? &OnRegister<TOp, W, Off> : &OnRegister<TOp, W, On>).A = IntegerOperands.Register(i, 0);
        else
            b.AddMemory(i, i.HasLockPrefix ? &Locked<TOp, W> : &OnMemory<TOp, W>);
        return true;
    }

    private static Op* OnRegister<TOp, W, TFlags>(CpuState* s, Op* op)
        where TOp : struct, IUnary where W : struct, IWidth where TFlags : struct, ISwitch
    {
        ulong a = W.Read(s, op->A), result = TOp.Apply(a);
        W.Write(s, op->A, result);
        if (TFlags.IsOn) TOp.SetFlags<W>(s, a, result);
        return Transfer.Next(s, op);
    }

    private static Op* OnMemory<TOp, W>(CpuState* s, Op* op) where TOp : struct, IUnary where W : struct, IWidth
    {
        ulong address = Memory.Address(s, op);
        if (!Memory.LoadToModify<W>(s, address, out ulong a)) return Memory.Fault(s, op);
        ulong result = TOp.Apply(a);
        W.Store(s, address, result);
        TOp.SetFlags<W>(s, a, result);
        return Transfer.Next(s, op);
    }

    private static Op* Locked<TOp, W>(CpuState* s, Op* op) where TOp : struct, IUnary where W : struct, IWidth
    {
        using var cell = new LockedCell<W>(s, Memory.Address(s, op));
        if (cell.IsFaulty) return Memory.Fault(s, op);
        while (true)
        {
            ulong a = cell.Read(), result = TOp.Apply(a);
            if (!cell.TryReplace(a, result)) continue;
            TOp.SetFlags<W>(s, a, result);
            return op + 1; // not from inside the lock
        }
    }

    private interface IUnary
    {
        static abstract ulong Apply(ulong a);

        static abstract void SetFlags<W>(CpuState* s, ulong a, ulong result) where W : struct, IWidth;
    }

    private struct Increment : IUnary
    {
        public static ulong Apply(ulong a) => a + 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void SetFlags<W>(CpuState* s, ulong a, ulong result) where W : struct, IWidth =>
            LazyFlags.Set<W>(s, FlagKind.Inc, a, Flags.IsCarry(s) ? 1u : 0, result);
    }

    private struct Decrement : IUnary
    {
        public static ulong Apply(ulong a) => a - 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void SetFlags<W>(CpuState* s, ulong a, ulong result) where W : struct, IWidth =>
            LazyFlags.Set<W>(s, FlagKind.Dec, a, Flags.IsCarry(s) ? 1u : 0, result);
    }

    private struct Negate : IUnary
    {
        public static ulong Apply(ulong a) => 0 - a;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void SetFlags<W>(CpuState* s, ulong a, ulong result) where W : struct, IWidth =>
            LazyFlags.Set<W>(s, FlagKind.Sub, 0, a, result);
    }

    private struct Complement : IUnary
    {
        public static ulong Apply(ulong a) => ~a;

        public static void SetFlags<W>(CpuState* s, ulong a, ulong result) where W : struct, IWidth
        {
            // not leaves the flags alone
        }
    }
}
