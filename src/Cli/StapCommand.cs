using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Kennel.Tracing.Stap;

namespace Kennel.Cli;

/// <summary><c>kennel stap</c>: runs a SystemTap script against a program in a sandbox (man 1 stap).</summary>
internal sealed class StapCommand
{
    private readonly RunOptions _run = new(shortNames: false);
    private readonly Option<string[]> _text = new("-e") { Description = "The script itself", HelpName = "SCRIPT", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _more = new("-E") { Description = "A script to add to the other", HelpName = "SCRIPT", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _command = new("-c") { Description = "Run this command; the session ends with it", HelpName = "CMD" };
    private readonly Option<int> _pid = new("-x") { Description = "target() is this process", HelpName = "PID" };
    private readonly Option<string?> _list = new("-l") { Description = "List the probe points that match", HelpName = "PROBE" };
    private readonly Option<string?> _listVariables = new("-L") { Description = "List them with their variables", HelpName = "PROBE" };
    private readonly Option<int> _pass = new("-p") { Description = "Stop after this pass: 1 parse, 2 analyse, 3 translate, 4 compile, 5 run", HelpName = "N", DefaultValueFactory = _ => 5 };
    private readonly Option<string?> _output = new("-o") { Description = "Write the script's output to this file", HelpName = "FILE" };
    private readonly Option<bool> _guru = new("-g") { Description = "Guru mode" };
    private readonly Option<bool> _quiet = new("-w") { Description = "No warnings" };
    private readonly Option<bool> _verbose = new("-v", "--verbose") { Description = "Say what is done" };
    private readonly Option<string[]> _include = new("-I") { Description = "Look for tapsets here, too", HelpName = "DIR", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _define = new("-D") { Description = "Set a limit, such as MAXACTION=10000", HelpName = "NAME=VALUE", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _global = new("-G") { Description = "Set a global variable", HelpName = "VAR=VALUE", Arity = ArgumentArity.OneOrMore };
    private readonly Option<int> _time = new("-T") { Description = "End after so many seconds", HelpName = "SECS" };
    private readonly Option<string?> _module = new("-m") { Description = "The module's name", HelpName = "NAME" };
    private readonly Option<string?> _compatible = new("--compatible") { Description = "Behave as this version", HelpName = "VERSION" };
    private readonly Option<bool> _suppress = new("--suppress-handler-errors") { Description = "Errors in handlers are warnings" };
    private readonly Option<bool> _version = new("-V", "--version") { Description = "Print the version" };
    private readonly Option<string[]> _ignoredValues = new("-s", "-d", "-B", "-R", "-r", "-a", "-S", "--vp", "--color", "--colour", "--remote", "--remote-prefix", "--privilege", "--rlimit-as", "--rlimit-cpu", "--rlimit-nproc", "--rlimit-stack", "--rlimit-fsize", "--sysroot", "--sysenv", "--save-uprobes", "--runtime", "--modinfo", "--download-debuginfo", "--interactive", "--language-server", "--example") { Description = "Accepted and ignored", HelpName = "VALUE", Hidden = true, Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _ignored = new("-k", "-u", "-b", "-t", "-F", "-q", "-W", "-i", "-P", "-M", "-N", "-A", "--ldd", "--no-ldd", "--suppress-time-limits", "--check-version", "--use-server", "--trust-servers", "--unprivileged", "--dyninst", "--bpf", "--monitor", "--build-as", "--all-modules", "--skip-badvars", "--disable-cache", "--prologue-searching", "--poison-cache", "--clean-cache") { Description = "Accepted and ignored", Hidden = true };
    private readonly Option<bool> _dumpTypes = new("--dump-probe-types") { Description = "List the kinds of probe points" };
    private readonly Option<bool> _dumpAliases = new("--dump-probe-aliases") { Description = "List the tapset's probe points" };
    private readonly Option<bool> _dumpFunctions = new("--dump-functions") { Description = "List the functions" };
    private readonly Argument<string[]> _words = new("FILE") { Description = "Script file, its arguments, and behind -- a program and its arguments", Arity = ArgumentArity.ZeroOrMore, HelpName = "[FILE] [ARGS] [-- PROGRAM ARGS]" };

    private Option[] Own =>
    [
        _text, _more, _command, _pid, _list, _listVariables, _pass, _output, _guru, _quiet, _verbose, _include, _define, _global, _time, _module, _compatible,
        _suppress, _version, _ignoredValues, _ignored, _dumpTypes, _dumpAliases, _dumpFunctions,
    ];

    public static Command Create()
    {
        var stap = new StapCommand();
        var command = new Command("stap", "Run a SystemTap script");
        foreach (Option option in stap.Own) command.Options.Add(option);
        stap._run.AddTo(command);
        command.Arguments.Add(stap._words);
        command.SetAction(stap.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        try
        {
            if (parsed.GetValue(_version))
            {
                Console.Error.WriteLine($"Systemtap translator/driver (version {StapOptions.Version}, Kennel)");
                return 0;
            }
            string[] words = parsed.GetValue(_words) ?? [];
            int behind = BehindDashes(parsed);
            IReadOnlyList<string> program = TracedRun.Program(words[^behind..], parsed.GetValue(_command));
            StapOptions options = Options(parsed, words[..^behind], program);
            using Stream output = OpenOutput(parsed);
            using var messages = new StreamWriter(Console.OpenStandardError()) { AutoFlush = true };
            var tracer = new StapTracer(options, output, messages);
            if (parsed.GetValue(_pid) != 0) tracer.SetTarget(parsed.GetValue(_pid));
            return new TracedRun(_run, parsed) { Tracer = tracer, MayRunAlone = true }.Run(program);
        }
        catch (StapUsageException problem)
        {
            Console.Error.WriteLine($"ERROR: {problem.Message}\nTry '--help' for more information.");
            return 1;
        }
        catch (SandboxException problem)
        {
            return TracedRun.Report(problem);
        }
    }

    private StapOptions Options(ParseResult parsed, string[] words, IReadOnlyList<string> program)
    {
        StapDump dump = parsed.GetValue(_dumpTypes) ? StapDump.ProbeTypes : parsed.GetValue(_dumpAliases) ? StapDump.ProbeAliases : parsed.GetValue(_dumpFunctions) ? StapDump.Functions : StapDump.None;
        string? listed = dump != StapDump.None ? "" : parsed.GetValue(_list) ?? parsed.GetValue(_listVariables);
        string[] texts = parsed.GetValue(_text) ?? [];
        string? name = null;
        string? text = listed;
        if (listed == null && texts.Length > 1) throw new StapUsageException("Only one script can be given on the command line.");
        if (listed == null && texts.Length == 1) (name, text) = ("<input>", Latin1(texts[0]));
        else if (listed == null) (name, text, words) = ReadScript(words);
        foreach (string more in parsed.GetValue(_more) ?? []) text += "\n" + Latin1(more);
        int pass = parsed.GetValue(_pass);
        if (words.FirstOrDefault(static w => w.Length > 1 && w[0] == '-' && !char.IsAsciiDigit(w[1])) is { } unknown)
            throw new StapUsageException(unknown[1] == '-' ? $"unrecognized option '{unknown}'" : $"invalid option -- '{unknown[1]}'");
        if (pass is < 1 or > 5) throw new StapUsageException("Invalid pass number (should be 1-5).");
        Dictionary<string, string> defines = Pairs(parsed.GetValue(_define) ?? [], "-D", "1");
        if (parsed.GetValue(_suppress)) defines["STP_SUPPRESS_HANDLER_ERRORS"] = "1";
        if (parsed.GetValue(_compatible) is { } version) defines["compatible"] = version;
        return new StapOptions
        {
            ScriptName = name ?? "<input>",
            ScriptText = text!,
            Arguments = [.. words.Select(Latin1)],
            Guru = parsed.GetValue(_guru),
            NoWarnings = parsed.GetValue(_quiet),
            Verbose = parsed.GetResult(_verbose) is { Implicit: false } given ? given.IdentifierTokenCount : 0,
            TapsetDirectories = parsed.GetValue(_include) ?? [],
            Defines = defines,
            Globals = Pairs(parsed.GetValue(_global) ?? [], "-G", null),
            LastPass = pass,
            ListProbes = listed != null && dump == StapDump.None,
            Dump = dump,
            ListVariables = parsed.GetValue(_listVariables) != null,
            TimeLimit = parsed.GetValue(_time),
            ModuleName = parsed.GetValue(_module) ?? "stap_kennel",
            HasCommand = program.Count > 0,
            TargetProgram = program.Count > 0 ? _run.FindProgram(parsed, program[0]) : null,
            FindProgram = name => _run.FindProgram(parsed, name),
        };
    }

    private static (string Name, string Text, string[] Others) ReadScript(string[] words)
    {
        if (words.Length == 0) throw new StapUsageException("A script must be specified.");
        if (words[0] == "-")
        {
            using var input = new StreamReader(Console.OpenStandardInput(), Encoding.Latin1);
            return ("<input>", input.ReadToEnd(), words[1..]);
        }
        try
        {
            return (words[0], File.ReadAllText(words[0], Encoding.Latin1), words[1..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StapUsageException($"Input file '{words[0]}' is empty or missing.");
        }
    }

    private static Dictionary<string, string> Pairs(string[] texts, string option, string? standard)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            int equals = text.IndexOf('=');
            if (equals < 0 && standard == null || equals == 0) throw new StapUsageException($"invalid {option} {text}: expected NAME=VALUE");
            result[equals < 0 ? text : text[..equals]] = equals < 0 ? standard! : text[(equals + 1)..];
        }
        return result;
    }

    // Words behind -- are the program's.
    private static int BehindDashes(ParseResult parsed)
    {
        int at = -1;
        for (int i = 0; i < parsed.Tokens.Count && at < 0; i++)
        {
            if (parsed.Tokens[i].Type == TokenType.DoubleDash) at = i;
        }
        return at < 0 ? 0 : parsed.Tokens.Count - at - 1;
    }

    private Stream OpenOutput(ParseResult parsed)
    {
        if (parsed.GetValue(_output) is not { } path) return Console.OpenStandardOutput();
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StapUsageException($"cannot write {path}: {e.Message}");
        }
    }

    private static string Latin1(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}

/// <summary>stap was called wrongly.</summary>
internal sealed class StapUsageException(string message) : Exception(message);
