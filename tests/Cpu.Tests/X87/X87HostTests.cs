using System.Text;
using Kennel.Cpu.X87;

namespace Kennel.Cpu.Tests.X87;

/// <summary>Runs the same operations in software and on the host's processor, and wants the same bits of both.</summary>
public sealed class X87HostTests(HostX87 host)
{
    private const int RandomOperands = 3000;

    [Theory]
    [InlineData(HostOperation.Add)]
    [InlineData(HostOperation.Subtract)]
    [InlineData(HostOperation.Multiply)]
    [InlineData(HostOperation.Divide)]
    [InlineData(HostOperation.Remainder)]
    [InlineData(HostOperation.RemainderNearest)]
    [InlineData(HostOperation.Scale)]
    [InlineData(HostOperation.Compare)]
    [InlineData(HostOperation.CompareUnordered)]
    [InlineData(HostOperation.AddSingle)]
    [InlineData(HostOperation.AddDouble)]
    [InlineData(HostOperation.MultiplySingle)]
    [InlineData(HostOperation.DivideReversedDouble)]
    [InlineData(HostOperation.CompareSingle)]
    public void TwoOperandsGiveWhatTheProcessorGives(HostOperation operation)
    {
        List<Float80> edges = X87Operands.Edges;
        var requests = new List<HostRequest>();
        foreach (Float80 a in edges)
        {
            foreach (Float80 b in edges)
            {
                foreach (ushort control in X87Operands.MaskedControls)
                    requests.Add(new HostRequest(operation, control, a, Operand(operation, b)));
            }
        }
        var random = new Random((int)operation);
        foreach (ushort control in X87Operands.MaskedControls.Concat(X87Operands.UnmaskedControls))
        {
            for (int i = 0; i < RandomOperands; i++)
            {
                Float80 a = i % 20 == 0 ? edges[random.Next(edges.Count)] : X87Operands.Any(random);
                Float80 b = i % 20 == 1 ? edges[random.Next(edges.Count)] : X87Operands.Any(random);
                requests.Add(new HostRequest(operation, control, a, Operand(operation, b)));
            }
        }
        AssertSame(requests);
    }

    [Theory]
    [InlineData(HostOperation.SquareRoot)]
    [InlineData(HostOperation.RoundToInteger)]
    [InlineData(HostOperation.Extract)]
    [InlineData(HostOperation.Examine)]
    [InlineData(HostOperation.Negate)]
    [InlineData(HostOperation.Abs)]
    [InlineData(HostOperation.CompareZero)]
    [InlineData(HostOperation.ToSingle)]
    [InlineData(HostOperation.ToDouble)]
    [InlineData(HostOperation.ToInt16)]
    [InlineData(HostOperation.ToInt32)]
    [InlineData(HostOperation.ToInt64)]
    [InlineData(HostOperation.TruncateToInt16)]
    [InlineData(HostOperation.TruncateToInt32)]
    [InlineData(HostOperation.TruncateToInt64)]
    [InlineData(HostOperation.ToPackedDecimal)]
    public void OneOperandGivesWhatTheProcessorGives(HostOperation operation)
    {
        var requests = new List<HostRequest>();
        var random = new Random((int)operation);
        foreach (ushort control in X87Operands.MaskedControls.Concat(X87Operands.UnmaskedControls))
        {
            foreach (Float80 a in X87Operands.Edges)
                requests.Add(new HostRequest(operation, control, a, default));
            for (int i = 0; i < RandomOperands; i++)
                requests.Add(new HostRequest(operation, control, X87Operands.Any(random), default));
        }
        AssertSame(requests);
    }

    [Theory]
    [InlineData(HostOperation.FromSingle)]
    [InlineData(HostOperation.FromDouble)]
    [InlineData(HostOperation.FromInt16)]
    [InlineData(HostOperation.FromInt32)]
    [InlineData(HostOperation.FromInt64)]
    [InlineData(HostOperation.FromPackedDecimal)]
    [InlineData(HostOperation.One)]
    [InlineData(HostOperation.Zero)]
    [InlineData(HostOperation.Log2Of10)]
    [InlineData(HostOperation.Log2OfE)]
    [InlineData(HostOperation.Pi)]
    [InlineData(HostOperation.Log10Of2)]
    [InlineData(HostOperation.LnOf2)]
    public void LoadsGiveWhatTheProcessorGives(HostOperation operation)
    {
        var requests = new List<HostRequest>();
        var random = new Random((int)operation);
        foreach (ushort control in X87Operands.MaskedControls.Concat(X87Operands.UnmaskedControls))
        {
            for (int i = 0; i < RandomOperands / 10; i++)
                requests.Add(new HostRequest(operation, control, LoadedBits(random, operation), default));
        }
        AssertSame(requests);
    }

    private static Float80 LoadedBits(Random random, HostOperation operation)
    {
        ulong bits = X87Operands.Bits(random);
        uint top = (uint)random.Next(0x10000);
        if (operation == HostOperation.FromPackedDecimal && random.Next(4) != 0)
        {
            for (int shift = 0; shift < 64; shift += 4)
                bits = bits & ~(0xfUL << shift) | (ulong)random.Next(10) << shift;
            top = top & 0x8000 | (uint)(random.Next(10) << 4 | random.Next(10));
        }
        // Exponents of zero and of all ones are too rare to wait for.
        int kind = random.Next(4);
        if (operation == HostOperation.FromSingle && kind < 2)
            bits = kind == 0 ? bits & ~0x7f80_0000UL : bits | 0x7f80_0000;
        if (operation == HostOperation.FromDouble && kind < 2)
            bits = kind == 0 ? bits & ~0x7ff0_0000_0000_0000UL : bits | 0x7ff0_0000_0000_0000;
        return new Float80(bits, (ushort)top);
    }

    /// <summary>The memory operand is the low bits; make any bits out of extended numbers that are not too odd.</summary>
    private static Float80 Operand(HostOperation operation, Float80 value)
    {
        if (operation < HostOperation.AddSingle)
            return value;
        bool isDouble = operation is HostOperation.AddDouble or HostOperation.DivideReversedDouble;
        var context = new X87Context(X87Context.InitialControl);
        ulong bits = isDouble ? X87Conversions.ToDouble(ref context, value) : X87Conversions.ToSingle(ref context, value);
        // A store makes signalling NaNs quiet: turn some back.
        if ((value.Significand & 2) != 0 && value.Kind >= Float80Kind.QuietNaN)
            bits = bits ^ 1UL << (isDouble ? 51 : 22) | 1;
        return new Float80(bits, 0x3fff);
    }

    private void AssertSame(List<HostRequest> requests)
    {
        HostReply[] replies = host.Run(requests);
        var report = new StringBuilder();
        int differences = 0;
        for (int i = 0; i < replies.Length; i++)
        {
            X87Outcome expected = X87Software.Of(requests[i].Operation, replies[i]);
            X87Outcome actual = X87Software.Run(requests[i]);
            if (expected == actual || ++differences > 20)
                continue;
            report.AppendLine(
                $"{requests[i].Operation} control {requests[i].Control:x3} {requests[i].A} {requests[i].B}\n"
                + $"  expected {expected.Status:x4} {expected.St0} {expected.St1} {expected.High:x4} {expected.Low:x16}\n"
                + $"  actual   {actual.Status:x4} {actual.St0} {actual.St1} {actual.High:x4} {actual.Low:x16}");
        }
        Assert.True(differences == 0, $"{differences} of {replies.Length} differ\n{report}");
    }
}
