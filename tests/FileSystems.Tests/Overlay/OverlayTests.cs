using Kennel.Abi;
using Kennel.FileSystems.Overlay;
using Kennel.FileSystems.Tests.Host;
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
    public void A_file_that_the_host_does_not_give_is_refused_when_it_is_opened()
    {
        using var host = new HostDirectory(_kernel);
        string path = host.Write("f", "x");
        var overlay = new OverlayFileSystem(Memory(), host.Open().Root, _kernel.Vfs.NextDevice());
        Inode file = overlay.Root.Find("f");
        File.Delete(path);
        Assert.Equal(Errno.ENOENT, file.TryOpen(OpenFlags.ReadOnly).Error);
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
