namespace Kennel.Tracing.Stap.Syntax;

internal abstract class Stmt(StapToken at) : Node(at);

internal sealed class BlockStmt(StapToken at, IReadOnlyList<Stmt> statements) : Stmt(at)
{
    public IReadOnlyList<Stmt> Statements => statements;
}

internal sealed class EmptyStmt(StapToken at) : Stmt(at);

internal sealed class ExprStmt(StapToken at, Expr value) : Stmt(at)
{
    public Expr Value => value;
}

internal sealed class IfStmt(StapToken at, Expr condition, Stmt then, Stmt? otherwise) : Stmt(at)
{
    public Expr Condition => condition;

    public Stmt Then => then;

    public Stmt? Otherwise => otherwise;
}

/// <summary>for, and while as a for without start and step.</summary>
internal sealed class ForStmt(StapToken at, Expr? start, Expr? condition, Expr? step, Stmt body) : Stmt(at)
{
    public Expr? Start => start;

    public Expr? Condition => condition;

    public Expr? Step => step;

    public Stmt Body => body;
}

/// <summary>foreach.</summary>
internal sealed class ForeachStmt(StapToken at) : Stmt(at)
{
    /// <summary>Names of the keys.</summary>
    public required IReadOnlyList<NameExpr> Keys { get; init; }

    /// <summary>The name of the value; null without one.</summary>
    public NameExpr? Value { get; init; }

    /// <summary>The array; null when a histogram is iterated.</summary>
    public NameExpr? Array { get; init; }

    public HistogramExpr? Histogram { get; init; }

    /// <summary>The slice; null elements take everything.</summary>
    public IReadOnlyList<Expr?>? Slice { get; init; }

    /// <summary>-1 descending, 1 ascending, 0 as they come.</summary>
    public int Direction { get; init; }

    /// <summary>0: by value; else the key's number, from 1.</summary>
    public int SortColumn { get; init; }

    /// <summary>@count, @sum and so on: by which figure of a statistic.</summary>
    public string? SortFigure { get; init; }

    public Expr? Limit { get; init; }

    public required Stmt Body { get; init; }
}

internal sealed class ReturnStmt(StapToken at, Expr? value) : Stmt(at)
{
    public Expr? Value => value;
}

internal sealed class DeleteStmt(StapToken at, Expr target) : Stmt(at)
{
    public Expr Target => target;
}

internal enum JumpKind
{
    Break,
    Continue,
    Next,
}

internal sealed class JumpStmt(StapToken at, JumpKind kind) : Stmt(at)
{
    public JumpKind Kind => kind;
}

internal sealed class TryStmt(StapToken at, Stmt body, NameExpr? message, Stmt handler) : Stmt(at)
{
    public Stmt Body => body;

    public NameExpr? Message => message;

    public Stmt Handler => handler;
}
