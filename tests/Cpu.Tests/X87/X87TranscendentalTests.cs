using System.Globalization;
using System.Text;
using Kennel.Cpu.X87;

namespace Kennel.Cpu.Tests.X87;

/// <summary>
/// The transcendental functions: their special cases are those of the processor, and ordinary results are the correctly
/// rounded ones, from which processors stray now and then, but never by more than one in the last place.
/// </summary>
public sealed class X87TranscendentalTests(HostX87 host, ITestOutputHelper output)
{
    private const int RandomOperands = 10_000;
    private const int WithoutC1 = ~(int)X87Conditions.C1;

    [Theory]
    [InlineData(HostOperation.F2xm1)]
    [InlineData(HostOperation.Fyl2x)]
    [InlineData(HostOperation.Fyl2xp1)]
    [InlineData(HostOperation.Fpatan)]
    [InlineData(HostOperation.Fsin)]
    [InlineData(HostOperation.Fcos)]
    [InlineData(HostOperation.Fptan)]
    [InlineData(HostOperation.Fsincos)]
    public void EdgesAreTheProcessorsToTheLastPlace(HostOperation operation)
    {
        List<Float80> edges = X87Operands.Edges;
        bool two = operation is HostOperation.Fyl2x or HostOperation.Fyl2xp1 or HostOperation.Fpatan;
        var requests = new List<HostRequest>();
        foreach (ushort control in X87Operands.MaskedControls.Concat(X87Operands.UnmaskedControls))
        {
            foreach (Float80 a in edges)
            {
                foreach (Float80 b in two ? edges : [default])
                    requests.Add(new HostRequest(operation, control, a, b));
            }
        }
        CountNeighbours(requests);
    }

    [Theory]
    [InlineData(HostOperation.F2xm1, -30, -1)]
    [InlineData(HostOperation.F2xm1, -70, -1)]
    [InlineData(HostOperation.Fyl2x, -3, 3)]
    [InlineData(HostOperation.Fyl2x, -16000, 16000)]
    [InlineData(HostOperation.Fyl2xp1, -70, -3)]
    [InlineData(HostOperation.Fpatan, -3, 3)]
    [InlineData(HostOperation.Fpatan, -16000, 16000)]
    [InlineData(HostOperation.Fsin, -70, 62)]
    [InlineData(HostOperation.Fcos, -70, 62)]
    [InlineData(HostOperation.Fptan, -70, 62)]
    [InlineData(HostOperation.Fsincos, -3, 3)]
    public void ProcessorsSeldomStrayFromTheCorrectlyRounded(HostOperation operation, int lowest, int highest)
    {
        var random = new Random((int)operation);
        var requests = new List<HostRequest>();
        for (int i = 0; i < RandomOperands; i++)
        {
            Float80 a = X87Operands.Number(random, lowest, highest);
            requests.Add(new HostRequest(
                operation,
                X87Context.InitialControl,
                operation == HostOperation.Fyl2x ? a.Abs() : a,
                X87Operands.Number(random, lowest, highest)));
        }
        double rate = (double)CountNeighbours(requests) / RandomOperands;
        output.WriteLine($"{operation}: {rate:P2}");
        Assert.InRange(rate, 0, 0.10);
    }

    /// <summary>Each line: instruction, control word, ST(0), ST(1), result, C1; computed with mpmath to 320 bits.</summary>
    [Fact]
    public void ResultsAreCorrectlyRounded()
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "X87", "transcendentals.txt"));
        Assert.True(lines.Length > 500);
        foreach (string line in lines)
        {
            string[] fields = line.Split(' ');
            ushort control = ushort.Parse(fields[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var operation = Enum.Parse<HostOperation>(fields[0], ignoreCase: true);
            X87Outcome actual = X87Software.Run(new HostRequest(operation, control, Parse(fields[2]), Parse(fields[3])));
            Float80 result = operation == HostOperation.Fptan ? actual.St1 : actual.St0;
            bool up = (actual.Status & (int)X87Conditions.C1) != 0;
            Assert.Equal(line, string.Join(' ', [.. fields[..4], result.ToString(), up ? "1" : "0"]));
        }
    }

    private static Float80 Parse(string text) =>
        new(
            ulong.Parse(text.AsSpan(5), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            ushort.Parse(text.AsSpan(0, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    /// <summary>How many results are next to the processor's; fails if any is neither that nor equal.</summary>
    private int CountNeighbours(List<HostRequest> requests)
    {
        HostReply[] replies = host.Run(requests);
        var report = new StringBuilder();
        int neighbours = 0;
        int differences = 0;
        for (int i = 0; i < replies.Length; i++)
        {
            X87Outcome expected = X87Software.Of(requests[i].Operation, replies[i]);
            X87Outcome actual = X87Software.Run(requests[i]);
            if (expected == actual || !host.IsAmd && !IsDefined(requests[i]))
                continue;
            if (expected.St0 != actual.St0 || expected.St1 != actual.St1)
                neighbours++;
            // C1 tells on which side the processor's own approximation lay.
            if (AreNeighbours(expected.St0, actual.St0) && AreNeighbours(expected.St1, actual.St1)
                && (expected.Status & WithoutC1) == (actual.Status & WithoutC1) || ++differences > 20)
            {
                continue;
            }
            report.AppendLine(
                $"{requests[i].Operation} control {requests[i].Control:x3} {requests[i].A} {requests[i].B}\n"
                + $"  expected {expected.Status:x4} {expected.St0} {expected.St1}\n"
                + $"  actual   {actual.Status:x4} {actual.St0} {actual.St1}");
        }
        Assert.True(differences == 0, $"{differences} of {replies.Length} differ\n{report}");
        return neighbours;
    }

    /// <summary>Whether the manual defines the result; where it does not, it is that of the processors measured.</summary>
    private static bool IsDefined(HostRequest request)
    {
        int exponent = request.A.SignExponent & 0x7fff;
        return request.Operation switch
        {
            HostOperation.F2xm1 => exponent < 0x3fff,
            HostOperation.Fyl2xp1 => exponent < 0x3ffd,
            _ => true,
        };
    }

    /// <summary>Equal, or next to each other and of one sign.</summary>
    private static bool AreNeighbours(Float80 a, Float80 b) =>
        a == b || a.IsNegative == b.IsNegative && a.Kind < Float80Kind.Infinity && b.Kind < Float80Kind.Infinity
        && Int128.Abs(Order(a) - Order(b)) == 1;

    private static Int128 Order(Float80 value) =>
        ((Int128)(value.SignExponent & 0x7fff) << 63) + (Int128)(value.Significand & long.MaxValue);
}
