using Kennel.Probes;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Binding;

/// <summary>
/// Finds out what every name of a body means, and decides @defined. What a decision leaves out is not looked at: it may name what
/// does not exist. This part: statements.
/// </summary>
internal sealed partial class Binder(StapLibrary library, IKernelModel model, StapLayouts layouts, StapOptions options)
{
    private readonly Queue<Function> _pending = new();
    private readonly List<ForeachStmt> _loops = [];
    private readonly List<Variable> _iterated = [];
    private int _loopDepth;
    private Scope _scope = null!;

    /// <summary>All functions that something calls.</summary>
    public List<Function> Functions { get; } = [];

    /// <summary>All globals that something names.</summary>
    public HashSet<Variable> UsedGlobals { get; } = [];

    public List<StapSemanticException> Problems { get; } = [];

    /// <summary>Writes to arrays inside their own foreach, checked when all functions are known.</summary>
    public List<(Variable Array, CallExpr Call, IReadOnlyList<Function> Targets)> CallsInsideForeach { get; } = [];

    public void BindProbe(DerivedProbe probe)
    {
        _scope = probe.Scope;
        try
        {
            foreach (Expr condition in probe.Conditions) BindExpr(condition);
            foreach (BlockStmt body in probe.Bodies) Bind(body);
        }
        catch (StapSemanticException problem)
        {
            Problems.Add(problem);
        }
        BindFunctions();
    }

    /// <summary>
    /// Binds the functions of a file that nothing calls: they may not name what does not exist. What they use does not count as used.
    /// </summary>
    public List<Function> BindUnused(StapSource source)
    {
        List<Function> unused = [.. library.FunctionsOf(source).Where(f => !Functions.Contains(f))];
        var other = new Binder(library, model, layouts, options);
        (Variable Variable, bool Read, bool Written)[] before = [.. library.Globals.Select(g => (g, g.IsRead, g.IsWritten))];
        foreach (Function function in unused)
        {
            other.Functions.Add(function);
            other._pending.Enqueue(function);
        }
        other.BindFunctions();
        foreach ((Variable variable, bool read, bool written) in before) (variable.IsRead, variable.IsWritten) = (read, written);
        Problems.AddRange(other.Problems);
        return unused;
    }

    private void BindFunctions()
    {
        while (_pending.TryDequeue(out Function? function))
        {
            if (function.Declaration == null) continue;
            _scope = new Scope(function.Source!) { Function = function };
            function.Scope = _scope;
            foreach (Variable parameter in function.Parameters) _scope.Locals[parameter.Name] = parameter;
            try
            {
                if (function.Declaration.Body == null)
                    throw new StapSemanticException($"function '{function.Name}' is written in C, which cannot be run here", function.Declaration.At);
                Bind(function.Declaration.Body);
            }
            catch (StapSemanticException problem)
            {
                Problems.Add(problem);
            }
        }
    }

    private void Bind(Stmt statement)
    {
        switch (statement)
        {
            case BlockStmt block:
                foreach (Stmt inner in block.Statements) Bind(inner);
                break;
            case ExprStmt expression:
                BindExpr(expression.Value, used: false);
                break;
            case IfStmt branch:
                BindIf(branch);
                break;
            case ForStmt loop:
                if (loop.Start != null) BindExpr(loop.Start, used: false);
                if (loop.Condition != null) BindExpr(loop.Condition);
                _loopDepth++;
                Bind(loop.Body);
                _loopDepth--;
                if (loop.Step != null) BindExpr(loop.Step, used: false);
                break;
            case ForeachStmt loop:
                BindForeach(loop);
                break;
            case ReturnStmt { Value: { } value }:
                BindExpr(value);
                break;
            case DeleteStmt delete:
                BindDelete(delete);
                break;
            case JumpStmt { Kind: not JumpKind.Next } jump when _loopDepth == 0:
                throw new StapSemanticException($"cannot '{(jump.Kind == JumpKind.Break ? "break" : "continue")}' outside loop", jump.At);
            case TryStmt attempt:
                Bind(attempt.Body);
                if (attempt.Message != null) Declare(attempt.Message, 0).IsWritten = true;
                Bind(attempt.Handler);
                break;
        }
    }

    private void BindIf(IfStmt branch)
    {
        if (Decide(branch.Condition) is { } known)
        {
            _scope.Set(branch, known != 0);
            if (known != 0) Bind(branch.Then);
            else if (branch.Otherwise != null) Bind(branch.Otherwise);
            return;
        }
        BindExpr(branch.Condition);
        Bind(branch.Then);
        if (branch.Otherwise != null) Bind(branch.Otherwise);
    }

    private void BindForeach(ForeachStmt loop)
    {
        Variable? array = null;
        if (loop.Array != null)
        {
            array = Lookup(loop.Array.Name, loop.Array.At, loop.Keys.Count, create: false)
                ?? throw new StapSemanticException($"unresolved arity-{loop.Keys.Count} global array {loop.Array.Name}, missing global declaration?", loop.Array.At);
            _scope.Set(loop.Array, array);
            array.IsRead = true;
            if (loop.Slice != null)
            {
                foreach (Expr? key in loop.Slice)
                {
                    if (key != null) BindExpr(key);
                }
            }
        }
        else BindStatistic(loop.Histogram!, loop.Histogram!.Operand);
        foreach (NameExpr key in loop.Keys) Declare(key, 0).IsWritten = true;
        if (loop.Value != null)
        {
            Variable value = Declare(loop.Value, 0);
            (value.IsWritten, value.IsLoopValue) = (true, true);
        }
        if (loop.Limit != null) BindExpr(loop.Limit);
        _loopDepth++;
        if (array != null)
        {
            if (loop.SortColumn > loop.Keys.Count) throw new StapSemanticException("invalid sort column", loop.At);
            _loops.Add(loop);
            _iterated.Add(array);
        }
        Bind(loop.Body);
        if (array != null)
        {
            _loops.RemoveAt(_loops.Count - 1);
            _iterated.RemoveAt(_iterated.Count - 1);
        }
        _loopDepth--;
    }

    private void BindDelete(DeleteStmt delete)
    {
        switch (delete.Target)
        {
            case NameExpr name:
                Variable scalar = Lookup(name.Name, name.At, -1, create: true)!;
                scalar.IsWritten = true;
                _scope.Set(name, scalar);
                RequireNotIterated(scalar, name.At);
                break;
            case IndexExpr index:
                Variable array = BindIndex(index, mayHaveWildcards: true);
                array.IsWritten = true;
                RequireNotIterated(array, index.At);
                break;
            default:
                throw new StapSemanticException("invalid operand of 'delete'", delete.At);
        }
    }

    private void RequireNotIterated(Variable variable, StapToken at)
    {
        if (_iterated.Contains(variable)) throw new StapSemanticException($"variable '{variable.Name}' modified during 'foreach' iteration", at);
    }

    private Variable Declare(NameExpr name, int arity)
    {
        Variable variable = Lookup(name.Name, name.At, arity, create: true)!;
        _scope.Set(name, variable);
        return variable;
    }

    private Variable? Lookup(string name, StapToken at, int arity, bool create)
    {
        if (_scope.Locals.TryGetValue(name, out Variable? local) && local.IsParameter) return local;
        if (library.FindGlobal(name, at.Source) is { } global)
        {
            UsedGlobals.Add(global);
            return global;
        }
        if (arity > 0) return null;
        if (local != null) return local;
        return create ? _scope.Locals[name] = new Variable(name, at, false) : null;
    }
}
