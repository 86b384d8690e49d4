namespace Kennel.Guest.Tests;

/// <summary>Runs a guest natively and inside Kennel and asserts that nothing that can be observed differs.</summary>
public abstract class GuestArea
{
    private static readonly TimeSpan NativeTimeout = TimeSpan.FromSeconds(120);

    // What a guest exits with when the host does not let it do what it is about.
    private const int SkipStatus = 77;

    /// <summary>The whole test of one guest.</summary>
    protected static async Task CompareAsync(string name)
    {
        GuestCase guest = GuestCatalog.Get(name);
        if (guest.Missing() is { } missing)
            Assert.Skip($"needs {missing}");

        CancellationToken cancel = TestContext.Current.CancellationToken;
        using var area = new ScratchArea(name);
        GuestCommand command = await area.PrepareAsync(guest, cancel);
        var native = new NativeRunner();
        GuestResult expected = await native.RunAsync(command, NativeTimeout, cancel);
        if (expected.Status == SkipStatus)
            Assert.Skip(expected.Tail().Trim());
        AssertSound(guest, expected);

        int repeats = GuestSettings.NativeOnly;
        if (repeats > 0)
        {
            for (int i = 1; i < repeats; i++)
            {
                await area.PrepareAsync(guest, cancel);
                AssertEqual(expected, await native.RunAsync(command, NativeTimeout, cancel), "another native run", null);
            }
            return;
        }

        await area.PrepareAsync(guest, cancel);
        IGuestRunner kennel = GuestSettings.Kennel;
        GuestResult actual = await kennel.RunAsync(command, guest.Timeout * GuestSettings.Patience, cancel);
        AssertEqual(expected, actual, "kennel", area.KernelLog);
    }

    // A guest that fails natively proves nothing inside.
    private static void AssertSound(GuestCase guest, GuestResult native)
    {
        if (native.TimedOut || native.Status != guest.Status)
            Assert.Fail($"{guest.Name} is broken: natively it {native.Ending} instead of ending with status {guest.Status}\n{native.Tail()}");
        if (native.LeftInTemporary.Length > 0)
            Assert.Fail($"{guest.Name} is broken: natively it leaves files in TMPDIR: {native.LeftInTemporary}");
    }

    // The first oops is the cause of whatever comes after it; without one the last lines say most.
    private static string Excerpt(string[] log)
    {
        int oops = Array.FindIndex(log, line => line.Contains("Oops", StringComparison.Ordinal));
        return oops >= 0
            ? "kernel log has an oops:\n" + string.Join('\n', log.Skip(oops).Take(12))
            : "kernel log ends with:\n" + string.Join('\n', log.TakeLast(12));
    }

    private static void AssertEqual(GuestResult expected, GuestResult actual, string who, string? kernelLog)
    {
        List<string> differences = [];
        if (actual.TimedOut || actual.Status != expected.Status)
            differences.Add($"natively it {expected.Ending}, in {who} it {actual.Ending}");
        GuestDiff.Add(differences, "standard output", expected.Output, actual.Output, who);
        GuestDiff.Add(differences, "standard error", expected.Error, actual.Error, who);
        GuestDiff.Add(differences, "files left", expected.Files, actual.Files, who);
        if (differences.Count == 0)
            return;
        if (kernelLog is not null && File.Exists(kernelLog))
            differences.Add(Excerpt(File.ReadAllLines(kernelLog)));
        Assert.Fail(string.Join("\n\n", differences));
    }
}
