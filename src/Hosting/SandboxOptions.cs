namespace Kennel;

/// <summary>What a sandbox is made of. The defaults are those of <c>kennel run</c>.</summary>
public sealed record SandboxOptions
{
    /// <summary>
    /// A directory or a tar file (plain or gzip) of the host that becomes "/", under an in-memory overlay. Null: the host's own
    /// system directories (/bin /sbin /lib* /usr /etc /opt) and the working directory, read-only under an overlay.
    /// </summary>
    public string? Root { get; init; }

    /// <summary>Host directories or files that are let in.</summary>
    public IReadOnlyList<SandboxMount> Mounts { get; init; } = [];

    /// <summary>The directory that processes start in, as the guest names it; null for the host's current directory, or "/" with <see cref="Root"/>.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether the host's current directory is visible (read-only, under the overlay) when <see cref="Root"/> is null.</summary>
    public bool ShowCurrentDirectory { get; init; } = true;

    /// <summary>User id that processes run as; null for the host user's.</summary>
    public uint? UserId { get; init; }

    /// <summary>Group id; null for the host user's, or the same number as <see cref="UserId"/> where that is given.</summary>
    public uint? GroupId { get; init; }

    /// <summary>uname's node name.</summary>
    public string HostName { get; init; } = System.Environment.MachineName;

    /// <summary>Environment of every process; null for PATH, HOME, USER, LANG, LC_*, TERM and TZ of the host.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Virtual CPUs.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>The most memory that all processes may use together, in bytes. The guest sees ENOMEM, or SIGKILL.</summary>
    public long MemoryLimit { get; init; } = 8L << 30;

    /// <summary>The most processes and threads at once. The guest sees EAGAIN.</summary>
    public int ProcessLimit { get; init; } = 32768;

    /// <summary>Makes runs repeatable: time and randomness follow from it. Only with one processor.</summary>
    public long? Seed { get; init; }

    /// <summary>
    /// The execution engine: "interpreter", or "translator" (for x64 Linux hosts, much faster). Null for the one that the host's
    /// environment variable KENNEL_ENGINE names, or else the translator, where the host can, and the interpreter where it cannot.
    /// </summary>
    public string? Engine { get; init; }

    /// <summary>
    /// What the guest's processor has: "v2", or "v3" (x86-64-v3: AVX2, FMA, BMI2), which needs the translator and a host that has it. Null for what
    /// the host's environment variable KENNEL_CPU_LEVEL names, or else v2, which both engines have.
    /// </summary>
    public string? CpuLevel { get; init; }

    /// <summary>
    /// A file that keeps the code which the translator makes: it is read when the sandbox is made, and written when it ends, so that programs need not be
    /// translated again. It may not exist yet. Code is used where the same version of a program's file runs (man 2 statx: device, inode, size, times) with the same build of Kennel on the same
    /// kind of processor. What the file holds runs in this process: it is not used if another user can write to it, or the guest can.
    /// "none" for no file, null for what the host's environment variable KENNEL_CODE_CACHE names, or else none; none with <see cref="Seed"/>.
    /// </summary>
    public string? CodeCache { get; init; }

    /// <summary>An engine of one's own, for tests.</summary>
    internal Func<Machine.FramePool, Machine.ProcessorSet, Machine.IExecutionEngine>? CustomEngine { get; init; }

    /// <summary>Gets each line of the kernel log.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>The host's PATH, HOME, USER, LANG, LC_*, TERM and TZ: what a guest may know of the host's environment.</summary>
    public static IReadOnlyDictionary<string, string> DefaultEnvironment()
    {
        var known = new List<string>();
        System.Collections.IDictionary all = System.Environment.GetEnvironmentVariables();
        foreach (System.Collections.DictionaryEntry e in all)
        {
            string name = (string)e.Key;
            if (name is "PATH" or "HOME" or "USER" or "LANG" or "TERM" or "TZ" || name.StartsWith("LC_", StringComparison.Ordinal)) known.Add(name);
        }
        known.Sort(StringComparer.Ordinal);
        var result = new Dictionary<string, string>(StringComparer.Ordinal); // keeps the order
        foreach (string name in known) result.Add(name, (string?)all[name] ?? "");
        return result;
    }
}

/// <summary>A host path let into a sandbox.</summary>
/// <param name="HostPath">Directory or file on the host.</param>
/// <param name="GuestPath">Where the guest sees it.</param>
/// <param name="Mode">Whether and where writes go.</param>
public sealed record SandboxMount(string HostPath, string GuestPath, SandboxMountMode Mode = SandboxMountMode.Overlay);

/// <summary>What happens to writes below a mount.</summary>
public enum SandboxMountMode
{
    /// <summary>They go to memory and end with the sandbox.</summary>
    Overlay,

    /// <summary>They fail with EROFS.</summary>
    ReadOnly,

    /// <summary>They go to the host.</summary>
    ReadWrite,
}
