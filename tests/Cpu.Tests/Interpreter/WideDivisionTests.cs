using Kennel.Cpu.Interpreter;
using Kennel.Cpu.Tests.Harness;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>128 by 64 bits, against .NET's own 128-bit integers.</summary>
public sealed class WideDivisionTests
{
    [Fact]
    public void UnsignedQuotientsAreExact()
    {
        var random = new Random(11);
        for (int i = 0; i < 200_000; i++)
        {
            ulong divisor = FormGenerator.Value(random), high = FormGenerator.Value(random), low = FormGenerator.Value(random);
            if (divisor == 0) continue;
            high %= divisor;
            (ulong quotient, ulong remainder) = WideDivision.Divide(high, low, divisor);
            (UInt128 expected, UInt128 rest) = UInt128.DivRem(new UInt128(high, low), divisor);
            Assert.True(expected == quotient && rest == remainder, $"{high:x}:{low:x} / {divisor:x}");
        }
    }

    [Fact]
    public void SignedQuotientsAreExactOrRefused()
    {
        var random = new Random(12);
        for (int i = 0; i < 200_000; i++)
        {
            long divisor = (long)FormGenerator.Value(random), high = (long)FormGenerator.Value(random) >> random.Next(64);
            ulong low = FormGenerator.Value(random);
            var dividend = new Int128((ulong)high, low);
            if (divisor == 0 || (dividend == Int128.MinValue && divisor == -1)) continue;
            Int128 expected = dividend / divisor;
            bool fits = expected >= long.MinValue && expected <= long.MaxValue;
            Assert.Equal(fits, WideDivision.TryDivide(high, low, divisor, out long quotient, out long remainder));
            if (!fits) continue;
            Assert.Equal(expected, quotient);
            Assert.Equal(dividend - (expected * divisor), remainder);
        }
        Assert.False(WideDivision.TryDivide(long.MinValue, 0, -1, out _, out _));
    }
}
