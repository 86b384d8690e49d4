using Xunit;

namespace Kennel.Hosting.Tests.Hostile;

/// <summary>Programs that mean harm: random calls, clones and code; greed.</summary>
public sealed class HostileProgramTests(HostileGuests guests) : IClassFixture<HostileGuests>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 0u)]
    [InlineData(2, 0u)]
    [InlineData(1, 1000u)]
    [InlineData(2, 1000u)]
    public async Task Random_system_calls_do_no_harm(int seed, uint user)
    {
        int children = 160 * HostileGuests.Soak;
        await using Sandbox sandbox = await guests.SandboxAsync(new SandboxOptions { UserId = 0, ProcessLimit = 200, MemoryLimit = 1L << 30 });
        int before = await sandbox.WarmUpAsync(Cancel);
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("/guest/random", [$"{seed}", $"{children}", $"{user}"], cancellationToken: Cancel);
        sandbox.AssertNoOops();
        string[] lines = result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((0, 1), (result.ExitCode, lines.Length)); // more lines are results that no call may give
        int[] counts = [.. lines[0].Split(' ').Select(int.Parse)];
        Assert.Equal(children, counts[0]);
        Assert.True(counts[1] > children * 40, $"{counts[1]} calls of {children} children");
        await sandbox.AssertSoundAsync(before, Cancel);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - heap, long.MinValue, 128 << 20); // other tests run meanwhile
    }

    [Fact]
    public async Task Random_system_calls_on_several_processors_do_no_harm()
    {
        string script = $"for u in 1001 1002 1003; do /guest/random $u {40 * HostileGuests.Soak} $u & done; wait";
        await using Sandbox sandbox = await guests.SandboxAsync(new SandboxOptions { UserId = 0, Processors = 3, ProcessLimit = 400, MemoryLimit = 1L << 30 }, virtualTime: false);
        int before = await sandbox.WarmUpAsync(Cancel);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("/bin/sh", ["-c", script], cancellationToken: Cancel);
        sandbox.AssertNoOops();
        string[] lines = result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.All(lines, l => Assert.StartsWith($"{40 * HostileGuests.Soak} ", l));
        await sandbox.AssertSoundAsync(before, Cancel);
    }

    [Theory]
    [InlineData(1, 0u)]
    [InlineData(2, 1000u)]
    public async Task Clones_with_wild_pointers_do_no_harm(int seed, uint user)
    {
        int children = 400 * HostileGuests.Soak;
        await using Sandbox sandbox = await guests.SandboxAsync(new SandboxOptions { UserId = user, ProcessLimit = 200 });
        int before = await sandbox.WarmUpAsync(Cancel);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("/guest/clones", [$"{seed}", $"{children}"], cancellationToken: Cancel);
        sandbox.AssertNoOops();
        Assert.StartsWith($"{children} ", result.StandardOutput);
        await sandbox.AssertSoundAsync(before, Cancel);
    }

    [Fact]
    public async Task Random_bytes_as_code_do_no_harm()
    {
        int children = 300 * HostileGuests.Soak;
        await using Sandbox sandbox = await guests.SandboxAsync(new SandboxOptions { UserId = 1000, ProcessLimit = 200, MemoryLimit = 1L << 30 });
        int before = await sandbox.WarmUpAsync(Cancel);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("/guest/code", ["1", $"{children}"], cancellationToken: Cancel);
        sandbox.AssertNoOops();
        Assert.Equal(new CapturedText(0, $"{children}\n", ""), result);
        await sandbox.AssertSoundAsync(before, Cancel);
    }

    [Theory]
    [InlineData("getrandom")]
    [InlineData("mincore")]
    [InlineData("move_pages")]
    public async Task Calls_of_enormous_size_can_be_killed(string call)
    {
        const long limit = 1L << 30; // would be reached, if the call went on
        await using Sandbox sandbox = await guests.SandboxAsync(new SandboxOptions { MemoryLimit = limit }, virtualTime: false);
        int before = await sandbox.WarmUpAsync(Cancel);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("/guest/endless", [call], cancellationToken: Cancel);
        Assert.Equal(new CapturedText(0, "killed\n", ""), result);
        Assert.InRange(sandbox.Statistics.PeakMemory, 0, limit * 3 / 4);
        await sandbox.AssertSoundAsync(before, Cancel);
    }

    [Fact]
    public async Task A_fork_bomb_meets_the_limit()
    {
        await using Sandbox sandbox = await guests.SandboxAsync(new SandboxOptions { ProcessLimit = 100 });
        int before = await sandbox.WarmUpAsync(Cancel);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("/guest/greed", ["fork"], cancellationToken: Cancel);
        Assert.Equal(new CapturedText(0, "EAGAIN\n", ""), result);
        await sandbox.AssertSoundAsync(before, Cancel);
    }

    [Fact]
    public async Task A_memory_hog_meets_the_limit()
    {
        await using Sandbox sandbox = await guests.SandboxAsync(new SandboxOptions { MemoryLimit = 64 << 20 });
        int before = await sandbox.WarmUpAsync(Cancel);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("/guest/greed", ["memory"], cancellationToken: Cancel);
        Assert.Contains(result.ExitCode, (int[])[12, 137]);
        Assert.True(sandbox.Statistics.PeakMemory <= 64 << 20);
        await sandbox.AssertSoundAsync(before, Cancel);
    }

    [Fact]
    public async Task Huge_arguments_and_deep_paths_get_their_errors()
    {
        const string Script = """
            /bin/echo $(seq 1 20000) | wc -c
            /bin/echo $(seq 1 500000) >/dev/null 2>&1; echo $?
            cd /tmp; ln -s loop loop; cat loop 2>&1
            ln -s . s0; i=0; while [ $i -lt 45 ]; do ln -s s$i s$((i+1)); i=$((i+1)); done
            ls -d s30/; ls -d s45/ 2>&1
            p=x; i=0; while [ $i -lt 9 ]; do p=$p$p$p; i=$((i+1)); done; cat $p 2>&1 | tail -c 19
            """;
        string native = "108894\n126\ncat: loop: Too many levels of symbolic links\ns30/\nls: cannot access 's45/': Too many levels of symbolic links\nFile name too long\n";
        await using Sandbox sandbox = await guests.SandboxAsync();
        int before = await sandbox.WarmUpAsync(Cancel);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("/bin/sh", ["-c", Script], cancellationToken: Cancel);
        Assert.Equal(native, result.StandardOutput);
        await sandbox.AssertSoundAsync(before, Cancel);
    }
}
