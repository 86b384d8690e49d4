using Kennel.Abi;
using Kennel.Files;
using Kennel.Probes;

namespace Kennel.Views;

/// <summary>Open files as tracing names them.</summary>
internal static class FileNames
{
    /// <summary>The path in the guest, as the task's root directory shows it; for a nameless file what /proc/self/fd shows: pipe:[7].</summary>
    public static string Of(OpenFile file, FsContext? fs) =>
        file.Path is not { } place ? file.Description : PathName.Of(place, fs?.Root ?? Top(place));

    /// <summary>A place's path.</summary>
    public static string Of(VfsPath place, FsContext? fs) => PathName.Of(place, fs?.Root ?? Top(place));

    public static TracedFile Describe(OpenFile file, FsContext? fs)
    {
        (string fileSystem, string mountPoint) = file.Path is { } place ? Mounted(place, fs) : ("anon_inodefs", "");
        return new TracedFile(Of(file, fs), file.IsSeekable ? file.Position : 0, (int)file.Flags, fileSystem, mountPoint, DeviceOf(file));
    }

    /// <summary>A directory that is no open file.</summary>
    public static TracedFile Describe(VfsPath place, FsContext fs)
    {
        (string fileSystem, string mountPoint) = Mounted(place, fs);
        return new TracedFile(Of(place, fs), 0, 0, fileSystem, mountPoint, null);
    }

    private static (string FileSystem, string MountPoint) Mounted(VfsPath place, FsContext? fs) =>
        (place.Mount.FileSystem.TypeName, place.Mount.MountPoint is { } point ? Of(new VfsPath(place.Mount.Parent!, point), fs) : "/");

    private static string? DeviceOf(OpenFile file)
    {
        if (file.GetAttributes(out InodeAttributes a) != Errno.None || a.Type is not (FileType.CharacterDevice or FileType.BlockDevice)) return null;
        return $"{(a.Type == FileType.CharacterDevice ? "char" : "block")} {a.RawDevice.Major}:{a.RawDevice.Minor}";
    }

    private static VfsPath Top(VfsPath place)
    {
        Mount top = place.Mount;
        while (top.Parent != null) top = top.Parent;
        return new VfsPath(top, top.Root);
    }
}
