using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>Signals that file operations send to the calling task.</summary>
public static class FileSignals
{
    /// <summary>SIGPIPE: it writes where nobody reads.</summary>
    public static void BrokenPipe(LinuxTask current)
    {
    }
}
