namespace Kennel.Tracing.Stap.Syntax;

/// <summary>A component of a probe point: name, or name(argument).</summary>
internal sealed record PointPart(StapToken At, string Name, string? Text, long Number, bool HasArgument)
{
    /// <summary>As pp() shows it.</summary>
    public override string ToString() => !HasArgument ? Name : Text != null ? $"{Name}(\"{Text}\")" : $"{Name}({Number})";
}

/// <summary>A probe point as written.</summary>
/// <param name="Parts">What stands between the dots.</param>
/// <param name="Optional">? or !.</param>
/// <param name="Sufficient">!: what follows in the list is skipped when it resolves.</param>
/// <param name="Condition">if (...).</param>
internal sealed record ProbePoint(IReadOnlyList<PointPart> Parts, bool Optional, bool Sufficient, Expr? Condition)
{
    public StapToken At => Parts[0].At;

    public override string ToString() => string.Join('.', Parts);
}

/// <summary>probe points { body }.</summary>
internal sealed record ProbeDeclaration(StapToken At, IReadOnlyList<ProbePoint> Points, BlockStmt Body, bool Private = false);

/// <summary>probe name = points { prologue }, or += { epilogue }.</summary>
internal sealed record AliasDeclaration(StapToken At, IReadOnlyList<PointPart> Name, IReadOnlyList<ProbePoint> Points, BlockStmt Body, bool Epilogue)
{
    /// <summary>The suffixes that may be added when it is used.</summary>
    public string NameText => string.Join('.', Name);
}

/// <summary>The types that script values have.</summary>
internal enum StapType
{
    Unknown,
    Long,
    String,
    Stats,
}

internal sealed record ParameterDeclaration(StapToken At, string Name, StapType Type);

/// <summary>A function; its body is null when it is C.</summary>
internal sealed record FunctionDeclaration(StapToken At, string Name, StapType Type, IReadOnlyList<ParameterDeclaration> Parameters, BlockStmt? Body, long Priority, bool Private, string? Code);

/// <summary>A global variable.</summary>
internal sealed record GlobalDeclaration(StapToken At, string Name, long? MaximumSize, bool Wraps, Expr? Initial, bool Private);

/// <summary>A file's declarations.</summary>
internal sealed class StapFile(StapSource source)
{
    public StapSource Source => source;

    public List<ProbeDeclaration> Probes { get; } = [];

    public List<AliasDeclaration> Aliases { get; } = [];

    public List<FunctionDeclaration> Functions { get; } = [];

    public List<GlobalDeclaration> Globals { get; } = [];

    /// <summary>C text between %{ and %} outside functions.</summary>
    public List<StapToken> EmbeddedCode { get; } = [];

    public bool IsEmpty => Probes.Count + Aliases.Count + Functions.Count + Globals.Count + EmbeddedCode.Count == 0;
}
