using Kennel.Cpu.X87;

namespace Kennel.Cpu.Tests.X87;

public sealed class WideIntegerTests
{
    [Fact]
    public void PortableDivisionEqualsThatOfUInt128()
    {
        var random = new Random(1);
        for (int i = 0; i < 200_000; i++)
        {
            ulong divisor = X87Operands.Bits(random) | 1UL << 63;
            ulong high = X87Operands.Bits(random);
            high = high >= divisor ? divisor - 1 - high % 3 : high;
            ulong low = X87Operands.Bits(random);
            (UInt128 quotient, UInt128 remainder) = UInt128.DivRem(new UInt128(high, low), divisor);

            Assert.Equal((ulong)quotient, WideInteger.DivRemPortably(high, low, divisor, out ulong portable));
            Assert.Equal((ulong)remainder, portable);
            Assert.Equal((ulong)quotient, WideInteger.DivRem(high, low, divisor, out ulong native));
            Assert.Equal((ulong)remainder, native);
        }
    }

    [Fact]
    public void SquareRootIsTheWholePartWithItsRemainderClassified()
    {
        var random = new Random(2);
        for (int i = 0; i < 200_000; i++)
        {
            ulong high = i switch
            {
                < 100 => ulong.MaxValue - (ulong)i,
                < 200 => (1UL << 62) + (ulong)(i - 100),
                _ => X87Operands.Bits(random) | 1UL << 62,
            };
            ulong low = X87Operands.Bits(random);
            if (i % 3 == 0)
            {
                ulong exact = high | 1UL << 63;
                high = Math.BigMul(exact, exact, out low);
            }
            UInt128 square = new(high, low);

            UInt128 root = WideInteger.SquareRoot(high, low, out ulong fraction);

            UInt128 rest = square - root * root;
            Assert.True(root * root <= square && rest <= 2 * root);
            Assert.Equal(rest != 0, fraction != 0);
            Assert.Equal(rest > root, fraction > 1UL << 63);
        }
    }
}
