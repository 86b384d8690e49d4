using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Kennel.Cli;

/// <summary>The options that every command which runs a program takes.</summary>
internal sealed class RunOptions
{
    private readonly Option<string[]> _mounts = new("--mount", "-v") { Description = "Let a host directory or file in. Default: writes stay in memory; :ro refuses them, :rw lets them through", HelpName = "HOST[:GUEST][:ro|:rw]" };
    private readonly Option<string?> _root = new("--root") { Description = "Directory or tar file that becomes / (default: the host's system directories)", HelpName = "DIR|TAR" };
    private readonly Option<string?> _workdir = new("--workdir", "-w") { Description = "Working directory in the sandbox", HelpName = "DIR" };
    private readonly Option<(uint User, uint Group)?> _user = new("--user", "-u") { Description = "Run as this user and group", HelpName = "UID[:GID]", CustomParser = ParseUser };
    private readonly Option<string?> _hostname = new("--hostname") { Description = "Host name in the sandbox", HelpName = "NAME" };
    private readonly Option<string[]> _env = new("--env", "-e") { Description = "Set an environment variable; K alone passes the host's value", HelpName = "K=V" };
    private readonly Option<bool> _envAll = new("--env-all") { Description = "Pass the host's whole environment" };
    private readonly Option<string?> _engine = new("--engine") { Description = "Execution engine [default: what KENNEL_ENGINE names, or the translator, or on hosts that cannot the interpreter]", HelpName = "interpreter|translator" };
    private readonly Option<string?> _cpuLevel = new("--cpu-level") { Description = "What the processor has; x86-64-v3 (AVX2, FMA, BMI2) needs the translator and a host that has it [default: what KENNEL_CPU_LEVEL names, or v2]", HelpName = "v2|v3" };
    private readonly Option<string?> _codeCache = new("--code-cache") { Description = "Keep translated code for later runs in this file; none for no file [default: what KENNEL_CODE_CACHE names, or one for each program in ~/.cache/kennel]", HelpName = "FILE|none" };
    private readonly Option<int> _cpus = new("--cpus") { Description = "Virtual CPUs", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<long?> _memory = new("--memory", "-m") { Description = "Memory for all processes together, such as 512M or 4G [default: 8G]", HelpName = "SIZE", CustomParser = r => ParseSize(r) };
    private readonly Option<int> _pids = new("--pids") { Description = "Processes and threads at most", HelpName = "N", DefaultValueFactory = _ => 32768 };
    private readonly Option<long?> _seed = new("--seed") { Description = "Make the run repeatable: time and randomness follow from N", HelpName = "N" };
    private readonly Option<string?> _log = new("--log") { Description = "Write the kernel log to this file; - is standard error", HelpName = "FILE" };

    /// <param name="shortNames">Whether the options have short names: tracing commands need the letters for what users of the originals type.</param>
    public RunOptions(bool shortNames = true)
    {
        if (!shortNames)
        {
            foreach (Option option in All) option.Aliases.Clear();
        }
        _engine.AcceptOnlyFromAmong("interpreter", "translator");
        _cpuLevel.AcceptOnlyFromAmong("v2", "v3");
        _cpus.Validators.Add(r => RequireRange(r, 1, 256));
        _pids.Validators.Add(r => RequireRange(r, 1, 4194304));
    }

    public Option<TimeSpan?> Timeout { get; } = new("--timeout") { Description = "Kill the sandbox after this time, such as 500ms, 10s, 2m", HelpName = "DURATION", CustomParser = ParseDuration };

    public Option<bool> Stats { get; } = new("--stats") { Description = "Print a summary to standard error at the end" };

    /// <summary>Changes to the environment by a command's own options, after all others: K=V sets, K removes.</summary>
    public IReadOnlyList<string> ChangedEnvironment { get; set; } = [];

    /// <summary>What is drawn of the run.</summary>
    public PictureOptions Pictures { get; } = new();

    private Option[] All => [_mounts, _root, _workdir, _user, _hostname, _env, _envAll, _engine, _cpuLevel, _codeCache, _cpus, _memory, _pids, Timeout, _seed, _log, Stats, .. Pictures.All];

    public void AddTo(Command command)
    {
        foreach (Option option in All) command.Options.Add(option);
    }

    public StreamWriter? OpenLog(ParseResult parsed)
    {
        string? path = parsed.GetValue(_log);
        try
        {
            return path switch
            {
                null => null,
                "-" => new StreamWriter(Console.OpenStandardError()) { AutoFlush = true },
                _ => new StreamWriter(path) { AutoFlush = true },
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"cannot write the log: {e.Message}");
        }
    }

    public SandboxOptions ToSandboxOptions(ParseResult parsed, IReadOnlyList<string> program, StreamWriter? log)
    {
        (uint User, uint Group)? user = parsed.GetValue(_user);
        long? seed = parsed.GetValue(_seed);
        int cpus = parsed.GetValue(_cpus);
        if (seed != null && cpus != 1) throw new SandboxException("--seed needs one virtual CPU: leave out --cpus");
        var options = new SandboxOptions
        {
            Mounts = [.. (parsed.GetValue(_mounts) ?? []).Select(ParseMount)],
            Root = parsed.GetValue(_root),
            WorkingDirectory = parsed.GetValue(_workdir),
            UserId = user?.User,
            GroupId = user?.Group,
            Environment = Environment(parsed),
            Engine = parsed.GetValue(_engine),
            CpuLevel = parsed.GetValue(_cpuLevel),
            CodeCache = parsed.GetValue(_codeCache) ?? CodeCachePlace.For(program),
            Processors = cpus,
            MemoryLimit = parsed.GetValue(_memory) ?? 8L << 30,
            ProcessLimit = parsed.GetValue(_pids),
            Seed = seed,
            Log = log == null ? null : log.WriteLine,
        };
        return parsed.GetValue(_hostname) is { } name ? options with { HostName = name } : options;
    }

    /// <summary>Where a program lies, as the guest's shell would find it: it sees the host's own directories of programs.</summary>
    public string FindProgram(ParseResult parsed, string name)
    {
        if (name.Contains('/')) return Path.GetFullPath(name, Path.GetFullPath(parsed.GetValue(_workdir) ?? "."));
        string path = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        return path.Split(':').Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists) ?? name;
    }

    private Dictionary<string, string> Environment(ParseResult parsed)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (parsed.GetValue(_envAll))
        {
            foreach (System.Collections.DictionaryEntry e in System.Environment.GetEnvironmentVariables()) result[(string)e.Key] = (string?)e.Value ?? "";
        }
        else
        {
            foreach ((string name, string value) in SandboxOptions.DefaultEnvironment()) result[name] = value;
        }
        foreach (string setting in parsed.GetValue(_env) ?? [])
        {
            int equals = setting.IndexOf('=');
            if (equals > 0) result[setting[..equals]] = setting[(equals + 1)..];
            else if (equals == 0) throw new SandboxException($"--env {setting}: a variable needs a name");
            else if (System.Environment.GetEnvironmentVariable(setting) is { } value) result[setting] = value;
        }
        foreach (string change in ChangedEnvironment)
        {
            int equals = change.IndexOf('=');
            if (equals > 0) result[change[..equals]] = change[(equals + 1)..];
            else result.Remove(change);
        }
        return result;
    }

    private static SandboxMount ParseMount(string text)
    {
        var mode = SandboxMountMode.Overlay;
        string rest = text;
        if (rest.EndsWith(":rw", StringComparison.Ordinal)) mode = SandboxMountMode.ReadWrite;
        else if (rest.EndsWith(":ro", StringComparison.Ordinal)) mode = SandboxMountMode.ReadOnly;
        if (mode != SandboxMountMode.Overlay) rest = rest[..^3];
        int colon = rest.IndexOf(':');
        string host = Path.GetFullPath(colon < 0 ? rest : rest[..colon]);
        string guest = colon < 0 ? host : rest[(colon + 1)..];
        if (rest.Length == 0 || !guest.StartsWith('/')) throw new SandboxException($"--mount {text}: expected HOST[:GUEST][:ro|:rw] with an absolute GUEST");
        return new SandboxMount(host, guest, mode);
    }

    private static (uint, uint)? ParseUser(ArgumentResult result)
    {
        string[] parts = result.Tokens[0].Value.Split(':');
        if (parts.Length <= 2 && uint.TryParse(parts[0], out uint user) && uint.TryParse(parts[^1], out uint group)) return (user, group);
        result.AddError($"--user {result.Tokens[0].Value}: expected UID or UID:GID, as numbers");
        return null;
    }

    private static long ParseSize(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string digits = text.TrimEnd('B', 'b');
        int shift = digits.Length == 0 ? 0 : char.ToUpperInvariant(digits[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        if (shift != 0) digits = digits[..^1];
        if (double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
        {
            double bytes = number * (1L << shift);
            if (bytes is >= 1 << 20 and <= 1L << 44) return (long)bytes;
        }
        result.AddError($"--memory {text}: expected a size from 1M to 16T, such as 512M or 4G");
        return 0;
    }

    private static TimeSpan? ParseDuration(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        (string digits, double seconds) =
            text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 0.001) :
            text.EndsWith('s') ? (text[..^1], 1) :
            text.EndsWith('m') ? (text[..^1], 60) :
            text.EndsWith('h') ? (text[..^1], 3600) : (text, 1.0);
        if (double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number * seconds is > 0 and < 1e9)
        {
            return TimeSpan.FromSeconds(number * seconds);
        }
        result.AddError($"--timeout {text}: expected a duration such as 500ms, 10s, 2m or 1h");
        return null;
    }

    private static void RequireRange(OptionResult result, int low, int high)
    {
        if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out int value) || value < low || value > high))
        {
            result.AddError($"{result.Option.Name} {result.Tokens[0].Value}: expected a number from {low} to {high}");
        }
    }
}
