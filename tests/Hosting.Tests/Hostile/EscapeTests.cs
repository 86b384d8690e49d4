using Xunit;

namespace Kennel.Hosting.Tests.Hostile;

/// <summary>Nothing outside of the view can be read or written, whichever way a guest takes.</summary>
public sealed class EscapeTests(HostileGuests guests) : IClassFixture<HostileGuests>, IDisposable
{
    private const string Secret = "the canary sings";

    private readonly string _outside = Directory.CreateTempSubdirectory("kennel-outside-").FullName;
    private readonly string _inside = Directory.CreateTempSubdirectory("kennel-inside-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SandboxMountMode.Overlay)]
    [InlineData(SandboxMountMode.ReadOnly)]
    [InlineData(SandboxMountMode.ReadWrite)]
    public async Task The_canary_stays_out_of_reach(SandboxMountMode mode)
    {
        string canary = Path.Combine(_outside, "canary");
        await File.WriteAllTextAsync(canary, Secret, Cancel);
        File.CreateSymbolicLink(Path.Combine(_inside, "absolute"), canary);
        File.CreateSymbolicLink(Path.Combine(_inside, "relative"), $"../{Path.GetFileName(_outside)}/canary");
        File.CreateSymbolicLink(Path.Combine(_inside, "directory"), _outside);
        await using Sandbox sandbox = await guests.SandboxAsync(new SandboxOptions { UserId = 0, Mounts = [new SandboxMount(_inside, "/data", mode)] });
        CapturedText result = await sandbox.RunAndCaptureTextAsync("/guest/escape", [canary], cancellationToken: Cancel);
        sandbox.AssertNoOops();
        Assert.EndsWith("end\n", result.StandardOutput);
        Assert.DoesNotContain(Secret, result.StandardOutput);
        Assert.DoesNotContain("wrote", result.StandardOutput);
        Assert.Equal(Secret, await File.ReadAllTextAsync(canary, Cancel));
        Assert.Equal(["canary"], Directory.GetFileSystemEntries(_outside).Select(Path.GetFileName));
    }

    public void Dispose()
    {
        Directory.Delete(_inside, recursive: true);
        Directory.Delete(_outside, recursive: true);
    }
}
