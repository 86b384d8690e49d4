using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Binding;

/// <summary>
/// Finds the type of everything: passes over all bodies until none learns anything new. A value is a number, a string, or a statistic;
/// two uses that disagree are a mistake.
/// </summary>
internal sealed partial class TypeInference
{
    private readonly List<StapSemanticException> _problems = [];
    private Scope _scope = null!;
    private bool _changed;
    private bool _final;

    public IReadOnlyList<StapSemanticException> Problems => _problems;

    public void Run(IReadOnlyList<DerivedProbe> probes, IReadOnlyList<Function> functions)
    {
        var failed = new HashSet<object>();
        do
        {
            _changed = false;
            Pass(probes, functions, failed);
        }
        while (_changed);
        if (_problems.Count > 0) return;
        _final = true;
        Pass(probes, functions, failed);
    }

    private void Pass(IReadOnlyList<DerivedProbe> probes, IReadOnlyList<Function> functions, HashSet<object> failed)
    {
        foreach (Function function in functions.Where(f => f.Declaration?.Body != null && !failed.Contains(f)))
        {
            _scope = function.Scope!;
            Guard(function, failed, () => Visit(function.Declaration!.Body!));
        }
        foreach (DerivedProbe probe in probes.Where(p => !failed.Contains(p)))
        {
            _scope = probe.Scope;
            Guard(probe, failed, () =>
            {
                foreach (Expr condition in probe.Conditions) Infer(condition, StapType.Long);
                foreach (Stmt body in probe.Bodies) Visit(body);
            });
        }
    }

    private void Guard(object owner, HashSet<object> failed, Action action)
    {
        try
        {
            action();
        }
        catch (StapSemanticException problem)
        {
            failed.Add(owner);
            _problems.Add(problem);
        }
    }

    private void Visit(Stmt? statement)
    {
        switch (statement)
        {
            case BlockStmt block:
                foreach (Stmt inner in block.Statements) Visit(inner);
                break;
            case ExprStmt expression when !expression.At.Source.IsTapset || _scope.Fact<object>(expression) != DeadStores.Marker:
                InferDiscarded(expression.Value);
                break;
            case IfStmt branch:
                if (_scope.Decision(branch) is { } taken)
                {
                    Visit(taken ? branch.Then : branch.Otherwise);
                    break;
                }
                Infer(branch.Condition, StapType.Long);
                Visit(branch.Then);
                Visit(branch.Otherwise);
                break;
            case ForStmt loop:
                if (loop.Start != null) InferDiscarded(loop.Start);
                if (loop.Condition != null) Infer(loop.Condition, StapType.Long);
                if (loop.Step != null) InferDiscarded(loop.Step);
                Visit(loop.Body);
                break;
            case ForeachStmt loop:
                VisitForeach(loop);
                break;
            case ReturnStmt result:
                VisitReturn(result);
                break;
            case DeleteStmt { Target: IndexExpr index }:
                InferKeys(_scope.Fact<Variable>(index)!, index.Keys, index.At);
                break;
            case TryStmt attempt:
                Visit(attempt.Body);
                if (attempt.Message != null) Unify(_scope.Fact<Variable>(attempt.Message)!, StapType.String, attempt.Message.At);
                Visit(attempt.Handler);
                break;
        }
    }

    // A value that nobody takes may stay without a type.
    private void InferDiscarded(Expr value)
    {
        bool final = _final;
        if (value is NameExpr) _final = false;
        Infer(value, StapType.Unknown);
        _final = final;
    }

    private void VisitReturn(ReturnStmt result)
    {
        Function function = _scope.Function!;
        if (result.Value == null) return;
        StapType type = Infer(result.Value, function.ReturnType);
        if (type == StapType.Stats) throw new StapSemanticException("a statistic cannot be returned", result.At);
        if (function.ReturnType == StapType.Unknown && type != StapType.Unknown)
        {
            function.ReturnType = type;
            function.TypeSeenAt = result.Value.At;
            _changed = true;
        }
    }

    private void VisitForeach(ForeachStmt loop)
    {
        if (loop.Limit != null) Infer(loop.Limit, StapType.Long);
        if (loop.Histogram != null)
        {
            if (loop.Keys.Count != 1) throw new StapSemanticException("histogram iteration takes one index", loop.At);
            InferStatistic(loop.Histogram.Operand);
            Unify(_scope.Fact<Variable>(loop.Keys[0])!, StapType.Long, loop.Keys[0].At);
            if (loop.Value != null) Unify(_scope.Fact<Variable>(loop.Value)!, StapType.Long, loop.Value.At);
            Visit(loop.Body);
            return;
        }
        Variable array = _scope.Fact<Variable>(loop.Array!)!;
        SetArity(array, loop.Keys.Count, loop.Array!.At);
        if (loop.Slice != null && loop.Slice.Count != loop.Keys.Count) throw new StapSemanticException("unmatched arity in foreach slice", loop.At);
        for (int i = 0; i < loop.Keys.Count; i++)
        {
            Variable key = _scope.Fact<Variable>(loop.Keys[i])!;
            UnifyBoth(array, i, key, loop.Keys[i].At);
            if (loop.Slice?[i] is { } slice)
            {
                StapType type = Infer(slice, array.KeyTypes[i]);
                SetKeyType(array, i, type, slice.At);
            }
        }
        if (loop.SortFigure != null) Unify(array, StapType.Stats, loop.Array!.At);
        if (loop.Value != null)
        {
            Variable value = _scope.Fact<Variable>(loop.Value)!;
            if (array.Type != StapType.Unknown) Unify(value, array.Type, loop.Value.At);
            else if (value.Type != StapType.Unknown) Unify(array, value.Type, loop.Value.At);
        }
        Visit(loop.Body);
    }

    private void UnifyBoth(Variable array, int column, Variable key, StapToken at)
    {
        if (array.KeyTypes[column] != StapType.Unknown) Unify(key, array.KeyTypes[column], at);
        else if (key.Type != StapType.Unknown) SetKeyType(array, column, key.Type, at);
    }

    private void SetKeyType(Variable array, int column, StapType type, StapToken at)
    {
        if (type == StapType.Unknown) return;
        if (type == StapType.Stats) throw new StapSemanticException("a statistic cannot be an index", at);
        if (array.KeyTypes[column] == StapType.Unknown)
        {
            array.KeyTypes[column] = type;
            _changed = true;
        }
        else if (array.KeyTypes[column] != type) throw Mismatch(array.KeyTypes[column], type, at, null);
    }

    private void SetArity(Variable variable, int arity, StapToken at)
    {
        if (variable.Arity == -1)
        {
            if (arity == 0 && variable.MaximumSize != null || arity > 0 && variable.Initial != null)
                throw new StapSemanticException(arity == 0 ? "inconsistent arity: array used as scalar" : "only scalar globals can be initialized", at);
            variable.Arity = arity;
            variable.AritySeenAt = at;
            variable.KeyTypes = new StapType[arity];
            _changed = true;
        }
        else if (variable.Arity != arity)
        {
            throw new StapSemanticException($"inconsistent arity ({variable.Arity} vs {arity})", at,
                variable.AritySeenAt == null ? null : new StapSemanticException($"arity {variable.Arity} first inferred here", variable.AritySeenAt));
        }
    }

    private void Unify(Variable variable, StapType type, StapToken at)
    {
        if (type == StapType.Unknown || variable.Type == type) return;
        if (variable.Type == StapType.Unknown)
        {
            variable.Type = type;
            variable.TypeSeenAt = at;
            _changed = true;
            return;
        }
        throw Clash(variable.Type, type, at, variable.TypeSeenAt);
    }

    // A variable that was something else before.
    private static StapSemanticException Clash(StapType before, StapType found, StapToken at, StapToken? seen) =>
        new($"type mismatch ({Word(found)})", at, seen == null || seen == at ? null : new StapSemanticException($"type was first inferred here ({Word(before)})", seen));


    private static StapSemanticException Mismatch(StapType expected, StapType found, StapToken at, StapToken? seen) =>
        new($"type mismatch: expected {Word(expected)} but found {Word(found)}", at,
            seen == null || seen == at ? null : new StapSemanticException($"type was first inferred here ({Word(expected)})", seen));

    internal static string Word(StapType type) => type switch
    {
        StapType.Long => "long",
        StapType.String => "string",
        StapType.Stats => "stats",
        _ => "unknown",
    };
}
