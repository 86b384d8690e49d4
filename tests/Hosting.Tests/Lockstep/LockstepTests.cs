using Xunit;

namespace Kennel.Hosting.Tests.Lockstep;

/// <summary>Real programs, run by both engines side by side.</summary>
public sealed class LockstepTests(ITestOutputHelper output)
{
    private const string Bash = """
        f() { local s=0 i; for ((i = 0; i < 60; i++)); do s=$((s * 7 % 1000 + i)); a[i % 9]+=$s; done; echo ${a[*]@Q} ${#a[@]} ${s/1/2}; }
        f
        [[ abc123 =~ ([a-z]+)([0-9]+) ]] && echo ${BASH_REMATCH[2]}
        for i in 5 3 9 1; do echo $i $((i * i)); done | sort -k2,2nr | sed -n 's/^\([0-9]\) /<\1> /p' | tr '<>' '[]'
        """;

    private const string Awk = """
        BEGIN {
            for (i = 0; i < 300; i++) { s[i % 7] += sin(i) * exp(i / 99) + log(i + 1); t = t sprintf("%d,%.3f;", i, sqrt(i)) }
            for (k in s) print k, s[k]
            print length(t), toupper(substr(t, 5, 9)), 2 ^ 0.5, int(7.9) % 4
        }
        """;

    private const string Python = """
        import json, re, hashlib, zlib, decimal, ctypes
        d = {str(i): [i, i / 7, {'a': i ** 3}] for i in range(200)}
        t = json.dumps(d)
        assert json.loads(t) == d
        print(len(re.findall(r'[0-9]+\.[0-9]*7', t)), hashlib.sha256(t.encode()).hexdigest(), zlib.crc32(zlib.compress(t.encode())))
        print(decimal.Decimal(2).sqrt(), sorted(d, reverse=True)[:3], float('1e300') * 1e-5, 10 ** 60 // 7 ** 20)
        values = (ctypes.c_int * 5)(5, 1, 4, 2, 3)
        compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0])
        ctypes.CDLL(None).qsort(values, 5, 4, compare)
        print(list(values))
        """;

    private const string Perl = """
        my %h; $h{$_ % 13} .= chr(65 + $_ % 26) for 1..500;
        print join(',', map { "$_=$h{$_}" } sort keys %h), sprintf(' %.6f', atan2(1, 2));
        $_ = 'x' x 50; s/x{3}/yz/g; print;
        """;

    private const string Gcc = """
        cd /tmp
        echo 'int f(int n) { return n < 2 ? n : f(n - 1) + f(n - 2); } int main(void) { return f(10) != 55; }' > a.c
        gcc -O2 a.c && ./a.out && echo ok
        """;

    private const string Gzip = "cat /bin/true /etc/passwd | gzip -9 | gunzip | sha256sum";

    // The part of the stretches that is compared, and the command.
    private static readonly Dictionary<string, (double Part, string[] Command)> s_programs = new()
    {
        ["bash"] = (1, ["bash", "-c", Bash]),
        ["awk"] = (1, ["awk", Awk]),
        ["python"] = (0.5, ["python3", "-c", Python]),
        ["perl"] = (1, ["perl", "-e", Perl]),
        ["gcc"] = (0.1, ["sh", "-c", Gcc]),
        ["gzip"] = (0.5, ["sh", "-c", Gzip]),
    };

    public static TheoryData<string> Programs => [.. s_programs.Keys];

    [Theory]
    [MemberData(nameof(Programs))]
    public Task BothEnginesDoTheSame(string program) => Compare(program, counts: false);

    [Theory]
    [MemberData(nameof(Programs))]
    public Task AndCountTheSame(string program) => Compare(program, counts: true);

    private async Task Compare(string program, bool counts)
    {
        (double part, string[] command) = s_programs[program];
        LockstepEngine? engine = null;
        var options = new SandboxOptions
        {
            Seed = 5,
            CustomEngine = (frames, processors) => engine = new LockstepEngine(frames, processors, part, counts),
        };
        await using Sandbox sandbox = await Sandbox.CreateAsync(options, TestContext.Current.CancellationToken);
        CapturedText result = await sandbox.RunAndCaptureTextAsync(command[0], command[1..], cancellationToken: TestContext.Current.CancellationToken);
        output.WriteLine($"{program}: {engine!.Compared}");
        Assert.True(engine.Differences.Count == 0, string.Join("\n", engine.Differences));
        Assert.Equal((0, ""), (result.ExitCode, result.StandardError));
        Assert.True(engine.Compared.Instructions > 100_000);
    }
}
