using System.Text;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Syscalls;
using Xunit;

namespace Kennel.Hosting.Tests.Hostile;

/// <summary>Bad pointers in every pointer argument of every system call: an errno or success, never a kernel fault.</summary>
public sealed class WildPointerTests(HostileGuests guests) : IClassFixture<HostileGuests>
{
    private const ulong Good = 0x1000_0000;
    private const ulong ReadOnly = 0x2000_0000;

    private static readonly ulong[] Bad =
        [0, 1, 0x7000_0000, ReadOnly, 0x3000_0ffe, 0x8000_0000_0000_0000, 0xffff_8000_0000_1000, 0x7fff_ffff_fff8, ulong.MaxValue];

    // What descriptors (see wild.c) and numbers are meanwhile.
    private static readonly (ulong Fd, ulong Number)[] Others = [(20, 8), (21, 1), (22, 64), (23, 0), (24, 0x1000)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Are_never_a_kernel_fault(int others)
    {
        await using Sandbox sandbox = await guests.SandboxAsync();
        int before = await sandbox.WarmUpAsync(Cancel);
        List<(SyscallInfo Call, ulong[] Arguments)> cases = [.. Cases(Others[others])];
        string input = string.Concat(cases.Select(c => Line(c.Call.Number, c.Arguments)));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(12));
        CapturedText result = await sandbox.RunAndCaptureTextAsync("/guest/wild", [], input, limit.Token);
        sandbox.AssertNoOops();
        string[] lines = result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        (SyscallInfo call, ulong[] last) = cases[Math.Min(lines.Length - 1, cases.Count - 1)];
        Assert.True(lines[^1] == "end", $"exit code {result.ExitCode} at {Describe(call.Number, last)} after {lines.Length} of {cases.Count}");
        Assert.Equal(cases.Count, lines.Length - 1);
        await sandbox.AssertSoundAsync(before, Cancel);
    }

    [Fact]
    public async Task Give_what_they_give_natively()
    {
        string input = string.Concat(Known.Select(k => Line(k.Number, k.Arguments)));
        string native = HostileGuests.Run(guests.Native("wild"), [], input);
        await using Sandbox sandbox = await guests.SandboxAsync();
        CapturedText inside = await sandbox.RunAndCaptureTextAsync("/guest/wild", [], input, Cancel);
        Assert.Empty(Differences(native, inside.StandardOutput));
    }

    // Calls that do nothing to the host when they work after all, by number and arguments; W is where the bad pointer goes.
    private const ulong W = 0xdead_0000;

    private static readonly (int Number, ulong[] Template)[] KnownCalls =
    [
        (0, [20, W, 8]), (1, [20, W, 8]), (2, [W, 0]), (4, [W, Good]), (4, [Good, W]), (5, [20, W]), (6, [W, Good]),
        (7, [W, 1, 0]), (13, [10, W, 0, 8]), (13, [10, 0, W, 8]), (14, [0, W, 0, 8]), (14, [0, 0, W, 8]), (16, [20, 0x541b, W]),
        (17, [20, W, 8, 0]), (18, [20, W, 8, 0]), (19, [20, W, 1]), (20, [20, W, 1]), (21, [W, 0]), (22, [W]), (23, [1, W, 0, 0, 0]),
        (35, [W, 0]), (36, [0, W]), (38, [0, W, 0]), (45, [21, W, 2, 0x40]), (46, [21, W, 0x40]), (47, [21, W, 0x40]), (51, [21, W, Good]),
        (51, [21, Good, W]), (53, [1, 1, 0, W]), (55, [21, 1, 3, W, Good]), (59, [W, 0, 0]), (61, [0, W, 1]), (63, [W]), (72, [20, 5, W]),
        (79, [W, 64]), (80, [W]), (89, [W, Good, 8]), (96, [W, 0]), (97, [7, W]), (98, [0, W]), (99, [W]), (100, [W]), (118, [W, Good, Good]),
        (125, [W, Good]), (131, [0, W]), (137, [W, Good]), (138, [20, W]), (186, []), (202, [W, 129, 0]), (204, [0, 128, W]), (217, [24, W, 1000]),
        (228, [1, W]), (229, [1, W]), (230, [1, 0, W, 0]), (232, [23, W, 4, 0]), (233, [23, 1, 22, W]), (257, [24, W, 0]), (262, [24, W, Good, 0]),
        (267, [24, W, Good, 8]), (270, [1, W, 0, 0, 0, 0]), (271, [W, 1, 0, 0, 8]), (283, [1, 0]), (293, [W, 0]), (302, [0, 7, 0, W]),
        (307, [21, W, 1, 0x40]), (318, [W, 8, 0]), (332, [24, W, 0, 0x7ff, Good]),
    ];

    private static IEnumerable<(int Number, ulong[] Arguments)> Known =>
        from k in KnownCalls
        from bad in Bad
        select (k.Number, k.Template.Select(a => a == W ? bad : a).ToArray());

    private static IEnumerable<(SyscallInfo, ulong[])> Cases((ulong Fd, ulong Number) others)
    {
        foreach (SyscallInfo call in SyscallTable.All)
        {
            ulong[] usual = [.. call.Parameters.Select(p => p.Type == typeof(Fd) ? others.Fd : IsPointer(p.Type) ? Good : others.Number)];
            for (int i = 0; i < usual.Length; i++)
            {
                if (!IsPointer(call.Parameters[i].Type)) continue;
                foreach (ulong bad in Bad)
                {
                    var arguments = (ulong[])usual.Clone();
                    arguments[i] = bad;
                    yield return (call, arguments);
                }
            }
        }
    }

    private static bool IsPointer(Type type) =>
        type == typeof(UserString) || type == typeof(GuestAddress) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(UserPtr<>));

    private static string Line(int number, ulong[] arguments)
    {
        var text = new StringBuilder($"{number:x}");
        for (int i = 0; i < 6; i++) text.Append($" {(i < arguments.Length ? arguments[i] : 0):x}");
        return text.Append('\n').ToString();
    }

    // Where results differ: the call, and what it gave there and here.
    private static string[] Differences(string native, string inside)
    {
        string[] expected = native.Split('\n'), actual = inside.Split('\n');
        return [.. Known.Select((k, i) => (k, Expected: expected.ElementAtOrDefault(i), Actual: actual.ElementAtOrDefault(i)))
            .Where(x => x.Expected != x.Actual)
            .Select(x => $"{Describe(x.k.Number, x.k.Arguments)} = {x.Expected}, here {x.Actual}\n")];
    }

    private static string Describe(int number, ulong[] arguments) =>
        $"{SyscallTable.All.First(c => c.Number == number).Name}({string.Join(", ", arguments.Select(a => a.ToString("x")))})";
}
