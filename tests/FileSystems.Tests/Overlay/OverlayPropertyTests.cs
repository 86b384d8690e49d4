using FsCheck;
using FsCheck.Fluent;
using Kennel.FileSystems.Overlay;
using Kennel.FileSystems.Tests.Host;
using Kennel.FileSystems.Tmp;
using Kennel.Files;

namespace Kennel.FileSystems.Tests.Overlay;

/// <summary>Whatever is done to an overlay, it looks as a plain tmpfs does of which the same is done; and nothing below it changes.</summary>
public sealed class OverlayPropertyTests
{
    private static readonly Gen<(int, int, int, int)[]> Steps =
        Gen.ArrayOf(from a in Gen.Choose(0, 10) from p in Gen.Choose(0, 80) from o in Gen.Choose(0, 80) from n in Gen.Choose(0, 9999) select (a, p, o, n));

    [Fact]
    public void An_overlay_over_memory_behaves_as_a_plain_tree() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(400).WithStartSize(10).WithEndSize(120).WithReplay(7, 11),
            Prop.ForAll(Arb.From(Gen.Zip(Steps, Steps), Fewer), steps => Compare(steps.Item1, steps.Item2, onHost: false)));

    [Fact]
    public void An_overlay_over_the_host_behaves_as_a_plain_tree() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(100).WithStartSize(10).WithEndSize(80).WithReplay(3, 5),
            Prop.ForAll(Arb.From(Gen.Zip(Steps, Steps), Fewer), steps => Compare(steps.Item1, steps.Item2, onHost: true)));

    private static IEnumerable<((int, int, int, int)[], (int, int, int, int)[])> Fewer(((int, int, int, int)[] Before, (int, int, int, int)[] After) steps)
    {
        for (int i = 0; i < steps.Before.Length; i++) yield return (Without(steps.Before, i), steps.After);
        for (int i = 0; i < steps.After.Length; i++) yield return (steps.Before, Without(steps.After, i));
    }

    private static (int, int, int, int)[] Without((int, int, int, int)[] steps, int index) => [.. steps[..index], .. steps[(index + 1)..]];

    private static void Compare((int, int, int, int)[] before, (int, int, int, int)[] after, bool onHost)
    {
        using Kernel kernel = IdleMachine.Create();
        using HostDirectory? host = onHost ? new HostDirectory(kernel) : null;
        var plain = new TmpFileSystem(kernel, new TmpOptions { RootPermissions = 0x1ed });
        FileSystem lower = host == null ? new TmpFileSystem(kernel, new TmpOptions { RootPermissions = 0x1ed }) : host.Open(writable: true);
        Apply(before, plain.Root, lower.Root, kernel);
        string below = TreeDump.Of(lower.Root, kernel.Frames);

        var overlay = new OverlayFileSystem(new TmpFileSystem(kernel, new TmpOptions()), lower.Root, kernel.Vfs.NextDevice());
        Apply(after, plain.Root, overlay.Root, kernel);
        Assert.Equal(TreeDump.Of(plain.Root, kernel.Frames), TreeDump.Of(overlay.Root, kernel.Frames));
        Assert.Equal(below, TreeDump.Of(lower.Root, kernel.Frames));

        overlay.Dispose();
        plain.Dispose();
        lower.Dispose();
        Assert.Equal(0, kernel.Frames.InUse);
    }

    private static void Apply((int, int, int, int)[] steps, Inode expected, Inode actual, Kernel kernel)
    {
        foreach ((int, int, int, int) step in steps)
        {
            TreeOperation operation = TreeOperation.From(step);
            string wanted = operation.ApplyTo(expected, kernel.Frames), got = operation.ApplyTo(actual, kernel.Frames);
            Assert.True(wanted == got, $"{operation}: {wanted} on the plain tree, {got} on the other");
        }
    }
}
