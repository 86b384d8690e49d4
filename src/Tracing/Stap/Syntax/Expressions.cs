namespace Kennel.Tracing.Stap.Syntax;

/// <summary>A part of a script. What is found out about it (types, variables) is kept beside it, for the same text can serve several probes.</summary>
internal abstract class Node(StapToken at)
{
    /// <summary>The token that messages name.</summary>
    public StapToken At => at;
}

internal abstract class Expr(StapToken at) : Node(at);

internal sealed class NumberExpr(StapToken at, long value) : Expr(at)
{
    public long Value => value;
}

internal sealed class StringExpr(StapToken at, string value) : Expr(at)
{
    public string Value => value;
}

/// <summary>A variable without index.</summary>
internal sealed class NameExpr(StapToken at, string name) : Expr(at)
{
    public string Name => name;
}

/// <summary>An element of an array; a null index is the * of a slice.</summary>
internal sealed class IndexExpr(StapToken at, string name, IReadOnlyList<Expr?> keys) : Expr(at)
{
    public string Name => name;

    public IReadOnlyList<Expr?> Keys => keys;
}

internal sealed class CallExpr(StapToken at, string name, IReadOnlyList<Expr> arguments) : Expr(at)
{
    public string Name => name;

    public IReadOnlyList<Expr> Arguments => arguments;
}

internal enum PrintKind
{
    Print,
    Printf,
    Printd,
    Println,
    Printdln,
    Char,
}

/// <summary>print and its family; sprint answers a string.</summary>
internal sealed class PrintExpr(StapToken at, PrintKind kind, bool toString, FormatString? format, StringExpr? delimiter, IReadOnlyList<Expr> arguments) : Expr(at)
{
    public PrintKind Kind => kind;

    public bool ToText => toString;

    public FormatString? Format => format;

    public StringExpr? Delimiter => delimiter;

    public IReadOnlyList<Expr> Arguments => arguments;
}

internal sealed class UnaryExpr(StapToken at, string op, Expr operand) : Expr(at)
{
    public string Op => op;

    public Expr Operand => operand;
}

/// <summary>++ and --.</summary>
internal sealed class StepExpr(StapToken at, bool up, bool prefix, Expr target) : Expr(at)
{
    public bool Up => up;

    public bool Prefix => prefix;

    public Expr Target => target;
}

internal sealed class BinaryExpr(StapToken at, string op, Expr left, Expr right) : Expr(at)
{
    public string Op => op;

    public Expr Left => left;

    public Expr Right => right;
}

internal sealed class ConditionalExpr(StapToken at, Expr condition, Expr then, Expr otherwise) : Expr(at)
{
    public Expr Condition => condition;

    public Expr Then => then;

    public Expr Otherwise => otherwise;
}

/// <summary>An assignment; &lt;&lt;&lt; too.</summary>
internal sealed class AssignExpr(StapToken at, string op, Expr target, Expr value) : Expr(at)
{
    public string Op => op;

    public Expr Target => target;

    public Expr Value => value;
}

internal sealed class MemberExpr(StapToken at, IReadOnlyList<Expr?> keys, NameExpr array) : Expr(at)
{
    public IReadOnlyList<Expr?> Keys => keys;

    public NameExpr Array => array;
}

/// <summary>=~ and !~.</summary>
internal sealed class RegexExpr(StapToken at, bool negated, Expr left, string pattern) : Expr(at)
{
    public bool Negated => negated;

    public Expr Left => left;

    public string Pattern => pattern;
}

/// <summary>@count, @sum, @min, @max, @avg, @variance.</summary>
internal sealed class StatExpr(StapToken at, string op, Expr operand, long parameter = 0) : Expr(at)
{
    public string Op => op;

    public Expr Operand => operand;

    public long Parameter => parameter;
}

/// <summary>@hist_log(x) or @hist_linear(x, from, to, step); with an index the value of a bucket.</summary>
internal sealed class HistogramExpr(StapToken at, bool linear, Expr operand, long from, long to, long step, Expr? bucket) : Expr(at)
{
    public bool Linear => linear;

    public Expr Operand => operand;

    public long From => from;

    public long To => to;

    public long Step => step;

    public Expr? Bucket => bucket;
}

/// <summary>A step into a structure: -&gt;member, [index], or the pretty-print marks $ and $$.</summary>
internal sealed class Step(StapToken at, string? member, Expr? index, int pretty)
{
    public StapToken At => at;

    public string? Member => member;

    public Expr? Index => index;

    public int Pretty => pretty;
}

/// <summary>Where a walk through structures starts.</summary>
internal enum TargetKind
{
    Variable,
    Cast,
    Global,
    Expression,
}

/// <summary>$name-&gt;a-&gt;b[i], @cast(address, "type")-&gt;a, @var("name")-&gt;a.</summary>
internal sealed class TargetExpr(StapToken at, TargetKind kind, string name, Expr? operand, string? type, IReadOnlyList<Step> steps, bool addressOf) : Expr(at)
{
    public TargetKind Kind => kind;

    public string Name => name;

    public Expr? Operand => operand;

    public string? Type => type;

    public IReadOnlyList<Step> Steps => steps;

    public bool AddressOf => addressOf;
}

internal sealed class DefinedExpr(StapToken at, Expr operand) : Expr(at)
{
    public Expr Operand => operand;
}

/// <summary>@choose_defined(a, b).</summary>
internal sealed class ChooseDefinedExpr(StapToken at, Expr first, Expr second) : Expr(at)
{
    public Expr First => first;

    public Expr Second => second;
}

/// <summary>@entry(expression): its value when the function was entered.</summary>
internal sealed class EntryExpr(StapToken at, Expr operand) : Expr(at)
{
    public Expr Operand => operand;
}

/// <summary>@const("NAME"), C text in an expression, or anything else that only a compiler of C could answer.</summary>
internal sealed class ForeignExpr(StapToken at, string what, string text) : Expr(at)
{
    public string What => what;

    public string Text => text;
}
