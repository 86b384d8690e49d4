using System.Globalization;
using Kennel.Guest.Tests;
using Xunit;

namespace Kennel.Hosting.Tests.Lockstep;

/// <summary>
/// All guests of tests/Guest, run by both engines side by side. What they print is not looked at, as the time that they see is a virtual one.
/// Environment: KENNEL_LOCKSTEP (the part of all stretches that is compared; without it, only guests about the processor run), and <see cref="GuestSettings"/>.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class LockstepGuestTests(ITestOutputHelper output)
{
    private const double UsualPart = 1;

    // A guest that waits for what the clock does not bring is ended: what it did has been compared.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static readonly string? s_part = Environment.GetEnvironmentVariable("KENNEL_LOCKSTEP");

    public static TheoryData<string> Names => s_part == null ? GuestCatalog.Names("c/cpu/") : GuestCatalog.Names("");

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public async Task BothEnginesDoTheSame(string name)
    {
        GuestCase guest = GuestCatalog.Get(name);
        if (guest.Missing() is { } missing) Assert.Skip($"needs {missing}");
        if (guest.NeedsV3) Assert.Skip("the interpreter has no x86-64-v3");
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using var area = new ScratchArea(name);
        GuestCommand command = await area.PrepareAsync(guest, cancel);
        LockstepEngine? engine = null;
        double part = s_part == null ? UsualPart : double.Parse(s_part, CultureInfo.InvariantCulture);
        var options = new SandboxOptions
        {
            Seed = 5,
            Mounts = [new(command.Bin, command.Bin), new(command.Work, command.Work, SandboxMountMode.ReadWrite), new(command.Temporary, command.Temporary)],
            WorkingDirectory = command.Work,
            Environment = command.Environment,
            CustomEngine = (frames, processors) => engine = new LockstepEngine(frames, processors, part, counts: false),
        };
        await using (Sandbox sandbox = await Sandbox.CreateAsync(options, cancel))
        {
            await RunAsync(sandbox, command, cancel);
        }
        output.WriteLine($"{name}: {engine!.Compared}");
        Assert.True(engine.Differences.Count == 0, string.Join("\n", engine.Differences));
        Assert.NotEqual(0, engine.Compared.Stretches);
    }

    private static async Task RunAsync(Sandbox sandbox, GuestCommand command, CancellationToken cancel)
    {
        SandboxProcess process = await sandbox.StartAsync(new ProcessStartOptions(command.Program, command.Arguments), cancel);
        _ = process.StandardOutput!.CopyToAsync(Stream.Null, cancel); // not waited for: children that live on may hold them open
        _ = process.StandardError!.CopyToAsync(Stream.Null, cancel);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(s_patience);
        try
        {
            await using (Stream input = process.StandardInput!)
            {
                if (command.InputPath != null) await input.WriteAsync(await File.ReadAllBytesAsync(command.InputPath, cancel), patience.Token);
            }
            await process.WaitForExitAsync(patience.Token);
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            process.Kill();
            await process.WaitForExitAsync(cancel);
        }
    }
}
