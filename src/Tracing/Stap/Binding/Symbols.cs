using System.Reflection;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Binding;

/// <summary>A variable: global, or local to one probe or function.</summary>
internal sealed class Variable(string name, StapToken declared, bool isGlobal)
{
    public string Name => name;

    public StapToken Declared => declared;

    public bool IsGlobal => isGlobal;

    /// <summary>The type of its value (of its elements, for an array).</summary>
    public StapType Type { get; set; }

    /// <summary>Where the type was first seen.</summary>
    public StapToken? TypeSeenAt { get; set; }

    /// <summary>0 for a scalar; -1 as long as nothing is known.</summary>
    public int Arity { get; set; } = isGlobal ? -1 : 0;

    public StapToken? AritySeenAt { get; set; }

    public StapType[] KeyTypes { get; set; } = [];

    public long? MaximumSize { get; init; }

    public bool Wraps { get; init; }

    public Expr? Initial { get; set; }

    public StapSource? PrivateTo { get; init; }

    public bool IsRead { get; set; }

    public bool IsWritten { get; set; }

    /// <summary>The histogram that is asked of a statistic; null for none.</summary>
    public HistogramExpr? Histogram { get; set; }

    /// <summary>Whether @variance is asked, and with which shift.</summary>
    public bool WantsVariance { get; set; }

    public bool IsParameter { get; init; }

    /// <summary>v of foreach (v = k in a): it may hold a statistic.</summary>
    public bool IsLoopValue { get; set; }

    /// <summary>The C type that the value points to, when assignments say so (for -&gt; without @cast).</summary>
    public string? PointsTo { get; set; }

    /// <summary>Where the value lives at run time (globals).</summary>
    public object? Storage { get; set; }
}

/// <summary>A function, in script or native.</summary>
internal sealed class Function(string name, int arity)
{
    public string Name => name;

    public int Arity => arity;

    public FunctionDeclaration? Declaration { get; init; }

    public StapSource? Source { get; init; }

    public StapType ReturnType { get; set; }

    public StapToken? TypeSeenAt { get; set; }

    public IReadOnlyList<Variable> Parameters { get; init; } = [];

    public Scope? Scope { get; set; }

    /// <summary>The method behind a native function; its first parameter is the runtime.</summary>
    public MethodInfo? Native { get; init; }

    /// <summary>Whether a call without use of its value can be left out.</summary>
    public bool IsPure { get; set; }

    /// <summary>Whether it may only be used with -g.</summary>
    public bool NeedsGuru { get; init; }

    /// <summary>The C type that its value points to.</summary>
    public string? PointsTo { get; init; }

    /// <summary>Its compiled form.</summary>
    public object? Slot { get; set; }

    public HashSet<Function> Calls { get; } = [];
}

/// <summary>All functions of one name and number of parameters; next in one goes on with the following.</summary>
internal sealed record FunctionGroup(IReadOnlyList<Function> Members)
{
    public Function First => Members[0];
}

/// <summary>What is known of the nodes of one probe's or function's bodies.</summary>
internal sealed class Scope(StapSource home)
{
    private readonly Dictionary<Node, object> _facts = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Node, StapType> _types = new(ReferenceEqualityComparer.Instance);

    /// <summary>The file whose private names it sees.</summary>
    public StapSource Home => home;

    public Dictionary<string, Variable> Locals { get; } = new(StringComparer.Ordinal);

    /// <summary>Where events come from; null in functions.</summary>
    public ProbeSource? Source { get; init; }

    public Function? Function { get; init; }

    public bool InFunction => Function != null;

    /// <summary>Locals that something reads.</summary>
    public HashSet<Variable> ReadLocals { get; } = [];

    /// <summary>@entry expressions and target variables that are evaluated at entry, in order.</summary>
    public List<Expr> EntryValues { get; } = [];

    public HashSet<Function> Calls { get; } = [];

    public T? Fact<T>(Node node) where T : class => _facts.TryGetValue(node, out object? fact) ? fact as T : null;

    public bool? Decision(Node node) => _facts.TryGetValue(node, out object? fact) && fact is bool taken ? taken : null;

    public void Set(Node node, object fact) => _facts[node] = fact;

    public StapType TypeOf(Node node) => _types.GetValueOrDefault(node);

    public void SetType(Node node, StapType type) => _types[node] = type;
}

/// <summary>A probe as it will run: one event source, and the bodies that run in turn (prologues, the script's, epilogues).</summary>
internal sealed class DerivedProbe(ProbeSource source, string writtenName, Scope scope, IReadOnlyList<BlockStmt> bodies, IReadOnlyList<Expr> conditions, ProbeDeclaration declaration)
{
    public ProbeSource Source => source;

    /// <summary>pp().</summary>
    public string ResolvedName => source.Name;

    /// <summary>pn().</summary>
    public string WrittenName => writtenName;

    public Scope Scope => scope;

    public IReadOnlyList<BlockStmt> Bodies => bodies;

    public IReadOnlyList<Expr> Conditions => conditions;

    public ProbeDeclaration Declaration => declaration;
}

/// <summary>A mistake that pass 2 finds.</summary>
internal sealed class StapSemanticException(string message, StapToken? token = null, StapSemanticException? cause = null) : Exception(message)
{
    public StapToken? Token => token;

    /// <summary>The message that follows.</summary>
    public StapSemanticException? Cause => cause;
}
