using Kennel.Cpu.X87;

namespace Kennel.Cpu.Tests.X87;

/// <summary>What an operation left: the status word's flags and codes, two registers, and memory.</summary>
internal readonly record struct X87Outcome(ushort Status, Float80 St0, Float80 St1, ulong Low, ulong High);

/// <summary>Does in software what host_x87.c does on the processor, as the instruction handlers would.</summary>
internal static class X87Software
{
    private const int StatusMask = 0x473f;
    private const ulong Untouched = 0xcccc_cccc_cccc_cccc;
    private const X87Exceptions StopsStore =
        X87Exceptions.Invalid | X87Exceptions.Overflow | X87Exceptions.Underflow | X87Exceptions.Denormal;

    public static X87Outcome Run(HostRequest request)
    {
        var context = new X87Context(request.Control);
        Float80 st0 = request.A;
        Float80 st1 = request.B;
        ulong low = Untouched;
        ulong high = Untouched;
        HostOperation operation = request.Operation;
        if (operation < HostOperation.ToSingle || operation is >= HostOperation.AddSingle and < HostOperation.FromSingle)
            OnStack(ref context, operation, ref st0, ref st1);
        else if (IsStore(operation))
            Store(ref context, operation, st0, ref low, ref high);
        else if (operation < HostOperation.AddSingle)
            Transcendental(ref context, operation, ref st0, ref st1);
        else
            st0 = Load(ref context, operation, request.A);
        if (IsStore(operation))
            st0 = st1 = default;
        if (operation >= HostOperation.FromSingle)
            (st0, st1) = ((context.Unmasked & X87Exceptions.Invalid) != 0 ? default : st0, default);
        return new X87Outcome((ushort)(context.Status & StatusMask), st0, st1, low, high);
    }

    /// <summary>What the processor left. Stores are judged by memory alone, as some of them pop.</summary>
    public static X87Outcome Of(HostOperation operation, HostReply reply) =>
        new(
            (ushort)(reply.Status & StatusMask),
            IsStore(operation) ? default : reply.St0,
            IsStore(operation) || operation >= HostOperation.FromSingle ? default : reply.St1,
            reply.MemoryLow,
            reply.MemoryHigh);

    private static bool IsStore(HostOperation operation) =>
        operation is >= HostOperation.ToSingle and <= HostOperation.ToPackedDecimal;

    private static void OnStack(ref X87Context context, HostOperation operation, ref Float80 st0, ref Float80 st1)
    {
        Float80 result = st0;
        switch (operation)
        {
            case HostOperation.Add: result = X87Arithmetic.Add(ref context, st0, st1); break;
            case HostOperation.Subtract: result = X87Arithmetic.Subtract(ref context, st0, st1); break;
            case HostOperation.Multiply: result = X87Arithmetic.Multiply(ref context, st0, st1); break;
            case HostOperation.Divide: result = X87Arithmetic.Divide(ref context, st0, st1); break;
            case HostOperation.SquareRoot: result = X87Arithmetic.SquareRoot(ref context, st0); break;
            case HostOperation.Remainder: result = X87Remainder.Truncating(ref context, st0, st1); break;
            case HostOperation.RemainderNearest: result = X87Remainder.Nearest(ref context, st0, st1); break;
            case HostOperation.RoundToInteger: result = X87Scaling.RoundToInteger(ref context, st0); break;
            case HostOperation.Scale: result = X87Scaling.Scale(ref context, st0, st1); break;
            case HostOperation.Negate: result = st0.Negate(); break;
            case HostOperation.Abs: result = st0.Abs(); break;
            case HostOperation.Examine: X87Comparison.Examine(ref context, st0); break;
            case HostOperation.Compare: Compare(ref context, X87Comparison.Compare(ref context, st0, st1)); break;
            case HostOperation.CompareUnordered:
                Compare(ref context, X87Comparison.CompareUnordered(ref context, st0, st1));
                break;
            case HostOperation.CompareZero: Compare(ref context, X87Comparison.Compare(ref context, st0, default)); break;
            case HostOperation.Extract:
                (Float80 significand, Float80 exponent) = X87Scaling.Extract(ref context, st0);
                if (!context.Stopped)
                    (st0, st1) = (significand, exponent);
                return;
            default: result = WithMemory(ref context, operation, st0, st1); break;
        }
        if (!context.Stopped)
            st0 = result;
    }

    private static void Transcendental(ref X87Context context, HostOperation operation, ref Float80 st0, ref Float80 st1)
    {
        bool pops = operation is HostOperation.Fyl2x or HostOperation.Fyl2xp1 or HostOperation.Fpatan;
        bool pushes = operation is HostOperation.Fptan or HostOperation.Fsincos;
        (Float80 result, Float80 pushed) = operation switch
        {
            HostOperation.F2xm1 => (X87Transcendentals.F2xm1(ref context, st0), default),
            HostOperation.Fyl2x => (X87Transcendentals.Fyl2x(ref context, st0, st1), default),
            HostOperation.Fyl2xp1 => (X87Transcendentals.Fyl2xp1(ref context, st0, st1), default),
            HostOperation.Fpatan => (X87Transcendentals.Fpatan(ref context, st0, st1), default),
            HostOperation.Fsin => (X87Transcendentals.Fsin(ref context, st0), default),
            HostOperation.Fcos => (X87Transcendentals.Fcos(ref context, st0), default),
            HostOperation.Fptan => X87Transcendentals.Fptan(ref context, st0),
            _ => X87Transcendentals.Fsincos(ref context, st0),
        };
        if (context.Stopped)
            return;
        if (pops)
            st1 = default;
        else if (pushes && !context.C2)
            (st1, result) = (result, pushed);
        st0 = result;
    }

    private static Float80 Load(ref X87Context context, HostOperation operation, Float80 bytes)
    {
        ulong bits = bytes.Significand;
        X87Rounding rounding = context.Rounding;
        return operation switch
        {
            HostOperation.FromSingle => X87Conversions.FromSingle(ref context, (uint)bits),
            HostOperation.FromDouble => X87Conversions.FromDouble(ref context, bits),
            HostOperation.FromInt16 => X87Conversions.FromInteger((short)bits),
            HostOperation.FromInt32 => X87Conversions.FromInteger((int)bits),
            HostOperation.FromInt64 => X87Conversions.FromInteger((long)bits),
            HostOperation.FromPackedDecimal => X87Conversions.FromPackedDecimal(bits, bytes.SignExponent),
            HostOperation.One => Float80.One,
            HostOperation.Zero => Float80.Zero,
            HostOperation.Log2Of10 => X87Constants.Log2Of10(rounding),
            HostOperation.Log2OfE => X87Constants.Log2OfE(rounding),
            HostOperation.Pi => X87Constants.Pi(rounding),
            HostOperation.Log10Of2 => X87Constants.Log10Of2(rounding),
            _ => X87Constants.LnOf2(rounding),
        };
    }

    private static Float80 WithMemory(ref X87Context context, HostOperation operation, Float80 st0, Float80 bits)
    {
        bool isDouble = operation is HostOperation.AddDouble or HostOperation.DivideReversedDouble;
        Float80 operand = isDouble
            ? X87Conversions.DoubleOperand(
                ref context, bits.Significand, st0, isDividend: operation == HostOperation.DivideReversedDouble)
            : X87Conversions.SingleOperand(ref context, (uint)bits.Significand, st0);
        if (context.Stopped && operation != HostOperation.CompareSingle)
            return st0;
        switch (operation)
        {
            case HostOperation.AddSingle or HostOperation.AddDouble: return X87Arithmetic.Add(ref context, st0, operand);
            case HostOperation.MultiplySingle: return X87Arithmetic.Multiply(ref context, st0, operand);
            case HostOperation.DivideReversedDouble: return X87Arithmetic.Divide(ref context, operand, st0);
            default:
                Compare(ref context, X87Comparison.Compare(ref context, st0, operand));
                return st0;
        }
    }

    private static void Compare(ref X87Context context, X87Relation relation) =>
        X87Comparison.SetConditions(ref context, relation);

    private static void Store(ref X87Context context, HostOperation operation, Float80 value, ref ulong low, ref ulong high)
    {
        int bits = 64;
        ulong result;
        ulong resultHigh = high;
        switch (operation)
        {
            case HostOperation.ToSingle: (bits, result) = (32, X87Conversions.ToSingle(ref context, value)); break;
            case HostOperation.ToDouble: result = X87Conversions.ToDouble(ref context, value); break;
            case HostOperation.ToInt16 or HostOperation.TruncateToInt16:
                bits = 16;
                result = (ulong)X87Conversions.ToInt16(ref context, value, operation == HostOperation.TruncateToInt16);
                break;
            case HostOperation.ToInt32 or HostOperation.TruncateToInt32:
                bits = 32;
                result = (ulong)X87Conversions.ToInt32(ref context, value, operation == HostOperation.TruncateToInt32);
                break;
            case HostOperation.ToInt64 or HostOperation.TruncateToInt64:
                result = (ulong)X87Conversions.ToInt64(ref context, value, operation == HostOperation.TruncateToInt64);
                break;
            default:
                (result, ushort top) = X87Conversions.ToPackedDecimal(ref context, value);
                resultHigh = high & ~0xffffUL | top;
                break;
        }
        if ((context.Unmasked & StopsStore) != 0)
            return;
        ulong mask = ulong.MaxValue >> (64 - bits);
        low = low & ~mask | result & mask;
        high = resultHigh;
    }
}
