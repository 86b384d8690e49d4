using Kennel.Cpu.Tests.Harness;

namespace Kennel.Cpu.Tests.X87;

/// <summary>Where memory operands of x87 instructions lie, and what prefixes do: to the operand, and to what FNSTENV stores.</summary>
public sealed class X87AddressTests(NativeProcessor native)
{
    private const ulong PageBorder = Layout.DataBase + 0x1000, End = Layout.DataBase + (Layout.DataPages * 0x1000);
    private const byte Narrow = 0x66, Gs = 0x65, Address32 = 0x67, Wide = 0x48;

    [Fact]
    public void OperandsMayLieInTwoPages() =>
        AssertAgrees(seed: 1, 40, (random, code) => Place(random, code, PageBorder - (ulong)random.Next(1, 108)));

    [Fact]
    public void OperandsBeyondWhatIsMappedFault() =>
        AssertAgrees(seed: 2, 40, (random, code) => Place(random, code, random.Next(4) switch
        {
            0 => Layout.DataBase - (ulong)random.Next(1, 10),
            1 => End - 2,
            2 => 0x8000_0000_0000_0000,
            _ => End + (ulong)random.Next(100),
        }));

    [Fact]
    public void PrefixesAgree() => AssertAgrees(seed: 3, 100, (random, code) =>
    {
        byte prefix = random.Next(4) switch { 0 => Narrow, 1 => Gs, 2 => Address32, _ => Wide };
        Vector v = X87Vectors.Make(random, [prefix, .. code], faults: random.Next(2) == 0);
        if (prefix == Gs) v.Gpr[3] -= Layout.WindowBase;
        if (prefix == Address32) v.Gpr[3] |= 0xdead_beef_0000_0000;
        return v;
    });

    // 9B is an instruction of its own; behind it comes one that does not wait.
    [Fact]
    public void WaitRaisesWhatIsPending()
    {
        var random = new Random(4);
        var vectors = new List<Vector>();
        for (int n = 0; n < 400; n++) vectors.Add(X87Vectors.Make(random, [0x9b, 0xdd, 0x3b], faults: true));
        X87Agreement.Assert(native, [.. vectors]);
    }

    private static Vector Place(Random random, byte[] code, ulong address)
    {
        Vector v = X87Vectors.Make(random, code, faults: random.Next(2) == 0);
        v.Gpr[3] = address;
        return v;
    }

    private void AssertAgrees(int seed, int states, Func<Random, byte[], Vector> make)
    {
        var random = new Random(seed);
        var vectors = new List<Vector>();
        foreach (byte[] code in X87Vectors.MemoryForms)
        {
            for (int n = 0; n < states; n++) vectors.Add(make(random, code));
        }
        X87Agreement.Assert(native, [.. vectors]);
    }
}
