using System.Formats.Tar;
using System.IO.Compression;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.FileSystems.Host;
using Kennel.FileSystems.Tmp;
using Kennel.Machine;

namespace Kennel.FileSystems.Tar;

/// <summary>
/// Unpacks a tar file (ustar, pax, GNU; plain or gzip) into memory: a root file system without a place on the host's disk. Modes,
/// owners, times, links, FIFOs and device nodes come along. Names that would leave the tree are refused.
/// </summary>
public sealed class TarTree
{
    private readonly Kernel _kernel;
    private readonly TmpFileSystem _target;
    private readonly byte[] _page = new byte[FramePool.FrameSize];

    // Times of directories are set last: filling them moves their times.
    private readonly List<(Inode Directory, long Time)> _directories = [];

    private TarTree(Kernel kernel)
    {
        _kernel = kernel;
        _target = new TmpFileSystem(kernel, new TmpOptions { RootPermissions = 0x1ed });
    }

    /// <summary>Unpacks a file of the host.</summary>
    /// <exception cref="IOException">It cannot be read, or its content does not fit into the machine's memory.</exception>
    /// <exception cref="InvalidDataException">It is not a tar file, or a damaged one, or a name in it leads outside.</exception>
    public static TmpFileSystem Load(Kernel kernel, string hostPath)
    {
        using FileStream file = File.OpenRead(hostPath);
        return Load(kernel, file);
    }

    /// <summary>Unpacks a stream that can seek.</summary>
    /// <exception cref="IOException">It cannot be read, or its content does not fit into the machine's memory.</exception>
    /// <exception cref="InvalidDataException">It is not a tar file, or a damaged one, or a name in it leads outside.</exception>
    public static TmpFileSystem Load(Kernel kernel, Stream stream)
    {
        var tree = new TarTree(kernel);
        try
        {
            using Stream plain = IsGzip(stream) ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : stream;
            using var reader = new TarReader(plain, leaveOpen: true);
            while (reader.GetNextEntry() is { } entry) tree.Add(entry);
            tree.SetTimes();
            return tree._target;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException or NotSupportedException)
        {
            tree._target.Dispose();
            if (e is IOException or InvalidDataException) throw;
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static bool IsGzip(Stream stream)
    {
        bool gzip = stream.ReadByte() == 0x1f && stream.ReadByte() == 0x8b;
        stream.Position = 0;
        return gzip;
    }

    private void Add(TarEntry entry)
    {
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes) return;
        string[] names = Split(entry.Name);
        if (names.Length == 0)
        {
            SetAttributes(_target.Root, entry);
            return;
        }
        Inode parent = FindParent(names);
        string name = names[^1];
        Credential owner = Credential.For((uint)entry.Uid, (uint)entry.Gid);
        Inode? there = parent.Lookup(name, out Inode? found) == Errno.None ? found : null;
        if (there != null && !(there.IsDirectory && entry.EntryType == TarEntryType.Directory)) Replace(parent, name, there);
        else if (there != null)
        {
            SetAttributes(there, entry);
            return;
        }
        Inode? made = Make(parent, name, entry, owner);
        if (made == null) return;
        if (entry.DataStream != null) Fill(made, entry);
        SetAttributes(made, entry);
    }

    private Inode? Make(Inode parent, string name, TarEntry entry, Credential owner)
    {
        uint mode = (uint)entry.Mode;
        Inode? made = null;
        Errno error;
        switch (entry.EntryType)
        {
            case TarEntryType.HardLink:
                error = parent.Link(name, Find(entry.LinkName));
                break;
            case TarEntryType.SymbolicLink:
                error = parent.Symlink(name, HostName.ToGuest(entry.LinkName), owner, out made);
                break;
            case TarEntryType.CharacterDevice or TarEntryType.BlockDevice:
                var device = new DeviceNumber((uint)((PosixTarEntry)entry).DeviceMajor, (uint)((PosixTarEntry)entry).DeviceMinor);
                FileType type = entry.EntryType == TarEntryType.CharacterDevice ? FileType.CharacterDevice : FileType.BlockDevice;
                error = parent.Create(name, type, mode, device, owner, out made);
                break;
            case TarEntryType.Directory:
                error = parent.Create(name, FileType.Directory, mode, default, owner, out made);
                break;
            case TarEntryType.Fifo:
                error = parent.Create(name, FileType.Fifo, mode, default, owner, out made);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                error = parent.Create(name, FileType.Regular, mode, default, owner, out made);
                break;
            default:
                _kernel.Log.Write($"tar: {entry.Name}: entries of type {entry.EntryType} are left out");
                return null;
        }
        if (error != Errno.None) throw new IOException($"{entry.Name}: {error}");
        return made;
    }

    private unsafe void Fill(Inode file, TarEntry entry)
    {
        long size = entry.Length;
        Errno error = file.Pages!.Resize(size);
        for (long at = 0; at < size && error == Errno.None; at += FramePool.FrameSize)
        {
            int length = (int)Math.Min(FramePool.FrameSize, size - at);
            entry.DataStream!.ReadExactly(_page, 0, length);
            if (!_page.AsSpan(0, length).ContainsAnyExcept((byte)0)) continue; // stays a hole
            error = file.Pages.GetPage(at >> FramePool.FrameShift, forWrite: true, out int frame);
            if (error == Errno.None) _page.AsSpan(0, length).CopyTo(new Span<byte>(_kernel.Frames.Pointer(frame), length));
        }
        if (error != Errno.None) throw new IOException($"{entry.Name} does not fit into the sandbox's memory: {error}");
    }

    private void SetAttributes(Inode inode, TarEntry entry)
    {
        long time = (entry.ModificationTime.ToUniversalTime() - DateTimeOffset.UnixEpoch).Ticks * 100;
        uint? permissions = inode.Type == FileType.SymbolicLink ? null : (uint)entry.Mode;
        inode.SetAttributes(new AttributeChange
        {
            Permissions = permissions,
            Uid = (uint)entry.Uid,
            Gid = (uint)entry.Gid,
            ModifyTime = time,
            AccessTime = time,
        });
        if (inode.IsDirectory) _directories.Add((inode, time));
    }

    private void SetTimes()
    {
        foreach ((Inode directory, long time) in _directories) directory.SetAttributes(new AttributeChange { ModifyTime = time, AccessTime = time });
    }

    // A later entry of the same name takes the earlier one's place, as tar itself does it.
    private static void Replace(Inode parent, string name, Inode there)
    {
        Errno error = there.IsDirectory ? parent.RemoveDirectory(name, there) : parent.Unlink(name, there);
        if (error != Errno.None) throw new InvalidDataException($"{name} comes twice, as a directory with content and as something else");
    }

    private Inode FindParent(string[] names)
    {
        Inode at = _target.Root;
        foreach (string name in names.AsSpan(0, names.Length - 1))
        {
            Errno error = at.Lookup(name, out Inode? next);
            if (error == Errno.ENOENT) error = at.Create(name, FileType.Directory, 0x1ed, default, Credential.For(0, 0), out next);
            bool isDirectory = error == Errno.None && next!.IsDirectory;
            if (!isDirectory) throw new InvalidDataException($"{string.Join('/', names)} lies below something that is no directory");
            at = next!;
        }
        return at;
    }

    private Inode Find(string path)
    {
        Inode at = _target.Root;
        foreach (string name in Split(path))
        {
            if (at.Lookup(name, out Inode? next) != Errno.None) throw new InvalidDataException($"a hard link leads to {path}, which is not there");
            at = next!;
        }
        return at;
    }

    private static string[] Split(string path)
    {
        string[] names = [.. HostName.ToGuest(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Where(n => n != ".")];
        if (names.Contains("..")) throw new InvalidDataException($"the name {path} leads outside");
        return names;
    }
}
