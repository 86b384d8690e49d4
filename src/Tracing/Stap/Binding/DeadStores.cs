using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Binding;

/// <summary>
/// Finds assignments to locals that nothing reads: tapsets set many, and a probe pays for those only that it uses. Their right
/// sides must not do anything else.
/// </summary>
internal sealed class DeadStores(Scope scope)
{
    private readonly HashSet<Variable> _live = [];
    private readonly List<(ExprStmt Statement, Variable Target, Expr Value)> _candidates = [];

    /// <summary>Marks dead statements (their fact is <see cref="Marker"/>).</summary>
    public void Mark(IEnumerable<Stmt> bodies, IEnumerable<Expr> conditions)
    {
        foreach (Expr condition in conditions) Visit(condition);
        foreach (Stmt body in bodies) Visit(body);
        bool more = true;
        while (more)
        {
            more = false;
            for (int i = _candidates.Count - 1; i >= 0; i--)
            {
                if (!_live.Contains(_candidates[i].Target)) continue;
                Expr value = _candidates[i].Value;
                _candidates.RemoveAt(i);
                Visit(value);
                more = true;
            }
        }
        foreach ((ExprStmt statement, _, _) in _candidates) scope.Set(statement, Marker);
    }

    /// <summary>The fact that marks a dead statement.</summary>
    public static object Marker { get; } = new();

    private void Visit(Stmt? statement)
    {
        switch (statement)
        {
            case BlockStmt block:
                foreach (Stmt inner in block.Statements) Visit(inner);
                break;
            case ExprStmt { Value: AssignExpr { Op: "=", Target: NameExpr } assign } store when scope.Fact<Variable>(assign.Target) is { IsGlobal: false } local && IsPure(assign.Value):
                _candidates.Add((store, local, assign.Value));
                break;
            case ExprStmt expression:
                Visit(expression.Value);
                break;
            case IfStmt branch:
                if (scope.Decision(branch) is { } taken)
                {
                    Visit(taken ? branch.Then : branch.Otherwise);
                    break;
                }
                Visit(branch.Condition);
                Visit(branch.Then);
                Visit(branch.Otherwise);
                break;
            case ForStmt loop:
                Visit(loop.Start);
                Visit(loop.Condition);
                Visit(loop.Step);
                Visit(loop.Body);
                break;
            case ForeachStmt loop:
                Visit(loop.Limit);
                foreach (Expr? key in loop.Slice ?? []) Visit(key);
                Visit(loop.Histogram);
                Visit(loop.Body);
                break;
            case ReturnStmt result:
                Visit(result.Value);
                break;
            case DeleteStmt delete:
                Visit(delete.Target);
                break;
            case TryStmt attempt:
                Visit(attempt.Body);
                Visit(attempt.Handler);
                break;
        }
    }

    private void Visit(Expr? expression)
    {
        if (expression == null) return;
        if (expression is NameExpr && scope.Fact<Variable>(expression) is { } variable) _live.Add(variable);
        foreach (Expr child in Children(expression)) Visit(child);
    }

    private IEnumerable<Expr> Children(Expr expression) => ExprWalk.Children(expression, scope);

    private bool IsPure(Expr expression) => expression switch
    {
        AssignExpr or StepExpr or PrintExpr { ToText: false } => false,
        CallExpr call when scope.Fact<FunctionGroup>(call) is not { First.IsPure: true } => false,
        _ => Children(expression).All(IsPure),
    };
}

/// <summary>The parts of an expression, left out what @defined left out.</summary>
internal static class ExprWalk
{
    public static IEnumerable<Expr> Children(Expr expression, Scope scope) => expression switch
    {
        IndexExpr index => index.Keys.OfType<Expr>(),
        CallExpr call => call.Arguments,
        PrintExpr print => print.Arguments,
        UnaryExpr unary => [unary.Operand],
        StepExpr step => [step.Target],
        BinaryExpr binary => scope.Decision(binary) != null ? [] : [binary.Left, binary.Right],
        ConditionalExpr choice => scope.Decision(choice) is { } taken ? [taken ? choice.Then : choice.Otherwise] : [choice.Condition, choice.Then, choice.Otherwise],
        AssignExpr assign => [assign.Target, assign.Value],
        MemberExpr member => member.Keys.OfType<Expr>(),
        RegexExpr regex => [regex.Left],
        StatExpr stat => [stat.Operand],
        HistogramExpr histogram => histogram.Bucket == null ? [histogram.Operand] : [histogram.Operand, histogram.Bucket],
        TargetExpr target => target.Steps.Select(s => s.Index).Append(target.Operand).OfType<Expr>(),
        ChooseDefinedExpr choose => [scope.Decision(choose) == true ? choose.First : choose.Second],
        EntryExpr entry => [entry.Operand],
        _ => [],
    };
}
