#!/usr/bin/python3
# int, float, decimal, fractions, math, cmath, statistics, big integers, rounding, float formatting.
import cmath, decimal, fractions, math, statistics
from decimal import Decimal as D

print(2 ** 200, -7 // 2, -7 % 3, divmod(-17, 5), pow(3, 1000, 10007), math.factorial(30), math.comb(50, 20), math.gcd(2 ** 60, 6 ** 20), math.isqrt(10 ** 40), (10 ** 50).bit_length())
a = 3 ** 2000; b = 7 ** 1200
print(hash(a * b), (a * b) % (10 ** 9 + 7), a // b % 1000003, len(str(a * b)), int(str(a)) == a, (a * b) // b == a, (a ^ b) & 0xffff, (a >> 1000) & 0xff)
decimal.getcontext().prec = 50
print(D(1) / 3, D(2).sqrt(), D("1.1") + D("2.2"), D(10).ln(), D(1).exp(), D("123.456").quantize(D("0.01")), D("1e50") * D("1e-49"), D(7) % 3, round(D("2.675"), 2))
decimal.getcontext().rounding = decimal.ROUND_UP
print(D("2.61").quantize(D("0.1")), decimal.getcontext().flags[decimal.Inexact])
try:
    D(1) / 0
except decimal.DivisionByZero as e:
    print(type(e).__name__)
print(sum(D(i) ** 2 / (i + 1) for i in range(1, 200)))
print(fractions.Fraction(3, 7) + fractions.Fraction("0.25"), fractions.Fraction(0.1), fractions.Fraction(math.pi).limit_denominator(1000))
print([f(0.7) for f in (math.sin, math.cos, math.tan, math.asin, math.acos, math.atan, math.sinh, math.cosh, math.tanh, math.exp, math.expm1, math.log, math.log1p, math.log2, math.log10, math.sqrt, math.erf, math.erfc, math.gamma, math.lgamma)])
print(math.pow(2, 0.5), math.hypot(3, 4), math.atan2(-1, -1), math.fmod(-7, 3), math.modf(-3.25), math.frexp(10), math.ldexp(0.5, 10), math.copysign(1, -0.0), math.fsum([0.1] * 10), math.nextafter(1, 2), math.ulp(1e10), math.remainder(10, 3))
print(0.1 + 0.2, 1e308 * 10, -1e308 * 10, float("nan") != float("nan"), 5e-324 / 2, 1 / 3, 1e16 + 1, 2.5 .__round__(), round(3.5), round(-2.567, 2), (0.1).hex(), float.fromhex("0x1.8p3"), (2.5).as_integer_ratio(), 1e23, 9007199254740993.0, repr(1.7976931348623157e308))
print(cmath.sqrt(-1), cmath.exp(1j * math.pi), (1 + 2j) ** 3, abs(3 + 4j), cmath.polar(1j))
print(statistics.mean([1, 2, 3, 4]), statistics.median([3, 1, 2]), statistics.stdev([1, 2, 3, 4]), statistics.mode("aab"))
x = 0.5
for i in range(2000):
    x = 3.9 * x * (1 - x)
print(x, sum(math.sin(i) / (i + 1) for i in range(3000)), sum(1 / i ** 2 for i in range(1, 3000)))
s = 0
for i in range(60000):
    s = (s * 31 + i) % 1000003
print(s, int(1e18) % 7, int(-3.99), float(2 ** 60 + 1), hash(1.5), hash(2 ** 61 - 1), (12345678901234567890).to_bytes(9, "big").hex(), int.from_bytes(b"\xff\x01", "little", signed=True))
