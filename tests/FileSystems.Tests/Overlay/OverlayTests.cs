using Kennel.FileSystems.Overlay;
using Kennel.FileSystems.Tmp;
using Kennel.Files;

namespace Kennel.FileSystems.Tests.Overlay;

public sealed class OverlayTests : IDisposable
{
    private readonly Kernel _kernel = IdleMachine.Create();
    private readonly OverlayFileSystem _overlay;

    public OverlayTests() => _overlay = new OverlayFileSystem(Memory(), Memory().Root, _kernel.Vfs.NextDevice());

    public void Dispose() => _kernel.Dispose();

    private TmpFileSystem Memory() => new(_kernel, new TmpOptions());

    [Fact]
    public void Files_of_different_devices_below_never_look_the_same()
    {
        DeviceNumber one = new(8, 1), two = new(8, 2);
        Assert.Equal(_overlay.NumberOf(one, 5), _overlay.NumberOf(one, 5));
        Assert.NotEqual(_overlay.NumberOf(one, 5), _overlay.NumberOf(two, 5));
        Assert.NotEqual(_overlay.NumberOf(two, 5), _overlay.NextNumber());
    }

    [Fact]
    public void Listings_and_stat_tell_the_same_numbers()
    {
        TmpFileSystem below = Memory(), other = Memory();
        other.Root.Make("x");
        below.Root.Make("d", FileType.Directory).Make("f");
        var overlay = new OverlayFileSystem(Memory(), other.Root, _kernel.Vfs.NextDevice());
        overlay.ForLower(below.Root).Make("new");
        Inode root = overlay.ForLower(below.Root);
        root.ReadDirectory(InodeExtensions.NoTask, out IReadOnlyList<DirectoryEntry> entries);
        Assert.Equal(2, entries.Count);
        foreach (DirectoryEntry entry in entries) Assert.Equal(root.Find(entry.Name).Stat().Number, entry.Inode);
    }
}
