using Kennel.Files;

namespace Kennel.FileSystems.Proc;

/// <summary>A file system whose content is made when it is read: procfs, sysfs.</summary>
public abstract class PseudoFileSystem(string typeName, Kernel kernel) : FileSystem(typeName, kernel.Vfs.NextDevice())
{
    private readonly Dictionary<string, ulong> _numbers = new(StringComparer.Ordinal);

    /// <summary>The machine that it shows.</summary>
    public Kernel Kernel => kernel;

    /// <summary>The inode number of a path below the root; the same whenever it is asked for.</summary>
    internal ulong NumberOf(string path)
    {
        if (!_numbers.TryGetValue(path, out ulong number)) _numbers[path] = number = (ulong)_numbers.Count + 1;
        return number;
    }
}
