namespace Kennel.Cli;

/// <summary>Where code that the translator makes is kept for later runs, unless the user says otherwise: a file for each program's name.</summary>
internal static class CodeCachePlace
{
    // All files together, about.
    private const long MostBytes = 1L << 30;

    /// <summary>The file for a run, if the environment names none; null if there is no place for it.</summary>
    /// <param name="program">The program and its arguments.</param>
    public static string? For(IReadOnlyList<string> program)
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KENNEL_CODE_CACHE"))) return null;
        string name = program.Count == 0 ? "" : Path.GetFileName(program[0]);
        string? home = HomeOfCaches();
        if (home == null || name.TrimStart('.').Length == 0) return null;
        string directory = Path.Combine(home, "kennel"), file = Path.Combine(directory, name);
        if (!File.Exists(file)) MakeRoom(directory);
        return file;
    }

    // The XDG base directory specification, which asks to ignore relative names.
    private static string? HomeOfCaches()
    {
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } given && Path.IsPathRooted(given)) return given;
        return Environment.GetEnvironmentVariable("HOME") is { } home && Path.IsPathRooted(home) ? Path.Combine(home, ".cache") : null;
    }

    // Those that were not written for longest go.
    private static void MakeRoom(string directory)
    {
        try
        {
            if (!Directory.Exists(directory)) return;
            FileInfo[] files = [.. new DirectoryInfo(directory).EnumerateFiles().OrderByDescending(f => f.LastWriteTimeUtc)];
            long bytes = 0;
            foreach (FileInfo file in files)
            {
                bytes += file.Length;
                if (bytes > MostBytes) file.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be cleared away stays: the run itself does not depend on it.
        }
    }
}
