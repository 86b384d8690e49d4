using Kennel.Machine;
using Microsoft.Win32.SafeHandles;

namespace Kennel.Cpu.Translator;

/// <summary>Code that is kept in a file for a later engine.</summary>
public sealed unsafe partial class TranslatorEngine
{
    /// <inheritdoc/>
    public void Adopt(CodeArea area, Func<long, int> frameOf) => _store.Adopt(area, frameOf);

    /// <summary>
    /// Whether what was translated is worth to be kept for a later engine (<see cref="WriteCode"/>). Not what counts instructions or has been watched; not
    /// if nearly all of it has come from a file.
    /// </summary>
    public bool IsWorthKeeping => !_counts && _store.IsWorthKeeping;

    /// <summary>Whether code has become so much that an earlier file should go, and none be written.</summary>
    public bool IsTooMuchToKeep => _store.IsTooMuchToKeep;

    /// <summary>
    /// Reads a file that <see cref="WriteCode"/> has written, before anything runs. It becomes code of the host's processor: whoever can write to the file
    /// can do what this process can. Answers false if it is of no use: of another build or processor, or damaged.
    /// </summary>
    public bool ReadCode(SafeFileHandle file) => !_counts && _store.Read(file);

    /// <summary>Writes all code of files that have not changed. Nothing runs any more, and the caller holds the kernel lock.</summary>
    public void WriteCode(Stream stream) => _store.Write(stream);
}
