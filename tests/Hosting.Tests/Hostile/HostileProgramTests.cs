using Xunit;

namespace Kennel.Hosting.Tests.Hostile;

/// <summary>Programs that mean harm: random calls, greed.</summary>
public sealed class HostileProgramTests(HostileGuests guests) : IClassFixture<HostileGuests>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Random_system_calls_of_root_are_no_kernel_fault()
    {
        await using Sandbox sandbox = await guests.SandboxAsync(new SandboxOptions { UserId = 0, ProcessLimit = 200, MemoryLimit = 1L << 30 });
        await sandbox.RunAndCaptureTextAsync("/guest/random", ["5", "5000"], cancellationToken: Cancel);
        sandbox.AssertNoOops();
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
