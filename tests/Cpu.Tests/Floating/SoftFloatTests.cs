using Kennel.Cpu.Floating;

namespace Kennel.Cpu.Tests.Floating;

/// <summary>The soft-float against the host's own arithmetic, which rounds to nearest and tells no flags.</summary>
public sealed class SoftFloatTests
{
    private const int Cases = 40_000;
    private const uint Default = 0x1f80;

    private readonly Random _random = new(3);

    [Fact]
    public void Doubles_are_rounded_as_the_host_rounds_them()
    {
        for (int i = 0; i < Cases; i++)
        {
            double x = Double(), y = Double();
            Check(x + y, SoftFloat<Binary64>.Add, x, y);
            Check(x - y, SoftFloat<Binary64>.Subtract, x, y);
            Check(x * y, SoftFloat<Binary64>.Multiply, x, y);
            Check(x / y, SoftFloat<Binary64>.Divide, x, y);
            Check(Math.Sqrt(y), (ulong _, ulong b, ref FloatStatus s) => SoftFloat<Binary64>.SquareRoot(b, ref s), x, y);
        }
    }

    [Fact]
    public void Singles_are_rounded_as_the_host_rounds_them()
    {
        for (int i = 0; i < Cases; i++)
        {
            float x = Single(), y = Single();
            Check(x + y, SoftFloat<Binary32>.Add, x, y);
            Check(x - y, SoftFloat<Binary32>.Subtract, x, y);
            Check(x * y, SoftFloat<Binary32>.Multiply, x, y);
            Check(x / y, SoftFloat<Binary32>.Divide, x, y);
            Check(MathF.Sqrt(y), (ulong _, ulong b, ref FloatStatus s) => SoftFloat<Binary32>.SquareRoot(b, ref s), x, y);
        }
    }

    // With the precision exception unmasked, nothing is computed natively: that gives the flags to compare with.
    [Theory]
    [InlineData(0x1f80u)]
    [InlineData(0x1fa0u)]
    [InlineData(0x9fc0u)]
    public void Native_and_soft_lanes_raise_the_same_flags(uint control)
    {
        for (int i = 0; i < Cases; i++)
        {
            CheckFlags<FloatAdd>(control);
            CheckFlags<FloatSubtract>(control);
            CheckFlags<FloatMultiply>(control);
            CheckFlags<FloatDivide>(control);
            CheckFlags<FloatSquareRoot>(control);
        }
    }

    [Fact]
    public void Directed_rounding_brackets_the_exact_value()
    {
        for (int i = 0; i < Cases; i++)
        {
            ulong a = Bits(Double()), b = Bits(Double());
            var down = new FloatStatus(Default | 0x2000);
            var up = new FloatStatus(Default | 0x4000);
            double low = BitConverter.UInt64BitsToDouble(SoftFloat<Binary64>.Multiply(a, b, ref down));
            double high = BitConverter.UInt64BitsToDouble(SoftFloat<Binary64>.Multiply(a, b, ref up));
            if (double.IsNaN(low)) continue;
            bool inexact = (down.Flags & Mxcsr.Precision) != 0;
            Assert.Equal(inexact ? Math.BitIncrement(low) : low, high);
            Assert.Equal(down.Flags & Mxcsr.Precision, up.Flags & Mxcsr.Precision);
        }
    }

    private delegate ulong Operation(ulong a, ulong b, ref FloatStatus status);

    private static ulong Bits(double x) => BitConverter.DoubleToUInt64Bits(x);

    private static void Check(double expected, Operation operation, double x, double y)
    {
        var status = new FloatStatus(Default);
        double actual = BitConverter.UInt64BitsToDouble(operation(Bits(x), Bits(y), ref status));
        if (double.IsNaN(expected) ? !double.IsNaN(actual) : Bits(actual) != Bits(expected))
        {
            Assert.Fail($"{x:R} and {y:R}: {actual:R} instead of {expected:R}");
        }
    }

    private static void Check(float expected, Operation operation, float x, float y)
    {
        var status = new FloatStatus(Default);
        ulong r = operation(BitConverter.SingleToUInt32Bits(x), BitConverter.SingleToUInt32Bits(y), ref status);
        float actual = BitConverter.UInt32BitsToSingle((uint)r);
        if (float.IsNaN(expected) ? !float.IsNaN(actual) : r != BitConverter.SingleToUInt32Bits(expected))
        {
            Assert.Fail($"{x:R} and {y:R}: {actual:R} instead of {expected:R}");
        }
    }

    private void CheckFlags<TOp>(uint control) where TOp : struct, IFloatOp
    {
        double x = Double(), y = Double();
        var native = new FloatStatus(control);
        var soft = new FloatStatus(control & ~(Mxcsr.Precision << Mxcsr.MaskShift));
        double here = FloatArithmetic<TOp>.Compute(x, y, ref native), there = FloatArithmetic<TOp>.Compute(x, y, ref soft);
        Same(Bits(here), Bits(there), native, soft, $"{TOp.Operation} {x:R} {y:R}");
        float v = Single(), w = Single();
        native = new FloatStatus(control);
        soft = new FloatStatus(control & ~(Mxcsr.Precision << Mxcsr.MaskShift));
        float small = FloatArithmetic<TOp>.Compute(v, w, ref native), other = FloatArithmetic<TOp>.Compute(v, w, ref soft);
        (uint a, uint b) = (BitConverter.SingleToUInt32Bits(small), BitConverter.SingleToUInt32Bits(other));
        Same(a, b, native, soft, $"{TOp.Operation} {v:R} {w:R}");
    }

    private static void Same(ulong here, ulong there, in FloatStatus native, in FloatStatus soft, string what)
    {
        uint first = native.Control | native.Flags, second = native.Control | soft.Flags;
        if (here != there || first != second) Assert.Fail($"{what}: {here:x} flags {first:x}, soft {there:x} flags {second:x}");
    }

    // Many of few bits, so that exact results are frequent, and many near both ends of the range.
    private double Double()
    {
        ulong fraction = (ulong)_random.NextInt64() & 0x000f_ffff_ffff_ffff;
        if (_random.Next(2) == 0) fraction = fraction >> _random.Next(53) << 48 & 0x000f_ffff_ffff_ffff;
        int exponent = _random.Next(6) switch
        {
            0 => _random.Next(60),
            1 => 0x7ff - _random.Next(60),
            2 => 512 + _random.Next(60),
            3 => 1535 - _random.Next(60),
            _ => 1023 + _random.Next(-60, 60),
        };
        return BitConverter.UInt64BitsToDouble((ulong)_random.Next(2) << 63 | (ulong)exponent << 52 | fraction);
    }

    private float Single()
    {
        uint fraction = (uint)_random.Next(1 << 23);
        if (_random.Next(2) == 0) fraction = fraction >> _random.Next(24) << 18 & 0x7fffff;
        int exponent = _random.Next(6) switch
        {
            0 => _random.Next(30),
            1 => 0xff - _random.Next(30),
            2 => 64 + _random.Next(-15, 15),
            3 => 191 - _random.Next(-15, 15),
            _ => 127 + _random.Next(-30, 30),
        };
        return BitConverter.UInt32BitsToSingle((uint)_random.Next(2) << 31 | (uint)exponent << 23 | fraction);
    }
}
