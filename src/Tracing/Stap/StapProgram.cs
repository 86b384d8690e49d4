using System.Text;
using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Functions;
using Kennel.Tracing.Stap.Probes;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap;

/// <summary>A script that has passed analysis: probes to attach, globals, functions. Passes 1 and 2.</summary>
internal sealed class StapProgram
{
    private readonly StapOptions _options;
    private readonly StapDiagnostics _diagnostics;
    private readonly Dictionary<string, StapMacro> _macros = new(StringComparer.Ordinal);
    private readonly HashSet<int> _usedArguments = [];

    private StapProgram(StapOptions options, TextWriter errors)
    {
        _options = options;
        _diagnostics = new StapDiagnostics(errors, options);
    }

    public List<DerivedProbe> Probes { get; } = [];

    public IReadOnlyList<Variable> Globals { get; private set; } = [];

    public IReadOnlyList<Function> Functions { get; private set; } = [];

    public StapDiagnostics Diagnostics => _diagnostics;

    /// <summary>The pass that failed; 0 when none did.</summary>
    public int FailedPass { get; private set; }

    public int TapsetFiles { get; private set; }

    /// <summary>How long pass 1 took.</summary>
    public string ParsedIn { get; private set; } = "";

    /// <summary>The script as parsed; null when only probe points are listed.</summary>
    public StapFile? Script { get; private set; }

    /// <summary>Structures: the kernel's, and those of programs that probes are about.</summary>
    public StapLayouts? Layouts { get; private set; }

    public StapLibrary Library { get; } = new();

    public ProbeTree Tree { get; } = new();

    /// <summary>Reads, parses and analyses; what is wrong is said on <paramref name="errors"/>.</summary>
    public static StapProgram Compile(StapOptions options, ITraceTarget target, TextWriter errors)
    {
        var program = new StapProgram(options, errors);
        program.FailedPass = program.Run(target);
        if (program.FailedPass != 0) program._diagnostics.PassFailed(program.FailedPass);
        return program;
    }

    private int Run(ITraceTarget target)
    {
        var watch = new PassWatch();
        if (!ParseTapsets(out List<StapFile> files)) return 1;
        StapFile? script = null;
        if (!_options.ListProbes && _options.Dump == StapDump.None)
        {
            script = Parse(new StapSource(_options.ScriptName, _options.ScriptText), out bool clean);
            if (!clean) return 1;
            Script = script;
        }
        for (int i = 1; i <= _options.Arguments.Count; i++)
        {
            if (!_usedArguments.Contains(i) && script != null) _diagnostics.Warning($"unused command line option ${i}/@{i}", null);
        }
        ParsedIn = watch.Next();
        if (_options.LastPass == 1) return 0;
        try
        {
            foreach (StapFile file in script == null ? files : [script, .. files]) Library.Add(file);
            foreach (Function native in NativeFunctions.All()) Library.AddNative(native);
        }
        catch (StapSemanticException problem)
        {
            _diagnostics.SemanticErrors([problem]);
            return 2;
        }
        foreach (AliasDeclaration alias in Library.Aliases) Tree.AddAlias(alias);
        var layouts = new StapLayouts(target.Model);
        new BuiltinPoints(target, _options, new GuestVariables(target, layouts)).AddTo(Tree);
        Layouts = layouts;
        return script == null || Analyse(script, target) ? 0 : 2;
    }

    private bool Analyse(StapFile script, ITraceTarget target)
    {
        var resolver = new ProbeResolver(Tree);
        foreach (ProbeDeclaration probe in script.Probes) Probes.AddRange(resolver.Resolve(probe, script.Source));
        if (resolver.Problems.Count > 0)
        {
            _diagnostics.SemanticErrors(resolver.Problems);
            return false;
        }
        foreach (StapToken code in script.EmbeddedCode) _diagnostics.Warning("embedded C is left out", code);
        if (Probes.Count == 0)
        {
            _diagnostics.SemanticErrors([new StapSemanticException("no probes found")]);
            return false;
        }
        var binder = new Binding.Binder(Library, target.Model, Layouts!, _options);
        foreach (DerivedProbe probe in Probes) binder.BindProbe(probe);
        IReadOnlyList<Function> unused = binder.BindUnused(script.Source);
        if (Failed(binder.Problems)) return false;
        foreach (DerivedProbe probe in Probes) new DeadStores(probe.Scope).Mark(probe.Bodies, probe.Conditions);
        Functions = binder.Functions;
        var inference = new TypeInference();
        inference.Run(Probes, Functions);
        if (Failed(inference.Problems)) return false;
        foreach (Function function in unused) _diagnostics.Warning($"eliding unused function '{function.Name}'", function.Declaration!.At);
        var checks = new StapChecks(_options, _diagnostics);
        if (Failed(checks.Run(Library, binder, Probes))) return false;
        Globals = [.. Library.Globals.Where(g => binder.UsedGlobals.Contains(g))];
        return !Failed(checks.SetGlobals(Library, Globals));
    }

    private bool Failed(IReadOnlyCollection<StapSemanticException> problems)
    {
        if (problems.Count == 0) return false;
        _diagnostics.SemanticErrors(problems);
        return true;
    }

    private StapFile Parse(StapSource source, out bool clean)
    {
        List<StapToken> tokens = new StapLexer(source, source.IsTapset ? [] : _options.Arguments, _usedArguments).Run();
        tokens = new StapPreprocessor(Facts(), _macros).Run(tokens);
        var parser = new StapParser(source, tokens, _options.Guru || source.IsTapset);
        StapFile file = parser.ParseFile();
        // A macro file declares nothing.
        bool onlyEmpty = source.IsTapset && parser.Problems is [{ Token: null }];
        clean = parser.Problems.Count == 0 || onlyEmpty;
        if (!clean) _diagnostics.ParseErrors(parser.Problems);
        return file;
    }

    // The built-in tapset is parsed as it is needed; that of the user at once, for what is wrong there is to be told.
    private bool ParseTapsets(out List<StapFile> files)
    {
        files = [];
        bool clean = true;
        foreach (StapSource source in TapsetIndex.Files())
        {
            TapsetFiles++;
            if (source.Name.EndsWith(".stpm", StringComparison.Ordinal)) Parse(source, out _);
            else Index(source, files);
        }
        // Macro files first: all others may use what they define.
        foreach (StapSource source in TapsetSources().OrderBy(s => s.Name.EndsWith(".stpm", StringComparison.Ordinal) ? 0 : 1))
        {
            files.Add(Parse(source, out bool good));
            clean &= good;
            TapsetFiles++;
        }
        return clean;
    }

    private void Index(StapSource source, List<StapFile> files)
    {
        foreach (TapsetIndex.Declaration declaration in TapsetIndex.Cut(source))
        {
            switch (declaration.Keyword)
            {
                case "probe":
                    Tree.AddAlias(declaration.Name.Split('.'), () => Parse(declaration.Source, out _).Aliases[0]);
                    break;
                case "function":
                    Library.AddLater(declaration.Name, () => Parse(declaration.Source, out _));
                    break;
                default:
                    files.Add(Parse(declaration.Source, out _));
                    break;
            }
        }
    }

    private IEnumerable<StapSource> TapsetSources()
    {
        foreach (string directory in _options.TapsetDirectories.Where(Directory.Exists))
        {
            foreach (string path in Directory.EnumerateFiles(directory, "*.stp*", SearchOption.AllDirectories).Where(p => p.EndsWith(".stp", StringComparison.Ordinal) || p.EndsWith(".stpm", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            {
                if (Path.GetFullPath(path) == Path.GetFullPath(_options.ScriptName)) continue;
                yield return new StapSource(path, File.ReadAllText(path, Encoding.Latin1)) { IsTapset = true };
            }
        }
    }

    private Dictionary<string, string> Facts()
    {
        string release = _options.KernelRelease;
        int dash = release.IndexOf('-');
        var facts = new Dictionary<string, string>
        {
            ["kernel_vr"] = release,
            ["kernel_v"] = dash < 0 ? release : release[..dash],
            ["systemtap_v"] = _options.Defines.GetValueOrDefault("compatible", StapOptions.Version),
            ["arch"] = StapOptions.Architecture,
            ["runtime"] = "kernel",
            ["guru_mode"] = _options.Guru ? "1" : "0",
            ["systemtap_privilege"] = "stapdev",
        };
        foreach (string name in (ReadOnlySpan<string>)["CONFIG_64BIT", "CONFIG_X86_64", "CONFIG_SMP", "CONFIG_MMU", "CONFIG_UTRACE", "CONFIG_KPROBES", "CONFIG_UPROBES", "CONFIG_TRACEPOINTS"]) facts[name] = "y";
        facts.Remove("CONFIG_UTRACE");
        return facts;
    }
}
