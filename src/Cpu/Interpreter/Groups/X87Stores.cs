using System.Runtime.CompilerServices;
using Iced.Intel;
using Kennel.Cpu.X87;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>FST, FSTP, FIST, FISTP, FISTTP and FBSTP.</summary>
internal static unsafe class X87Stores
{
    private const X87Exceptions StopsStore =
        X87Exceptions.Invalid | X87Exceptions.Denormal | X87Exceptions.Overflow | X87Exceptions.Underflow;

    private const byte Pops = 1;

    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Code switch
    {
        Code.Fstp_m80fp => Store<Extended, TenBytes>.Emit(i, ref b, Pops),
        Code.Fstp_m64fp => Store<Double, ulong>.Emit(i, ref b, Pops),
        Code.Fst_m64fp => Store<Double, ulong>.Emit(i, ref b),
        Code.Fstp_m32fp => Store<Single, uint>.Emit(i, ref b, Pops),
        Code.Fst_m32fp => Store<Single, uint>.Emit(i, ref b),
        Code.Fstp_sti or Code.Fstp_sti_DFD0 or Code.Fstp_sti_DFD8 => X87Op.Emit(i, ref b, &CopyAndPop),
        Code.Fstpnce_sti => X87Op.Emit(i, ref b, &CopyIfAnyAndPop),
        Code.Fst_sti => X87Op.Emit(i, ref b, &Copy),
        Code.Fistp_m64int => Store<Int64, long>.Emit(i, ref b, Pops),
        Code.Fistp_m32int => Store<Int32, int>.Emit(i, ref b, Pops),
        Code.Fistp_m16int => Store<Int16, short>.Emit(i, ref b, Pops),
        Code.Fist_m32int => Store<Int32, int>.Emit(i, ref b),
        Code.Fist_m16int => Store<Int16, short>.Emit(i, ref b),
        Code.Fisttp_m64int => Store<TruncatedInt64, long>.Emit(i, ref b, Pops),
        Code.Fisttp_m32int => Store<TruncatedInt32, int>.Emit(i, ref b, Pops),
        Code.Fisttp_m16int => Store<TruncatedInt16, short>.Emit(i, ref b, Pops),
        Code.Fbstp_m80bcd => Store<PackedDecimal, TenBytes>.Emit(i, ref b, Pops),
        _ => false,
    };

    private static Op* Copy(CpuState* s, Op* op) => CopyTop(s, op, pops: false);

    private static Op* CopyAndPop(CpuState* s, Op* op) => CopyTop(s, op, pops: true);

    // FSTPNCE, which no manual describes: an empty register is popped without complaint, and copied nowhere.
    private static Op* CopyIfAnyAndPop(CpuState* s, Op* op)
    {
        int top = X87Stack.Physical(s, 0);
        if (X87Stack.IsPending(s) || !X87Stack.IsEmpty(s, top)) return CopyTop(s, op, pops: true);
        X87Stack.Note(s, op);
        X87Stack.ClearC1(s);
        X87Stack.Pop(s, top);
        return op + 1;
    }

    private static Op* CopyTop(CpuState* s, Op* op, bool pops)
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int top = X87Stack.Physical(s, 0);
        Float80 value = X87Stack.Read(s, top);
        if (X87Stack.IsEmpty(s, top))
        {
            if (!X87Stack.Underflow(s)) return op + 1;
            value = Float80.Indefinite;
        }
        X87Stack.ClearC1(s);
        X87Stack.Write(s, X87Stack.Physical(s, op->A), value);
        if (pops) X87Stack.Pop(s, top);
        return Transfer.Next(s, op);
    }

    private static class Store<TFormat, T> where TFormat : struct, IFormat<T> where T : unmanaged
    {
        public static bool Emit(in Instruction i, ref OpBuilder b, byte pops = 0)
        {
            X87Op.EmitMemory(i, ref b, &Run);
            b[b.Length - 1].A = pops;
            return true;
        }

        private static Op* Run(CpuState* s, Op* op)
        {
            int top = X87Stack.Physical(s, 0);
            ulong address = Memory.Address(s, op);
            if (X87Stack.IsPending(s) || X87Stack.IsEmpty(s, top) || !Memory.TryWrite(s, address, sizeof(T), out byte* host))
                return RunSlow(s, op);
            T bits = TFormat.Convert(ref X87Stack.Context(s), X87Stack.Read(s, top));
            X87Stack.Note(s, op, address);
            if (X87Stack.IsStopped(s, StopsStore)) return op + 1;
            Unsafe.WriteUnaligned(host, bits);
            if (op->A == Pops) X87Stack.Pop(s, top);
            return Transfer.Next(s, op);
        }

        private static Op* RunSlow(CpuState* s, Op* op)
        {
            if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
            ulong address = Memory.Address(s, op);
            int top = X87Stack.Physical(s, 0);
            ushort status = s->FpStatus;
            T bits = X87Stack.IsEmpty(s, top) ? Missing(s) : TFormat.Convert(ref X87Stack.Context(s), X87Stack.Read(s, top));
            bool stopped = X87Stack.IsStopped(s, StopsStore);
            if (stopped ? !Memory.CanModify(s, address, sizeof(T)) : !Memory.Store(s, address, bits))
            {
                s->FpStatus = status;
                return Memory.Fault(s, op);
            }
            X87Stack.Note(s, op, address);
            if (op->A == Pops && !stopped) X87Stack.Pop(s, top);
            return op + 1;
        }

        private static T Missing(CpuState* s)
        {
            X87Stack.FlagUnderflow(s);
            return TFormat.Indefinite;
        }
    }

    private interface IFormat<T>
    {
        /// <summary>What is stored for an empty register.</summary>
        static abstract T Indefinite { get; }

        static abstract T Convert(ref X87Context context, Float80 value);
    }

    private struct Extended : IFormat<TenBytes>
    {
        public static TenBytes Indefinite => new(Float80.Indefinite.Significand, Float80.Indefinite.SignExponent);

        public static TenBytes Convert(ref X87Context context, Float80 value)
        {
            context.C1 = false;
            return new TenBytes(value.Significand, value.SignExponent);
        }
    }

    private struct Double : IFormat<ulong>
    {
        public static ulong Indefinite => 0xfff8_0000_0000_0000;

        public static ulong Convert(ref X87Context context, Float80 value) => X87Conversions.ToDouble(ref context, value);
    }

    private struct Single : IFormat<uint>
    {
        public static uint Indefinite => 0xffc0_0000;

        public static uint Convert(ref X87Context context, Float80 value) => X87Conversions.ToSingle(ref context, value);
    }

    private struct Int64 : IFormat<long>
    {
        public static long Indefinite => long.MinValue;

        public static long Convert(ref X87Context context, Float80 value) => X87Conversions.ToInt64(ref context, value);
    }

    private struct Int32 : IFormat<int>
    {
        public static int Indefinite => int.MinValue;

        public static int Convert(ref X87Context context, Float80 value) => X87Conversions.ToInt32(ref context, value);
    }

    private struct Int16 : IFormat<short>
    {
        public static short Indefinite => short.MinValue;

        public static short Convert(ref X87Context context, Float80 value) => X87Conversions.ToInt16(ref context, value);
    }

    private struct TruncatedInt64 : IFormat<long>
    {
        public static long Indefinite => long.MinValue;

        public static long Convert(ref X87Context context, Float80 value) => X87Conversions.ToInt64(ref context, value, truncate: true);
    }

    private struct TruncatedInt32 : IFormat<int>
    {
        public static int Indefinite => int.MinValue;

        public static int Convert(ref X87Context context, Float80 value) => X87Conversions.ToInt32(ref context, value, truncate: true);
    }

    private struct TruncatedInt16 : IFormat<short>
    {
        public static short Indefinite => short.MinValue;

        public static short Convert(ref X87Context context, Float80 value) => X87Conversions.ToInt16(ref context, value, truncate: true);
    }

    private struct PackedDecimal : IFormat<TenBytes>
    {
        public static TenBytes Indefinite => new(0xc000_0000_0000_0000, 0xffff);

        public static TenBytes Convert(ref X87Context context, Float80 value)
        {
            (ulong low, ushort high) = X87Conversions.ToPackedDecimal(ref context, value);
            return new TenBytes(low, high);
        }
    }
}
