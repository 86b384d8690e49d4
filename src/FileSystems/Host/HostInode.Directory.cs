using System.Buffers.Binary;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.FileSystems.Host;

/// <summary>A host directory: finding and listing names.</summary>
public sealed partial class HostInode
{
    private const int MostAbsent = 1024;

    private HashSet<string>? _absent; // stable directories: names that are not there

    /// <inheritdoc/>
    public override bool AreChildrenStable => _host.Options.IsStable;

    /// <inheritdoc/>
    public override Errno Lookup(string name, out Inode? child)
    {
        child = null;
        if (!IsDirectory) return Errno.ENOTDIR;
        if (_absent != null && _absent.Contains(name)) return Errno.ENOENT;
        Errno error = Reach(out int fd);
        if (error != Errno.None) return error;
        error = HostCalls.StatAt(fd, name, out InodeAttributes found);
        if (error == Errno.None) child = _host.InodeFor(this, name, found);
        else if (error == Errno.ENOENT && _host.Options.IsStable) RememberAbsent(name);
        return error;
    }

    /// <inheritdoc/>
    public override Errno ReadDirectory(LinuxTask current, out IReadOnlyList<DirectoryEntry> entries)
    {
        entries = [];
        if (!IsDirectory) return Errno.ENOTDIR;
        Errno error = Reach(out int directory);
        if (error != Errno.None) return error;
        error = HostCalls.OpenForListing(directory, out int fd);
        if (error != Errno.None) return error;
        var list = new List<DirectoryEntry>();
        int bytes;
        while ((error = HostCalls.ReadEntries(fd, _host.Scratch, out bytes)) == Errno.None && bytes > 0)
        {
            Parse(_host.Scratch.AsSpan(0, bytes), list);
        }
        HostCalls.CloseFd(fd);
        entries = list;
        return error;
    }

    // struct linux_dirent64: ino, off, reclen, type, name (man 2 getdents).
    private static void Parse(ReadOnlySpan<byte> records, List<DirectoryEntry> list)
    {
        while (records.Length > 0)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
            ReadOnlySpan<byte> name = records[19..length];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                ulong inode = BinaryPrimitives.ReadUInt64LittleEndian(records);
                list.Add(new DirectoryEntry(HostName.Decode(name), inode, (FileType)((uint)records[18] << 12)));
            }
            records = records[length..];
        }
    }

    private void RememberAbsent(string name)
    {
        _absent ??= new HashSet<string>(StringComparer.Ordinal);
        if (_absent.Count < MostAbsent) _absent.Add(name);
    }
}
