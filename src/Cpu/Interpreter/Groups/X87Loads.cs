using System.Runtime.CompilerServices;
using Iced.Intel;
using Kennel.Cpu.X87;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>What is pushed: FLD, FILD, FBLD and the constants.</summary>
internal static unsafe class X87Loads
{
    // A denormal is pushed even if that exception is not masked.
    private const X87Exceptions StopsLoad = X87Exceptions.Invalid;

    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Code switch
    {
        Code.Fld_m80fp => Load<Extended, TenBytes>.Emit(i, ref b),
        Code.Fld_m64fp => Load<Double, ulong>.Emit(i, ref b),
        Code.Fld_m32fp => Load<Single, uint>.Emit(i, ref b),
        Code.Fld_sti => X87Op.Emit(i, ref b, &Duplicate),
        Code.Fld1 => X87Op.Emit(i, ref b, &Constant<One>),
        Code.Fldz => X87Op.Emit(i, ref b, &Constant<Zero>),
        Code.Fldl2t => X87Op.Emit(i, ref b, &Constant<Log2Of10>),
        Code.Fldl2e => X87Op.Emit(i, ref b, &Constant<Log2OfE>),
        Code.Fldpi => X87Op.Emit(i, ref b, &Constant<Pi>),
        Code.Fldlg2 => X87Op.Emit(i, ref b, &Constant<Log10Of2>),
        Code.Fldln2 => X87Op.Emit(i, ref b, &Constant<LnOf2>),
        Code.Fild_m64int => Load<Int64, long>.Emit(i, ref b),
        Code.Fild_m32int => Load<Int32, int>.Emit(i, ref b),
        Code.Fild_m16int => Load<Int16, short>.Emit(i, ref b),
        Code.Fbld_m80bcd => Load<PackedDecimal, TenBytes>.Emit(i, ref b),
        _ => false,
    };

    /// <summary>Pushes the indefinite onto a stack that is full, if that is how the exception is answered.</summary>
    public static Op* Overflow(CpuState* s, Op* op)
    {
        if (X87Stack.Overflow(s)) X87Stack.Push(s, X87Stack.Physical(s, -1), Float80.Indefinite);
        return op + 1;
    }

    private static Op* Duplicate(CpuState* s, Op* op)
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int source = X87Stack.Physical(s, op->A), pushed = X87Stack.Physical(s, -1);
        if (X87Stack.IsEmpty(s, source))
        {
            if (X87Stack.Underflow(s)) X87Stack.Push(s, pushed, Float80.Indefinite);
            return op + 1;
        }
        if (!X87Stack.IsEmpty(s, pushed)) return Overflow(s, op);
        X87Stack.ClearC1(s);
        X87Stack.Push(s, pushed, X87Stack.Read(s, source));
        return Transfer.Next(s, op);
    }

    private static Op* Constant<TConstant>(CpuState* s, Op* op) where TConstant : struct, IConstant
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int pushed = X87Stack.Physical(s, -1);
        if (!X87Stack.IsEmpty(s, pushed)) return Overflow(s, op);
        X87Stack.ClearC1(s);
        X87Stack.Push(s, pushed, TConstant.Get(X87Stack.Context(s).Rounding));
        return Transfer.Next(s, op);
    }

    private static class Load<TFormat, T> where TFormat : struct, IFormat<T> where T : unmanaged
    {
        public static bool Emit(in Instruction i, ref OpBuilder b) => X87Op.EmitMemory(i, ref b, &Run);

        private static Op* Run(CpuState* s, Op* op)
        {
            int pushed = X87Stack.Physical(s, -1);
            ulong address = Memory.Address(s, op);
            if (X87Stack.IsPending(s) || !X87Stack.IsEmpty(s, pushed) || !Memory.TryRead(s, address, sizeof(T), out byte* host))
                return RunSlow(s, op);
            X87Stack.Note(s, op, address);
            X87Stack.ClearC1(s);
            Float80 value = TFormat.Convert(ref X87Stack.Context(s), Unsafe.ReadUnaligned<T>(host));
            if (X87Stack.IsStopped(s, StopsLoad)) return op + 1;
            X87Stack.Push(s, pushed, value);
            return Transfer.Next(s, op);
        }

        private static Op* RunSlow(CpuState* s, Op* op)
        {
            if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
            ulong address = Memory.Address(s, op);
            if (!Memory.Load(s, address, out T bits)) return Memory.Fault(s, op);
            X87Stack.Note(s, op, address);
            int pushed = X87Stack.Physical(s, -1);
            if (!X87Stack.IsEmpty(s, pushed)) return Overflow(s, op);
            X87Stack.ClearC1(s);
            Float80 value = TFormat.Convert(ref X87Stack.Context(s), bits);
            if (!X87Stack.IsStopped(s, StopsLoad)) X87Stack.Push(s, pushed, value);
            return op + 1;
        }
    }

    private interface IFormat<T>
    {
        static abstract Float80 Convert(ref X87Context context, T bits);
    }

    private struct Extended : IFormat<TenBytes>
    {
        public static Float80 Convert(ref X87Context context, TenBytes bits) => new(bits.Low, bits.High);
    }

    private struct Double : IFormat<ulong>
    {
        public static Float80 Convert(ref X87Context context, ulong bits) => X87Conversions.FromDouble(ref context, bits);
    }

    private struct Single : IFormat<uint>
    {
        public static Float80 Convert(ref X87Context context, uint bits) => X87Conversions.FromSingle(ref context, bits);
    }

    private struct Int64 : IFormat<long>
    {
        public static Float80 Convert(ref X87Context context, long bits) => X87Conversions.FromInteger(bits);
    }

    private struct Int32 : IFormat<int>
    {
        public static Float80 Convert(ref X87Context context, int bits) => X87Conversions.FromInteger(bits);
    }

    private struct Int16 : IFormat<short>
    {
        public static Float80 Convert(ref X87Context context, short bits) => X87Conversions.FromInteger(bits);
    }

    private struct PackedDecimal : IFormat<TenBytes>
    {
        public static Float80 Convert(ref X87Context context, TenBytes bits) => X87Conversions.FromPackedDecimal(bits.Low, bits.High);
    }

    private interface IConstant
    {
        static abstract Float80 Get(X87Rounding rounding);
    }

    private struct One : IConstant
    {
        public static Float80 Get(X87Rounding rounding) => Float80.One;
    }

    private struct Zero : IConstant
    {
        public static Float80 Get(X87Rounding rounding) => Float80.Zero;
    }

    private struct Log2Of10 : IConstant
    {
        public static Float80 Get(X87Rounding rounding) => X87Constants.Log2Of10(rounding);
    }

    private struct Log2OfE : IConstant
    {
        public static Float80 Get(X87Rounding rounding) => X87Constants.Log2OfE(rounding);
    }

    private struct Pi : IConstant
    {
        public static Float80 Get(X87Rounding rounding) => X87Constants.Pi(rounding);
    }

    private struct Log10Of2 : IConstant
    {
        public static Float80 Get(X87Rounding rounding) => X87Constants.Log10Of2(rounding);
    }

    private struct LnOf2 : IConstant
    {
        public static Float80 Get(X87Rounding rounding) => X87Constants.LnOf2(rounding);
    }
}
