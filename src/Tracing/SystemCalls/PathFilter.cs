using System.Text;

namespace Kennel.Tracing.SystemCalls;

/// <summary>
/// strace's -P: only calls that have to do with certain files: that name one as they do, or have a descriptor of it. It lets the call's arguments write
/// themselves, and listens.
/// </summary>
/// <remarks>As in strace, a path that the program gives is compared as it is; it is not looked up.</remarks>
internal sealed class PathFilter
{
    private readonly HashSet<string> _paths;
    private readonly CallPrinter _printer = new(new PrintSettings());
    private bool _found;

    /// <param name="paths">The files, by all names that they may have.</param>
    public PathFilter(IEnumerable<string> paths)
    {
        _paths = [.. paths];
        _printer.PathSeen = path => _found |= _paths.Contains(path);
    }

    /// <summary>Whether a call that begins is one of those.</summary>
    public bool Touches(TracedThread thread, CallShape call)
    {
        _printer.Begin(thread, exiting: false, 0);
        _found = false;
        call.WriteEntry(_printer);
        return _found;
    }

    /// <summary>Has a file known by another name, too.</summary>
    public bool Add(string path) => _paths.Add(path);

    /// <summary>Whether a path is one of the files'.</summary>
    public bool Contains(string path) => _paths.Contains(path);
}
