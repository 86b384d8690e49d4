using System.Collections;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Kennel.Tracing.D;

namespace Kennel.Cli;

/// <summary><c>kennel dtrace</c>: D scripts that watch a program.</summary>
internal sealed class DtraceCommand
{
    private const int Failure = 1, UsageError = 2;

    private readonly RunOptions _run = new(shortNames: false);
    private readonly Option<string[]> _texts = new("-n") { Description = "A program, or the description of probes, and what to do there", HelpName = "TEXT", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _files = new("-s") { Description = "A script", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _providers = new("-P") { Description = "All probes of a provider", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _modules = new("-m") { Description = "All probes of a module", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _functions = new("-f") { Description = "All probes of a function", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _ids = new("-i") { Description = "A probe by its number", HelpName = "ID", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _list = new("-l") { Description = "List the probes instead of enabling them" };
    private readonly Option<bool> _quiet = new("-q") { Description = "Print only what the script prints" };
    private readonly Option<bool> _destructive = new("-w") { Description = "Allow actions that change the guest" };
    private readonly Option<bool> _zero = new("-Z") { Description = "Allow descriptions that match no probe" };
    private readonly Option<bool> _preprocess = new("-C") { Description = "Run the C preprocessor first" };
    private readonly Option<bool> _flow = new("-F") { Description = "Indent by entry and return" };
    private readonly Option<bool> _compile = new("-e") { Description = "Compile, and end before anything is enabled" };
    private readonly Option<bool> _header = new("-h") { Description = "Write a header for the providers that a script declares (-o names it)" };
    private readonly Option<bool> _object = new("-G") { Description = "Make an object file of a script's providers (not supported)" };
    private readonly Option<bool> _disassemble = new("-S") { Description = "Show what the program is compiled to" };
    private readonly Option<bool> _named = new("-H") { Description = "Print the names of included files" };
    private readonly Option<bool> _anonymous = new("-a") { Description = "Claim what was traced anonymously (nothing ever is)" };
    private readonly Option<bool> _verbose = new("-v") { Description = "Say more of the program" };
    private readonly Option<bool> _version = new("-V") { Description = "Print the version" };
    private readonly Option<string[]> _set = new("-x") { Description = "Set an option", HelpName = "OPT[=VALUE]", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _define = new("-D") { Description = "Define a macro", HelpName = "NAME[=VALUE]", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _undefine = new("-U") { Description = "Undefine a macro", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _include = new("-I") { Description = "A directory of included files", HelpName = "DIR", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _libraries = new("-L") { Description = "A directory of D libraries (there are none to be found: all is built in)", HelpName = "DIR", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _buffer = new("-b") { Description = "The size of buffers (nothing is ever dropped)", HelpName = "SIZE" };
    private readonly Option<string?> _standard = new("-X") { Description = "Conformance of the preprocessor", HelpName = "a|c|s|t" };
    private readonly Option<string?> _output = new("-o") { Description = "Append the output to this file", HelpName = "FILE" };
    private readonly Option<string?> _command = new("-c") { Description = "The program and its arguments, as one word", HelpName = "'PROGRAM ARGS'" };
    private readonly Option<string?> _grab = new("-p") { Description = "A process that runs already (none does, in a new sandbox)", HelpName = "PID" };
    private readonly Argument<string[]> _words = new("ARGS") { Description = "Arguments of the script; behind -- the program and its arguments", Arity = ArgumentArity.ZeroOrMore, HelpName = "SCRIPT ARGS] -- [PROGRAM ARGS" };

    private Option[] Own =>
    [
        _texts, _files, _providers, _modules, _functions, _ids, _list, _quiet, _destructive, _zero, _preprocess, _flow, _compile, _header, _object, _disassemble, _named, _anonymous, _verbose, _version, _set, _define,
        _undefine, _include, _libraries, _buffer, _standard, _output, _command, _grab,
    ];

    public static Command Create()
    {
        var dtrace = new DtraceCommand();
        var command = new Command("dtrace", "Watch a program by scripts in D");
        foreach (Option option in dtrace.Own) command.Options.Add(option);
        dtrace._run.AddTo(command);
        command.Arguments.Add(dtrace._words);
        command.SetAction(dtrace.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_version))
        {
            Console.Out.WriteLine("dtrace: Sun D 2.0");
            if (parsed.GetValue(_verbose)) Console.Out.WriteLine($"This is Kennel {typeof(DtraceCommand).Assembly.GetName().Version?.ToString(3)}");
            return 0;
        }
        try
        {
            DtraceWords words = DtraceWords.Read(parsed);
            IReadOnlyList<string> program = TracedRun.Program([.. words.Program], parsed.GetValue(_command));
            if (parsed.GetValue(_grab) is { } pid) throw new DtraceException($"failed to grab pid {pid}: No such process");
            bool list = parsed.GetValue(_list);
            if (words.Scripts.Count == 0 && !list) throw new DtraceUsageException("no probes specified");
            if (parsed.GetValue(_anonymous)) throw new DtraceException("failed to claim anonymous state: No anonymous tracing state");
            bool header = parsed.GetValue(_header), link = parsed.GetValue(_object);
            if ((header || link) && words.Scripts is not [{ File: not null }]) throw new DtraceUsageException($"-{(header ? "h" : "G")} requires exactly one script (-s)");
            if (link) throw new DtraceException($"failed to link script {words.Scripts[0].Name}: programs' own probes (USDT) cannot be linked in here; -h makes a header whose probes cost nothing");
            DtraceOptions options = Options(parsed, words, program);
            using Stream output = header ? Stream.Null : OpenOutput(parsed);
            using var errors = new StreamWriter(Console.OpenStandardError(), Encoding.Latin1) { AutoFlush = true };
            using var session = new DtraceSession(options, output, errors);
            using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, _ => session.Interrupted());
            return new TracedRun(_run, parsed) { Tracer = session, MayRunAlone = true }.Run(program);
        }
        catch (DtraceUsageException problem)
        {
            Console.Error.WriteLine($"dtrace: {problem.Message}");
            Console.Error.WriteLine(Usage);
            return UsageError;
        }
        catch (DtraceException problem)
        {
            Console.Error.WriteLine($"dtrace: {problem.Message}");
            return Failure;
        }
        catch (SandboxException problem)
        {
            return TracedRun.Report(problem);
        }
    }

    private const string Usage = """
        Usage: dtrace [-aCeFGhHlqSvVwZ] [-b bufsz] [-c cmd] [-D name[=def]]
        	[-I path] [-L path] [-o output] [-p pid] [-s script] [-U name]
        	[-x opt[=val]] [-X a|c|s|t]

        	[-P provider [[ predicate ] action ]]
        	[-m [ provider: ] module [[ predicate ] action ]]
        	[-f [[ provider: ] module: ] func [[ predicate ] action ]]
        	[-n [[[ provider: ] module: ] func: ] name [[ predicate ] action ]]
        	[-i probe-id [[ predicate ] action ]] [ args ... ]

        	see 'kennel dtrace --help'
        """;

    private DtraceOptions Options(ParseResult parsed, DtraceWords words, IReadOnlyList<string> program)
    {
        List<(string, string?)> settings = [];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && name.StartsWith("DTRACE_OPT_", StringComparison.Ordinal)) settings.Add((name["DTRACE_OPT_".Length..], variable.Value as string is { Length: > 0 } value ? value : null));
        }
        (Option<bool> Option, string Name)[] flags = [(_quiet, "quiet"), (_destructive, "destructive"), (_zero, "zdefs"), (_preprocess, "cpp"), (_flow, "flowindent")];
        settings.AddRange(flags.Where(f => parsed.GetValue(f.Option)).Select(f => (f.Name, (string?)null)));
        if (parsed.GetValue(_buffer) is { } size) settings.Add(("bufsize", size));
        if (parsed.GetValue(_standard) is { } standard) settings.Add(("stdc", standard));
        foreach (string setting in parsed.GetValue(_set) ?? [])
        {
            string[] halves = setting.Split('=', 2);
            settings.Add((halves[0], halves.Length > 1 ? halves[1] : null));
        }
        return new DtraceOptions
        {
            Scripts = words.Scripts,
            Arguments = words.Arguments,
            Settings = settings,
            Macros = [.. parsed.GetValue(_define) ?? [], .. (parsed.GetValue(_undefine) ?? []).Select(n => "-" + n)],
            IncludeDirectories = parsed.GetValue(_include) ?? [],
            List = parsed.GetValue(_list),
            CompileOnly = parsed.GetValue(_compile),
            HeaderFile = parsed.GetValue(_header) ? parsed.GetValue(_output) ?? Path.ChangeExtension(Path.GetFileName(words.Scripts[0].File), ".h") : null,
            Disassemble = parsed.GetValue(_disassemble),
            NameIncluded = parsed.GetValue(_named),
            Verbose = parsed.GetValue(_verbose),
            HasCommand = program.Count > 0,
            ProgramPath = program.Count == 0 ? null : _run.FindProgram(parsed, program[0]),
            Testing = Environment.GetEnvironmentVariable("_DTRACE_TESTING") != null,
        };
    }

    private Stream OpenOutput(ParseResult parsed)
    {
        if (parsed.GetValue(_output) is not { } path) return Console.OpenStandardOutput();
        try
        {
            return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DtraceException($"failed to open output file '{path}': {e.Message}");
        }
    }
}
