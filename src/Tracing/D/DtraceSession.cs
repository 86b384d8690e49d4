using System.Globalization;
using Kennel.Probes;
using Kennel.Tracing.D.Compile;
using Kennel.Tracing.D.Output;
using Kennel.Tracing.D.Providers;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.D.Syntax;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D;

/// <summary>D scripts that watch a machine: compiles them when it is attached, fires BEGIN, and, when it is detached, END.</summary>
/// <param name="options">The command line.</param>
/// <param name="standardOutput">Where the scripts print.</param>
/// <param name="errors">Where messages go.</param>
public sealed class DtraceSession(DtraceOptions options, Stream standardOutput, TextWriter errors) : ITracer, IDisposable
{
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DOptions _options = new();
    private readonly DOutput _output = new(standardOutput, errors);
    private readonly HostProcess _host = HostProcess.Current();
    private IReadOnlyList<IProvider> _providers = [];
    private ConsumerTask? _consumerTask;
    private DConsumer? _consumer;
    private DRuntime? _runtime;
    private DDispatcher? _dispatcher;
    private DProbe? _begin, _end;
    private DCompiler? _compiler;
    private UserProvider? _users;
    private Pragmas? _pragmas;
    private int _targetProcess;
    private bool _isRunning;
    private volatile bool _isInterrupted;

    /// <inheritdoc/>
    public Task<int> Ended => _ended.Task;

    /// <inheritdoc/>
    public void Attach(ITraceTarget target)
    {
        foreach ((string name, string? value) in options.Settings)
        {
            if (_options.Set(name, value) is { } problem) throw new DtraceException($"failed to set -x {name}: {problem}");
        }
        var types = new TypeTable(target.Model);
        foreach (KernelStruct extra in ExtraStructs.All) types.AddKernelStruct(extra);
        _consumerTask = new ConsumerTask("dtrace", _host.Pid, _host, new ConsumerTask(_host.ParentName, _host.ParentPid, _host, null));
        _consumer = new DConsumer(_output, _options, options.Testing);
        _runtime = new DRuntime(target, _options, _consumer);
        _users = new UserProvider(target, options.ProgramPath);
        _providers = [new SyscallProvider(target, types), new EventProvider(target, types), new ProfileProvider(target, types), _users, new FunctionProvider(target, types)];
        var table = new ProbeTable(_providers);
        DProbe begin = table.Add("dtrace", "", "", "BEGIN");
        _end = table.Add("dtrace", "", "", "END");
        DProbe error = table.Add("dtrace", "", "", "ERROR");
        table.Publish();
        _pragmas = new Pragmas(_options, p => table.All.Any(probe => probe.Provider == p) || p is "profile" or "pid");
        _dispatcher = new DDispatcher(_runtime, _consumer, error) { Exited = () => _ended.TrySetResult(_consumer.ExitStatus ?? 0) };

        if (options.List)
        {
            List(new ProbeListing(_output, options.Verbose), table, types);
            _ended.TrySetResult(0);
            return;
        }
        Compile(table, types);
        if (!options.CompileOnly && _compiler is { IsDestructive: true } && !_options.Destructive) throw new DtraceException("could not enable tracing: Destructive actions not allowed");
        if (options.CompileOnly || options.HeaderFile != null)
        {
            _ended.TrySetResult(0);
            return;
        }
        _begin = begin;
        if (!options.HasCommand) Begin();
    }

    private void Begin()
    {
        ITraceTarget target = _runtime!.Target;
        foreach (IProvider provider in _providers) provider.Enable(_dispatcher!);
        target.Probes.TaskReleased.Attach(OnReleased);
        target.Probes.ProcessExited.Attach(OnExited);
        _isRunning = true;
        if (_dispatcher!.Begin(_consumerTask!, target.Now, 0)) _dispatcher.Fire(_begin!);
    }

    /// <inheritdoc/>
    public void SetTarget(int processId)
    {
        _targetProcess = processId;
        if (_runtime != null) _runtime.TargetPid = processId;
        _users?.SetTarget(processId);
        if (!options.HasCommand || _begin == null || _isRunning) return;
        Begin();
        // A script that is through in BEGIN does not let the program run.
        if (_consumer!.ExitStatus != null) _runtime!.Target.Model.FindTask(processId)?.SendSignal((int)Abi.Signal.SIGKILL);
    }

    /// <inheritdoc/>
    public int? Detach()
    {
        if (_runtime == null || _consumer == null || _dispatcher == null) return 1;
        ITraceTarget target = _runtime.Target;
        target.Probes.TaskReleased.Detach(OnReleased);
        target.Probes.ProcessExited.Detach(OnExited);
        foreach (IProvider provider in _providers) provider.Disable();
        if (_isRunning && _compiler != null)
        {
            _isRunning = false;
            _dispatcher.FireEnd(_end!, _consumerTask!, target.Now);
            _consumer.Finish(_compiler.Aggregations, _isInterrupted);
        }
        _output.Flush();
        return _consumer.ExitStatus ?? 0;
    }

    /// <summary>Somebody pressed ^C: the end begins on a line of its own.</summary>
    public void Interrupted() => _isInterrupted = true;

    public void Dispose() => _output.Dispose();

    private void Compile(ProbeTable table, TypeTable types)
    {
        var text = new CText(_options.StringSize);
        types.AddBuiltIn("string", text);
        if (options.HeaderFile is { } header)
        {
            Guard(options.Scripts[0], () => ProviderHeader.Write(header, Parse(options.Scripts[0], types, ref text, new ScriptArguments(options.Arguments, _host.Variables(), true)).OfType<ProviderItem>()));
            return;
        }
        var arguments = new ScriptArguments(options.Arguments, _host.Variables(), _options.DefaultArguments);
        var parsed = new List<(DtraceScript Script, IReadOnlyList<Item> Items)>();
        foreach (DtraceScript script in options.Scripts)
        {
            Guard(script, () => parsed.Add((script, Parse(script, types, ref text, arguments))));
        }
        if (arguments.FirstUnused is { } unused && parsed.Count > 0) throw Failure(parsed[^1].Script, new DCompileException("D_MACRO_UNUSED", 0, unused));
        if (_options.StringSize != text.Size) types.AddBuiltIn("string", text = new CText(_options.StringSize));
        _compiler = new DCompiler(types, text, _runtime!)
        {
            Listing = options.Disassemble || _options.Disassemble ? (item, clause, code) => _output.WriteError(ClauseListing.Text(item, clause, code)) : null,
        };
        int id = 0;
        foreach ((DtraceScript script, IReadOnlyList<Item> items) in parsed)
        {
            HashSet<DProbe> matched = [];
            Guard(script, () => CompileItems(items, table, matched, ref id));
            if (!_options.Quiet && !options.CompileOnly)
            {
                string name = script.File != null ? $"script '{script.Name}'" : $"description '{script.Name}'";
                _output.WriteError($"dtrace: {name} matched {matched.Count} probe{(matched.Count == 1 ? "" : "s")}");
            }
            if (options.Verbose) new ProbeListing(_output, true).ShowProgram(script, items.OfType<ClauseItem>().SelectMany(c => c.Probes), _compiler.Attributes);
        }
        _compiler.Allocate();
    }

    private IReadOnlyList<Item> Parse(DtraceScript script, TypeTable types, ref CText text, ScriptArguments arguments)
    {
        string source = script.Text;
        if (source.StartsWith("#!", StringComparison.Ordinal)) source = source[Math.Max(source.IndexOf('\n', StringComparison.Ordinal), 0)..];
        if (_options.Preprocess)
        {
            string[] directories = [.. options.IncludeDirectories, .. _options.PreprocessorWords.Where(w => w.StartsWith("-I", StringComparison.Ordinal)).Select(w => w[2..])];
            var cpp = new Preprocessor(directories);
            if (options.NameIncluded || _options.IsSet("cpphdrs")) cpp.Included += (file, depth) => _output.WriteError(new string('.', depth) + " " + file);
            IEnumerable<string> set = _options.PreprocessorWords.Where(w => w[1] != 'I').Select(w => w[1] == 'D' ? w[2..] : "-" + w[2..]);
            foreach (string macro in set.Concat(options.Macros))
            {
                if (macro.StartsWith('-')) cpp.Undefine(macro[1..]);
                else cpp.Define(macro);
            }
            source = cpp.Run(source, script.File);
        }
        var lexer = new Lexer(source, arguments, types);
        lexer.Pragma += (pragma, line) => _pragmas!.Read(pragma, line, arguments);
        return new Parser(lexer, types, script.File != null) { Text = text }.Program();
    }

    private void CompileItems(IReadOnlyList<Item> items, ProbeTable table, HashSet<DProbe> matched, ref int id)
    {
        foreach (Item item in items)
        {
            switch (item)
            {
                case VariableItem v:
                    _compiler!.Declare(v);
                    break;
                case InlineItem i:
                    _compiler!.Declare(i);
                    break;
                case TranslatorItem t:
                    _compiler!.Declare(t);
                    break;
                case ClauseItem c:
                    List<DProbe> probes = Bind(c, table);
                    DClause clause = _compiler!.Compile(c, ++id, probes);
                    foreach (DProbe probe in probes)
                    {
                        probe.Clauses.Add(clause);
                        matched.Add(probe);
                    }
                    break;
            }
        }
    }

    private List<DProbe> Bind(ClauseItem clause, ProbeTable table)
    {
        List<DProbe> probes = [];
        foreach (string description in clause.Probes)
        {
            List<DProbe> matching = table.Match(description, clause.Line);
            if (matching.Count == 0 && !_options.AllowNoProbes)
            {
                throw new DCompileException("D_PDESC_ZERO", clause.Line, $"probe description {Full(description)} does not match any probes");
            }
            probes.AddRange(matching.Where(p => !probes.Contains(p)));
        }
        return probes;
    }

    private static string Full(string description) => new string(':', Math.Max(3 - description.Count(c => c == ':'), 0)) + description;

    private void Guard(DtraceScript script, Action action)
    {
        try
        {
            action();
        }
        catch (DCompileException e)
        {
            throw Failure(script, e);
        }
        catch (InsufficientExecutionStackException)
        {
            throw Failure(script, new DCompileException("D_SYNTAX", 0, "expression is nested too deeply"));
        }
    }

    private DtraceException Failure(DtraceScript script, DCompileException e)
    {
        string what = script.File != null ? $"failed to compile script {script.File}" : $"invalid probe specifier {script.Name}";
        string region = script.File == null && _compiler is { Region.Length: > 0 } ? $"in {_compiler.Region}: " : "";
        string text = script.File == null && e.Line <= 1 ? region + e.Message : e.Line == 0 ? e.Message : $"line {e.Line}: {e.Message}";
        return new DtraceException($"{what}: {(_options.ErrorTags ? $"[{e.Tag}] " : "")}{text}");
    }

    private void List(ProbeListing listing, ProbeTable table, TypeTable types)
    {
        listing.Begin();
        if (options.Scripts.Count == 0) listing.Show(table.All);
        foreach (DtraceScript script in options.Scripts)
        {
            Guard(script, () =>
            {
                var text = new CText(_options.StringSize);
                types.AddBuiltIn("string", text);
                foreach (ClauseItem clause in Parse(script, types, ref text, new ScriptArguments(options.Arguments, _host.Variables(), true)).OfType<ClauseItem>())
                {
                    foreach (string description in clause.Probes)
                    {
                        List<DProbe> matching = table.Match(description, clause.Line);
                        if (matching.Count == 0 && !_options.AllowNoProbes) throw new DtraceException($"failed to match {Full(description)}: No probe matches description");
                        listing.Show(matching);
                    }
                }
            });
        }
    }

    private void OnReleased(in KernelEvent e)
    {
        if (e.Target != null) _runtime!.Forget(e.Target);
    }

    private void OnExited(in KernelEvent e)
    {
        if (e.Task.ProcessId == _targetProcess) _users?.TargetEnded();
    }
}
