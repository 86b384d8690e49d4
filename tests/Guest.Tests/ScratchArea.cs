namespace Kennel.Guest.Tests;

/// <summary>
/// The directories of one guest's runs. Both runs have the same paths, so that a path in the output is no difference:
/// bin/ holds the program, work/ is the working directory, tmp/ is TMPDIR.
/// </summary>
public sealed class ScratchArea : IDisposable
{
    private const UnixFileMode Everybody = (UnixFileMode)0b111_101_101;
    private readonly string _root;

    /// <param name="name">The guest's name, for the directory's.</param>
    public ScratchArea(string name)
    {
        string plain = string.Concat(name.Split(' ')[0].Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        _root = Directory.CreateTempSubdirectory($"kg-{plain}-").FullName;
        File.SetUnixFileMode(_root, Everybody);
    }

    /// <summary>Where Kennel's kernel log of the run inside is.</summary>
    public string KernelLog => Path.Combine(_root, "kernel.log");

    private string Bin => Path.Combine(_root, "bin");

    private string Work => Path.Combine(_root, "work");

    private string Temporary => Path.Combine(_root, "tmp");

    /// <summary>Makes everything fresh for another run and says what to run.</summary>
    public async Task<GuestCommand> PrepareAsync(GuestCase guest, CancellationToken cancel)
    {
        foreach (string directory in (string[])[Bin, Work, Temporary])
        {
            Remove(directory);
            Directory.CreateDirectory(directory, Everybody);
            File.SetUnixFileMode(directory, Everybody);
        }

        // Another process does the copying: a file that this one has open for writing is open, for a moment, in whatever another
        // thread starts as well, and then the guest cannot be run (ETXTBSY).
        string program;
        if (guest.IsDirectory)
        {
            Run("cp", "-r", "--preserve=mode", Path.GetDirectoryName(guest.SourcePath)! + "/.", Work);
            program = Path.Combine(Work, "run.sh");
        }
        else
        {
            string source = guest.IsCompiled ? await GuestCompiler.CompileAsync(guest, cancel) : guest.SourcePath;
            program = Path.Combine(Bin, Path.GetFileName(guest.SourcePath).Split('.')[0]);
            Run("install", "-m", "755", source, program);
        }

        return new GuestCommand(program, guest.Arguments)
        {
            Bin = Bin,
            Work = Work,
            Temporary = Temporary,
            WriteThroughTemporary = guest.WriteThrough,
            InputPath = guest.InputPath,
            KernelLog = KernelLog,
            NeedsV3 = guest.NeedsV3,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!GuestSettings.KeepScratch)
            Remove(_root);
    }

    // A guest may leave directories without permissions behind; rm copes with what the library does not.
    private static void Remove(string directory)
    {
        if (Directory.Exists(directory))
            Run("rm", "-rf", directory);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new IOException($"{program} {string.Join(' ', arguments)}: status {process.ExitCode}");
    }
}
