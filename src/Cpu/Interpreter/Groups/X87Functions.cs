using Iced.Intel;
using Kennel.Cpu.X87;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Functions of ST(0), or of ST(0) and ST(1): roots, remainders, scaling, signs, and the transcendental ones.</summary>
internal static unsafe class X87Functions
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Code switch
    {
        Code.Fchs => X87Op.Emit(i, ref b, &OfTop<Negate>),
        Code.Fabs => X87Op.Emit(i, ref b, &OfTop<Absolute>),
        Code.Fsqrt => X87Op.Emit(i, ref b, &OfTop<SquareRoot>),
        Code.Frndint => X87Op.Emit(i, ref b, &OfTop<RoundToInteger>),
        Code.F2xm1 => X87Op.Emit(i, ref b, &OfTop<TwoToTheXMinusOne>),
        Code.Fsin => X87Op.Emit(i, ref b, &OfTop<Sine>),
        Code.Fcos => X87Op.Emit(i, ref b, &OfTop<Cosine>),
        Code.Fprem => X87Op.Emit(i, ref b, &OfBoth<Remainder>),
        Code.Fprem1 => X87Op.Emit(i, ref b, &OfBoth<NearestRemainder>),
        Code.Fscale => X87Op.Emit(i, ref b, &OfBoth<Scale>),
        Code.Fyl2x => X87Op.Emit(i, ref b, &OfBothAndPop<Logarithm>),
        Code.Fyl2xp1 => X87Op.Emit(i, ref b, &OfBothAndPop<LogarithmPlusOne>),
        Code.Fpatan => X87Op.Emit(i, ref b, &OfBothAndPop<ArcTangent>),
        Code.Fptan => X87Op.Emit(i, ref b, &Pushing<Tangent>),
        Code.Fsincos => X87Op.Emit(i, ref b, &Pushing<SineAndCosine>),
        Code.Fxtract => X87Op.Emit(i, ref b, &Pushing<Extract>),
        _ => false,
    };

    private static Op* OfTop<TFunction>(CpuState* s, Op* op) where TFunction : struct, IFunction
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int top = X87Stack.Physical(s, 0);
        if (X87Stack.IsEmpty(s, top)) return Missing(s, op, top, TFunction.AnswersInC2);
        Float80 result = TFunction.Apply(ref X87Stack.Context(s), X87Stack.Read(s, top));
        if (!X87Stack.IsStopped(s)) X87Stack.Replace(s, top, result);
        return Transfer.Next(s, op);
    }

    private static Op* OfBoth<TFunction>(CpuState* s, Op* op) where TFunction : struct, IFunctionOfTwo
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int top = X87Stack.Physical(s, 0), below = X87Stack.Physical(s, 1);
        if (X87Stack.IsEmpty(s, top) || X87Stack.IsEmpty(s, below)) return Missing(s, op, top, TFunction.AnswersInC2);
        Float80 result = TFunction.Apply(ref X87Stack.Context(s), X87Stack.Read(s, top), X87Stack.Read(s, below));
        if (!X87Stack.IsStopped(s)) X87Stack.Replace(s, top, result);
        return Transfer.Next(s, op);
    }

    private static Op* OfBothAndPop<TFunction>(CpuState* s, Op* op) where TFunction : struct, IFunctionOfTwo
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int top = X87Stack.Physical(s, 0), below = X87Stack.Physical(s, 1);
        Float80 result = Float80.Indefinite;
        if (X87Stack.IsEmpty(s, top) || X87Stack.IsEmpty(s, below))
        {
            if (!X87Stack.Underflow(s)) return op + 1;
        }
        else
        {
            result = TFunction.Apply(ref X87Stack.Context(s), X87Stack.Read(s, top), X87Stack.Read(s, below));
            if (X87Stack.IsStopped(s)) return op + 1;
        }
        X87Stack.Write(s, below, result);
        X87Stack.Pop(s, top);
        return op + 1;
    }

    private static Op* Pushing<TFunction>(CpuState* s, Op* op) where TFunction : struct, IFunctionPair
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int top = X87Stack.Physical(s, 0), pushed = X87Stack.Physical(s, -1);
        Float80 below = Float80.Indefinite, above = Float80.Indefinite;
        if (X87Stack.IsEmpty(s, top) || !X87Stack.IsEmpty(s, pushed))
        {
            if (TFunction.AnswersInC2) X87Stack.Context(s).C2 = false;
            if (!(X87Stack.IsEmpty(s, top) ? X87Stack.Underflow(s) : X87Stack.Overflow(s))) return op + 1;
        }
        else
        {
            (below, above) = TFunction.Apply(ref X87Stack.Context(s), X87Stack.Read(s, top));
            if (X87Stack.IsStopped(s) || (TFunction.AnswersInC2 && X87Stack.Context(s).C2)) return op + 1;
        }
        X87Stack.Write(s, top, below);
        X87Stack.Push(s, pushed, above);
        return op + 1;
    }

    private static Op* Missing(CpuState* s, Op* op, int destination, bool clearsC2)
    {
        if (clearsC2) X87Stack.Context(s).C2 = false;
        if (X87Stack.Underflow(s)) X87Stack.Write(s, destination, Float80.Indefinite);
        return op + 1;
    }

    /// <summary>What all kinds of functions tell.</summary>
    private interface IAnyFunction
    {
        /// <summary>Whether C2 says that the operand was out of range, or that there is more to do; else it is left alone.</summary>
        static virtual bool AnswersInC2 => false;
    }

    private interface IFunction : IAnyFunction
    {
        static abstract Float80 Apply(ref X87Context context, Float80 x);
    }

    private struct Negate : IFunction
    {
        public static Float80 Apply(ref X87Context context, Float80 x)
        {
            context.C1 = false;
            return x.Negate();
        }
    }

    private struct Absolute : IFunction
    {
        public static Float80 Apply(ref X87Context context, Float80 x)
        {
            context.C1 = false;
            return x.Abs();
        }
    }

    private struct SquareRoot : IFunction
    {
        public static Float80 Apply(ref X87Context context, Float80 x) => X87Arithmetic.SquareRoot(ref context, x);
    }

    private struct RoundToInteger : IFunction
    {
        public static Float80 Apply(ref X87Context context, Float80 x) => X87Scaling.RoundToInteger(ref context, x);
    }

    private struct TwoToTheXMinusOne : IFunction
    {
        public static Float80 Apply(ref X87Context context, Float80 x) => X87Transcendentals.F2xm1(ref context, x);
    }

    // Out of range, the operand comes back, and C2 tells.
    private struct Sine : IFunction
    {
        public static bool AnswersInC2 => true;

        public static Float80 Apply(ref X87Context context, Float80 x) => X87Transcendentals.Fsin(ref context, x);
    }

    private struct Cosine : IFunction
    {
        public static bool AnswersInC2 => true;

        public static Float80 Apply(ref X87Context context, Float80 x) => X87Transcendentals.Fcos(ref context, x);
    }

    private interface IFunctionOfTwo : IAnyFunction
    {
        static abstract Float80 Apply(ref X87Context context, Float80 top, Float80 below);
    }

    private struct Remainder : IFunctionOfTwo
    {
        public static bool AnswersInC2 => true;

        public static Float80 Apply(ref X87Context context, Float80 top, Float80 below) =>
            X87Remainder.Truncating(ref context, top, below);
    }

    private struct NearestRemainder : IFunctionOfTwo
    {
        public static bool AnswersInC2 => true;

        public static Float80 Apply(ref X87Context context, Float80 top, Float80 below) =>
            X87Remainder.Nearest(ref context, top, below);
    }

    private struct Scale : IFunctionOfTwo
    {
        public static Float80 Apply(ref X87Context context, Float80 top, Float80 below) => X87Scaling.Scale(ref context, top, below);
    }

    private struct Logarithm : IFunctionOfTwo
    {
        public static Float80 Apply(ref X87Context context, Float80 top, Float80 below) =>
            X87Transcendentals.Fyl2x(ref context, top, below);
    }

    private struct LogarithmPlusOne : IFunctionOfTwo
    {
        public static Float80 Apply(ref X87Context context, Float80 top, Float80 below) =>
            X87Transcendentals.Fyl2xp1(ref context, top, below);
    }

    private struct ArcTangent : IFunctionOfTwo
    {
        public static Float80 Apply(ref X87Context context, Float80 top, Float80 below) =>
            X87Transcendentals.Fpatan(ref context, top, below);
    }

    private interface IFunctionPair : IAnyFunction
    {
        /// <summary>What replaces the operand, and what is pushed then.</summary>
        static abstract (Float80 Below, Float80 Above) Apply(ref X87Context context, Float80 x);
    }

    private struct Tangent : IFunctionPair
    {
        public static bool AnswersInC2 => true;

        public static (Float80 Below, Float80 Above) Apply(ref X87Context context, Float80 x) =>
            X87Transcendentals.Fptan(ref context, x);
    }

    private struct SineAndCosine : IFunctionPair
    {
        public static bool AnswersInC2 => true;

        public static (Float80 Below, Float80 Above) Apply(ref X87Context context, Float80 x) =>
            X87Transcendentals.Fsincos(ref context, x);
    }

    private struct Extract : IFunctionPair
    {
        public static (Float80 Below, Float80 Above) Apply(ref X87Context context, Float80 x)
        {
            (Float80 significand, Float80 exponent) = X87Scaling.Extract(ref context, x);
            return (exponent, significand);
        }
    }
}
