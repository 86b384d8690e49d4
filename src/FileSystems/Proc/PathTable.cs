using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>A tree of small text files, given as a table of paths; directories follow from it.</summary>
/// <param name="fileSystem">Where it is.</param>
/// <param name="top">The path of its top directory, such as "/sys"; "" for the root.</param>
internal sealed class PathTable(PseudoFileSystem fileSystem, string top)
{
    private readonly Dictionary<string, File> _values = new(StringComparer.Ordinal);

    /// <summary>The top directory.</summary>
    public ProcNode Top => Node("");

    /// <summary>Adds a file of one line.</summary>
    /// <param name="path">Below the top, without a slash before it.</param>
    /// <param name="text">The line.</param>
    /// <param name="write">What writing does; null when it cannot be written.</param>
    public void Add(string path, Func<LinuxTask, string> text, Func<LinuxTask, string, Errno>? write = null) => _values[path] = new File(text, write);

    private ProcNode Node(string path)
    {
        string full = path.Length == 0 ? top : $"{top}/{path}";
        return _values.TryGetValue(path, out File? value)
            ? new ProcNode(fileSystem, full, FileType.Regular, value.Write == null ? 0x124u : 0x1a4u) { Text = t => value.Text(t) + "\n", Write = value.Write }
            : new ProcNode(fileSystem, full, FileType.Directory, 0x16d) { Find = n => Find(path, n), List = () => List(path) };
    }

    private ProcNode? Find(string directory, string name)
    {
        string path = directory.Length == 0 ? name : $"{directory}/{name}";
        return _values.ContainsKey(path) || _values.Keys.Any(k => k.StartsWith(path + "/", StringComparison.Ordinal)) ? Node(path) : null;
    }

    private IEnumerable<(string, FileType)> List(string directory)
    {
        string prefix = directory.Length == 0 ? "" : directory + "/";
        return _values.Keys.Order(StringComparer.Ordinal).Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..].Split('/'))
            .Select(parts => (parts[0], parts.Length > 1 ? FileType.Directory : FileType.Regular)).Distinct();
    }

    private sealed record File(Func<LinuxTask, string> Text, Func<LinuxTask, string, Errno>? Write);
}
