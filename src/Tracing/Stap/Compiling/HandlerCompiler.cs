using System.Linq.Expressions;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Compiling;

/// <summary>A function's compiled form, filled when it is first needed.</summary>
internal sealed class FunctionSlot<TDelegate>
{
    public TDelegate? Target;
}

/// <summary>The limits that are part of the code.</summary>
internal sealed record StapLimits(long MapEntries, int Text);

/// <summary>
/// Turns bodies into .NET methods by expression trees. A probe becomes void(runtime), a function value(runtime, parameters...). This part:
/// whole bodies and statements.
/// </summary>
internal sealed partial class HandlerCompiler(StapLimits limits)
{
    private readonly ParameterExpression _runtime = Expression.Parameter(typeof(StapRuntime), "runtime");
    private readonly Dictionary<Variable, ParameterExpression> _locals = [];
    private readonly Dictionary<ForeachStmt, ParameterExpression> _elements = [];
    private readonly Stack<(LabelTarget Break, LabelTarget Continue)> _loops = new();
    private Scope _scope = null!;
    private LabelTarget _end = null!;
    private ParameterExpression? _result;
    private bool _atEntry;

    /// <summary>Compiles a probe's handler.</summary>
    public static Action<StapRuntime> Compile(DerivedProbe probe, StapLimits limits)
    {
        var compiler = new HandlerCompiler(limits) { _scope = probe.Scope, _end = Expression.Label("end") };
        var statements = new List<Expression>();
        foreach (Expr condition in probe.Conditions)
            statements.Add(Expression.IfThen(Expression.Equal(compiler.Number(condition), Zero), Expression.Goto(compiler._end)));
        foreach (BlockStmt body in probe.Bodies) statements.Add(compiler.Statement(body));
        statements.Add(Expression.Label(compiler._end));
        BlockExpression whole = Expression.Block(compiler._locals.Values, [.. compiler.Initialize(), .. statements]);
        return Expression.Lambda<Action<StapRuntime>>(whole, compiler._runtime).Compile();
    }

    /// <summary>Compiles what a .return probe keeps at entry.</summary>
    public static Action<StapRuntime, EntryFrame> CompileEntry(DerivedProbe probe, StapLimits limits)
    {
        var compiler = new HandlerCompiler(limits) { _scope = probe.Scope, _end = Expression.Label("end"), _atEntry = true };
        ParameterExpression frame = Expression.Parameter(typeof(EntryFrame), "frame");
        var statements = new List<Expression>();
        for (int i = 0; i < probe.Scope.EntryValues.Count; i++)
        {
            Expr value = probe.Scope.EntryValues[i];
            Expr operand = value is EntryExpr entry ? entry.Operand : value;
            bool isText = probe.Scope.TypeOf(value) == StapType.String;
            statements.Add(Expression.Call(frame, isText ? nameof(EntryFrame.SetText) : nameof(EntryFrame.Set), null, Expression.Constant(i), isText ? compiler.Text(operand) : compiler.Number(operand)));
        }
        statements.Add(Expression.Label(compiler._end));
        BlockExpression whole = Expression.Block(compiler._locals.Values, [.. compiler.Initialize(), .. statements]);
        return Expression.Lambda<Action<StapRuntime, EntryFrame>>(whole, compiler._runtime, frame).Compile();
    }

    /// <summary>The slot of a script function; its body is compiled when it is first asked for.</summary>
    public static object SlotOf(Function function, StapLimits limits)
    {
        if (function.Slot != null) return function.Slot;
        Type type = DelegateTypeOf(function);
        object slot = Activator.CreateInstance(typeof(FunctionSlot<>).MakeGenericType(type))!;
        function.Slot = slot; // before its body, which may call it
        var compiler = new HandlerCompiler(limits) { _scope = function.Scope!, _end = Expression.Label("end") };
        Delegate compiled = compiler.CompileFunction(function, type);
        slot.GetType().GetField(nameof(FunctionSlot<Action>.Target))!.SetValue(slot, compiled);
        return slot;
    }

    public static Type DelegateTypeOf(Function function) =>
        Expression.GetDelegateType([typeof(StapRuntime), .. function.Parameters.Select(p => ClrType(p.Type)), ClrType(function.ReturnType)]);

    private Delegate CompileFunction(Function function, Type type)
    {
        ParameterExpression[] parameters = [.. function.Parameters.Select(p => Expression.Parameter(ClrType(p.Type), p.Name))];
        for (int i = 0; i < parameters.Length; i++) _locals[function.Parameters[i]] = parameters[i];
        _result = Expression.Variable(ClrType(function.ReturnType), "result");
        Expression body = Statement(function.Declaration!.Body!);
        ParameterExpression[] locals = [_result, .. _locals.Values.Except(parameters)];
        BlockExpression whole = Expression.Block(locals, [.. Initialize(parameters), Expression.Assign(_result, Default(function.ReturnType)), body, Expression.Label(_end), _result]);
        return Expression.Lambda(type, whole, [_runtime, .. parameters]).Compile();
    }

    private static readonly Expression Zero = Expression.Constant(0L);

    private static Type ClrType(StapType type) => type switch
    {
        StapType.String => typeof(string),
        StapType.Stats => typeof(Aggregations.Statistics),
        _ => typeof(long),
    };

    private static ConstantExpression Default(StapType type) => type switch
    {
        StapType.String => Expression.Constant(""),
        StapType.Stats => Expression.Constant(null, typeof(Aggregations.Statistics)),
        _ => Expression.Constant(0L),
    };

    // Numbers are zero to begin with; strings must be set.
    private IEnumerable<Expression> Initialize(params ParameterExpression[] except) =>
        _locals.Values.Except(except).Where(v => v.Type == typeof(string)).Select(v => Expression.Assign(v, Expression.Constant("")));

    private Expression Statement(Stmt? statement)
    {
        switch (statement)
        {
            case null or EmptyStmt:
                return Expression.Empty();
            case BlockStmt block:
                return block.Statements.Count == 0 ? Expression.Empty() : Expression.Block(typeof(void), block.Statements.Select(Statement));
            case ExprStmt expression:
                if (_scope.Fact<object>(expression) == DeadStores.Marker) return Expression.Empty();
                return Counted(expression.At, Discarded(expression.Value));
            case IfStmt branch:
                if (_scope.Decision(branch) is { } taken) return Statement(taken ? branch.Then : branch.Otherwise);
                return Counted(branch.At, branch.Otherwise == null
                    ? Expression.IfThen(Condition(branch.Condition), Statement(branch.Then))
                    : Expression.IfThenElse(Condition(branch.Condition), Statement(branch.Then), Statement(branch.Otherwise)));
            case ForStmt loop:
                return For(loop);
            case ForeachStmt loop:
                return Foreach(loop);
            case ReturnStmt result:
                return Counted(result.At, Return(result));
            case DeleteStmt delete:
                return Counted(delete.At, Delete(delete));
            case JumpStmt jump:
                return Counted(jump.At, Jump(jump));
            case TryStmt attempt:
                return Try(attempt);
            default:
                throw new InvalidOperationException($"no code for {statement.GetType().Name}");
        }
    }

    // if (--runtime.ActionsLeft < 0) ...
    private BlockExpression Counted(StapToken at, Expression statement) => Expression.Block(typeof(void), Count(at), statement);

    private Expression Count(StapToken at) => Expression.IfThen(
        Expression.LessThan(Expression.PreDecrementAssign(Expression.Field(_runtime, nameof(StapRuntime.ActionsLeft))), Zero),
        Expression.Call(_runtime, nameof(StapRuntime.TooManyActions), null, Expression.Constant(at)));

    private Expression Discarded(Expr value)
    {
        // A bare name does nothing.
        if (value is NameExpr or NumberExpr or StringExpr) return Expression.Empty();
        return Value(value);
    }

    private Expression For(ForStmt loop)
    {
        LabelTarget end = Expression.Label("break");
        LabelTarget next = Expression.Label("continue");
        _loops.Push((end, next));
        Expression body = Statement(loop.Body);
        _loops.Pop();
        var statements = new List<Expression>();
        if (loop.Start != null) statements.Add(Discarded(loop.Start));
        var round = new List<Expression> { Count(loop.At) };
        if (loop.Condition != null) round.Add(Expression.IfThen(Expression.Equal(Number(loop.Condition), Zero), Expression.Break(end)));
        round.Add(body);
        round.Add(Expression.Label(next));
        if (loop.Step != null) round.Add(Discarded(loop.Step));
        statements.Add(Expression.Loop(Expression.Block(typeof(void), round), end));
        return Expression.Block(typeof(void), statements);
    }

    private Expression Return(ReturnStmt result)
    {
        Expression leave = Expression.Goto(_end);
        if (result.Value == null) return leave;
        Function function = _scope.Function!;
        return Expression.Block(typeof(void), Expression.Assign(_result!, Value(result.Value, function.ReturnType)), leave);
    }

    private Expression Jump(JumpStmt jump) => jump.Kind switch
    {
        JumpKind.Break => Expression.Break(_loops.Peek().Break),
        JumpKind.Continue => Expression.Goto(_loops.Peek().Continue),
        _ when _scope.InFunction => Expression.Block(typeof(void), Expression.Assign(Expression.Field(_runtime, nameof(StapRuntime.TriesNext)), Expression.Constant(true)), Expression.Goto(_end)),
        _ => Expression.Goto(_end),
    };

    private Expression Try(TryStmt attempt)
    {
        ParameterExpression error = Expression.Parameter(typeof(StapError), "error");
        ParameterExpression nesting = Expression.Variable(typeof(int), "nesting");
        MemberExpression current = Expression.Field(_runtime, nameof(StapRuntime.Nesting));
        var handler = new List<Expression> { Expression.Assign(current, nesting) };
        if (attempt.Message != null)
            handler.Add(Store(attempt.Message, Expression.Call(_runtime, nameof(StapRuntime.Cut), null, Expression.Property(error, nameof(Exception.Message)))));
        handler.Add(Statement(attempt.Handler));
        Expression body = Expression.Block(typeof(void), Count(attempt.At), Statement(attempt.Body));
        return Expression.Block(typeof(void), [nesting], Expression.Assign(nesting, current),
            Expression.TryCatch(body, Expression.Catch(error, Expression.Block(typeof(void), handler))));
    }

    private Expression Delete(DeleteStmt delete)
    {
        if (delete.Target is IndexExpr index)
        {
            Variable array = _scope.Fact<Variable>(index)!;
            if (index.Keys.Any(k => k == null)) return Expression.Call(Expression.Constant(StorageOf(array)), nameof(StapMap<long>.DeleteAll), null, SliceOf(index.Keys));
            return WithKey(array, index.Keys, map => Expression.Call(map, nameof(StapMap<long>.Delete), null));
        }
        Variable variable = _scope.Fact<Variable>(delete.Target)!;
        if (variable.IsGlobal && variable.Arity > 0) return Expression.Call(Expression.Constant(StorageOf(variable)), nameof(StapMap<long>.Clear), null);
        if (variable.Type != StapType.Stats) return Store((NameExpr)delete.Target, Default(variable.Type));
        return Expression.Call(ScalarOf(variable), nameof(Aggregations.Statistics.Clear), null);
    }

    private object StorageOf(Variable variable) => variable.Storage ??= StapStorage.Make(variable, limits.MapEntries);

    private MemberExpression ScalarOf(Variable variable) => Expression.Field(Expression.Constant(StorageOf(variable)), nameof(StapScalar<long>.Value));

    private ParameterExpression LocalOf(Variable variable)
    {
        if (!_locals.TryGetValue(variable, out ParameterExpression? local)) _locals[variable] = local = Expression.Variable(ClrType(variable.Type), variable.Name);
        return local;
    }

    private Expression PlaceOf(NameExpr name)
    {
        Variable variable = _scope.Fact<Variable>(name)!;
        return variable.IsGlobal ? ScalarOf(variable) : LocalOf(variable);
    }

    private Expression Store(NameExpr name, Expression value) => Expression.Assign(PlaceOf(name), value);
}
