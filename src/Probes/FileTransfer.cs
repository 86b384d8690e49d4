namespace Kennel.Probes;

/// <summary>Bytes of a file on their way between a file system and what lies under it. One object stands for one transfer, from its start to its end.</summary>
/// <param name="path">The file, as what lies under names it.</param>
/// <param name="fileSystem">The type of the file system.</param>
/// <param name="mountPoint">Where what lies under begins.</param>
/// <param name="device">Major and minor number of the device that the file is on.</param>
/// <param name="offset">Where in the file.</param>
/// <param name="bytes">How many are wanted.</param>
/// <param name="isWrite">Whether they go out.</param>
public sealed class FileTransfer(string path, string fileSystem, string mountPoint, (uint Major, uint Minor) device, long offset, long bytes, bool isWrite)
{
    public string Path { get; } = path;

    public string FileSystem { get; } = fileSystem;

    public string MountPoint { get; } = mountPoint;

    public (uint Major, uint Minor) Device { get; } = device;

    public long Offset { get; } = offset;

    public long Bytes { get; } = bytes;

    public bool IsWrite { get; } = isWrite;

    /// <summary>How many came or went; at the end.</summary>
    public long Done { get; set; }

    /// <summary>What went wrong, an error number; 0 for nothing.</summary>
    public int Error { get; set; }
}
