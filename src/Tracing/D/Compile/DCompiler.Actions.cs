using System.Linq.Expressions;
using Kennel.Tracing.D.Output;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.D.Syntax;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Compile;

/// <summary>Actions: what records, and what changes the session or, with leave, the guest.</summary>
internal sealed partial class DCompiler
{
    /// <summary>An action's code; null when the call is none.</summary>
    private Expression? Action(CallNode node)
    {
        int line = node.Line;
        switch (node.Name)
        {
            case "trace":
                Arity(node, 1, 1);
                Records(node);
                return Trace(node);
            case "print":
                Arity(node, 1, 1);
                Records(node);
                return Trace(node);
            case "tracemem":
                Arity(node, 2, 3);
                Records(node);
                Operand size = Value(node.Arguments[1]);
                if (size.Constant is not > 0) throw new DCompileException(size.Constant == null ? "D_TRACEMEM_SIZE" : "D_TRACEMEM_SIZE", line, "tracemem( ) argument #2 must be a non-zero positive integral constant expression");
                Expression shown = size.Code;
                if (node.Arguments.Count > 2) shown = Expression.Call(typeof(Math), nameof(Math.Clamp), null, Integer(node, 2), Expression.Constant(0L), size.Code);
                return Call(nameof(DRuntime.TraceBytes), Scalar(node, 0), shown);
            case "printf":
                Records(node);
                return Printf(node);
            case "printa":
                Records(node);
                return Printa(node);
            case "stack" or "ustack" or "jstack":
                Records(node);
                return Call(nameof(DRuntime.PutStack), StackValue(node).Code);
            case "sym" or "func" or "mod" or "usym" or "ufunc" or "umod" or "uaddr":
                Records(node);
                return Call(nameof(DRuntime.TraceSymbol), SymbolValue(node).Code);
            case "exit":
                Arity(node, 1, 1);
                Records(node);
                return Call(nameof(DRuntime.Exit), Integer(node, 0));
            case "clear" or "denormalize":
                Records(node);
                DAggregation only = AggregationArgument(node, 1, 1);
                return node.Name == "clear" ? Call(nameof(DRuntime.Clear), Expression.Constant(only)) : Call(nameof(DRuntime.Normalize), Expression.Constant(only), Expression.Constant(1L));
            case "normalize":
                Records(node);
                DAggregation normalized = AggregationArgument(node, 2, 2);
                return Call(nameof(DRuntime.Normalize), Expression.Constant(normalized), Integer(node, 1));
            case "trunc":
                Records(node);
                DAggregation truncated = AggregationArgument(node, 1, 2);
                return Call(nameof(DRuntime.Truncate), Expression.Constant(truncated), node.Arguments.Count > 1 ? Integer(node, 1) : Expression.Constant(0L));
            case "setopt":
                Arity(node, 1, 2);
                Records(node);
                return Call(nameof(DRuntime.SetOption), Text(node, 0), node.Arguments.Count > 1 ? Text(node, 1) : Expression.Constant(null, typeof(string)));
            case "ftruncate":
                Arity(node, 0, 0);
                Records(node);
                return Call(nameof(DRuntime.TruncateOutput));
            case "speculate" or "commit" or "discard":
                return Speculation(node);
            case "freopen" or "system" or "stop" or "raise" or "copyout" or "copyoutstr" or "chill" or "breakpoint" or "panic":
                if (!_options.Destructive) throw new DCompileException("D_ACT_DESTRUCTIVE", line, $"{node.Name}( ) may not be called: destructive actions not allowed");
                return Destructive(node);
            case "pcap":
                throw new DCompileException("D_FUNC_UNSUP", line, "pcap( ) is not supported on this kernel");
            default:
                return null;
        }
    }

    private void Records(CallNode node)
    {
        if (_clause.Commits) throw new DCompileException("D_DREC_COMM", node.Line, "data-recording actions may not follow commit( )");
        _clause.Records = true;
    }

    private Expression Destructive(CallNode node)
    {
        switch (node.Name)
        {
            case "freopen":
                Records(node);
                return Call(nameof(DRuntime.Reopen), Formatted(node));
            case "system":
                Records(node);
                return Call(nameof(DRuntime.RunCommand), Formatted(node));
            case "stop":
                Arity(node, 0, 0);
                return Call(nameof(DRuntime.Raise), Expression.Constant((long)Abi.Signal.SIGSTOP));
            case "raise":
                Arity(node, 1, 1);
                return Call(nameof(DRuntime.Raise), Integer(node, 0));
            case "copyout":
                Arity(node, 3, 3);
                return Call(nameof(DRuntime.Copyout), Scalar(node, 0), Scalar(node, 1), Integer(node, 2));
            case "copyoutstr":
                Arity(node, 2, 3);
                return Call(nameof(DRuntime.CopyoutText), Text(node, 0), Scalar(node, 1), node.Arguments.Count > 2 ? Integer(node, 2) : Expression.Constant((long)int.MaxValue));
            case "chill":
                Arity(node, 1, 1);
                return Call(nameof(DRuntime.Chill), Integer(node, 0));
            default:
                throw new DCompileException("D_FUNC_UNSUP", node.Line, $"{node.Name}( ) is not supported on this kernel");
        }
    }

    private Expression Speculation(CallNode node)
    {
        Arity(node, 1, 1);
        Expression id = Integer(node, 0), consumer = Field(nameof(DRuntime.Consumer));
        switch (node.Name)
        {
            case "speculate":
                if (_clause.Commits) throw new DCompileException("D_SPEC_COMM", node.Line, "speculate( ) may not follow commit( )");
                if (_clause.Speculates) throw new DCompileException("D_SPEC_SPEC", node.Line, "speculate( ) may not be called twice in one clause");
                if (_clause.Records) throw new DCompileException("D_SPEC_DREC", node.Line, "speculate( ) may not follow data-recording action(s)");
                _clause.Speculates = true;
                return Expression.IfThen(Expression.Not(Call(nameof(DRuntime.Speculate), id)), Expression.Return(_clause.End, Expression.Constant(false)));
            case "commit":
                if (_clause.Commits) throw new DCompileException("D_COMM_COMM", node.Line, "commit( ) may not be called twice in one clause");
                if (_clause.Records) throw new DCompileException("D_COMM_DREC", node.Line, "commit( ) may not follow data-recording action(s)");
                _clause.Commits = true;
                return Expression.Call(consumer, nameof(DConsumer.Commit), null, id);
            default:
                return Expression.Call(consumer, nameof(DConsumer.DiscardSpeculation), null, id);
        }
    }

    private Expression Trace(CallNode node)
    {
        if (node.Arguments[0] is AggregationNode a) return PrintaCode(null, [FindAggregation(a)]);
        Operand value = Value(node.Arguments[0]);
        if (value.IsVoid) throw new DCompileException("D_TRACE_VOID", node.Line, "trace( ) may not be applied to a void expression");
        if (value.Symbol == SymbolKind.Stack) return Call(nameof(DRuntime.PutStack), value.Code);
        if (value.Symbol == SymbolKind.Symbol) return Call(nameof(DRuntime.TraceSymbol), value.Code);
        if (value.IsText) return Call(nameof(DRuntime.Trace), value.Code);
        if (value.IsCharacters) return Call(nameof(DRuntime.Trace), StringOf(value, node.Line).Code);
        if (value.Type.Resolved is CStruct or CArray) return Call(nameof(DRuntime.TraceBytes), value.Code, Expression.Constant((long)value.Type.Size));
        if (!value.IsScalar) throw new DCompileException("D_TRACE_DYN", node.Line, $"trace( ) may not be applied to a value of type {value.Type}");
        return Call(nameof(DRuntime.Trace), value.Code, Expression.Constant(Math.Max(value.Type.Size, 1)), Expression.Constant(value.IsSigned));
    }

    // Aggregations.

    private DAggregation FindAggregation(AggregationNode node) =>
        _aggregations.FirstOrDefault(a => a.Name == node.Name) ?? throw new DCompileException("D_AGG_UNDEF", node.Line, $"undefined aggregation: @{node.Name}");

    private DAggregation AggregationArgument(CallNode node, int low, int high)
    {
        Arity(node, low, high);
        string tag = node.Name.ToUpperInvariant();
        if (node.Arguments[0] is not AggregationNode a) throw new DCompileException($"D_{tag}_AGGARG", node.Line, $"{node.Name}( ) argument #1 is incompatible with prototype:\n\tprototype: aggregation\n\t argument: {Value(node.Arguments[0]).Type}");
        if (a.Keys.Count > 0) throw new DCompileException($"D_{tag}_AGGBAD", node.Line, $"{node.Name}( ) may not be applied to an aggregation with a key");
        return FindAggregation(a);
    }

    private Expression Aggregate(AggregationNode target, AssignNode node)
    {
        if (node.Operator != "=" || node.Value is not CallNode call) throw new DCompileException("D_AGG_FUNC", node.Line, "aggregation must be assigned the result of an aggregating function");
        AggregatingFunction function = call.Name switch
        {
            "count" => AggregatingFunction.Count,
            "sum" => AggregatingFunction.Sum,
            "avg" => AggregatingFunction.Average,
            "min" => AggregatingFunction.Min,
            "max" => AggregatingFunction.Max,
            "stddev" => AggregatingFunction.Deviation,
            "quantize" => AggregatingFunction.Quantize,
            "lquantize" => AggregatingFunction.Lquantize,
            "llquantize" => AggregatingFunction.Llquantize,
            _ => throw new DCompileException(FunctionNames.Contains(call.Name) ? "D_AGG_FUNC" : "D_FUNC_UNDEF", node.Line, FunctionNames.Contains(call.Name) ? $"{call.Name}( ) is not an aggregating function" : $"undefined function name: {call.Name}"),
        };
        _clause.Aggregates = true;
        if (_clause.Commits) throw new DCompileException("D_AGG_COMM", node.Line, "aggregating actions may not follow commit( )");
        if (_clause.Speculates) throw new DCompileException("D_AGG_SPEC", node.Line, "aggregating actions may not follow speculate( )");
        List<Operand> keys = [.. target.Keys.Select(Value)];
        long[] parameters = Parameters(call, function);
        List<KeyShape> shapes = [.. keys.Select(k => new KeyShape(k.IsText || k.IsCharacters ? _text : k.Type.Resolved is CArray a ? _types.PointerTo(a.Element) : k.Type, k.Symbol))];
        foreach (Operand key in keys)
        {
            if (!key.IsText && !key.IsScalar) throw new DCompileException("D_KEY_TYPE", node.Line, $"@{target.Name}[ ] key expression is of a type that can be no key: {key.Type}");
        }
        DAggregation aggregation = _aggregations.FirstOrDefault(a => a.Name == target.Name)!;
        if (aggregation == null)
        {
            aggregation = new DAggregation(_aggregations.Count + 1, target.Name, function, shapes, parameters);
            _aggregations.Add(aggregation);
        }
        else CheckSame(aggregation, function, shapes, parameters, call, keys);
        List<Expression> parts = [];
        for (int i = 0; i < keys.Count; i++) parts.Add(Static(nameof(DRuntime.Key), Convert(keys[i], aggregation.Keys[i].Type, node.Line).Code));
        ConstantExpression table = Expression.Constant(aggregation);
        Expression value = parts.Count <= 2 ? Expression.Call(table, nameof(DAggregation.Locate), null, [.. parts]) : Expression.Call(table, nameof(DAggregation.Locate), null, KeyArray(parts));
        return Update(call, function, value);
    }

    private Expression Update(CallNode call, AggregatingFunction function, Expression value)
    {
        int increment = function switch { AggregatingFunction.Quantize => 1, AggregatingFunction.Lquantize => 4, AggregatingFunction.Llquantize => 5, _ => int.MaxValue };
        // The value is worked out before its place is looked up: it may fault.
        if (function == AggregatingFunction.Count) return Expression.Call(value, nameof(AggregationValue.Count), null);
        ParameterExpression number = Expression.Variable(typeof(long)), by = Expression.Variable(typeof(long));
        Operand given = Value(call.Arguments[0]);
        if (!given.IsScalar) throw Mismatch(call, 0, "int64_t", given);
        Expression amount = call.Arguments.Count > increment ? Integer(call, increment) : Expression.Constant(1L);
        string method = function switch
        {
            AggregatingFunction.Sum => nameof(AggregationValue.Sum),
            AggregatingFunction.Min => nameof(AggregationValue.Min),
            AggregatingFunction.Max => nameof(AggregationValue.Max),
            AggregatingFunction.Quantize => nameof(AggregationValue.Quantize),
            AggregatingFunction.Lquantize => nameof(AggregationValue.Lquantize),
            AggregatingFunction.Llquantize => nameof(AggregationValue.Llquantize),
            _ => nameof(AggregationValue.Add),
        };
        Expression[] arguments = function >= AggregatingFunction.Quantize ? [number, by] : [number];
        return Expression.Block([number, by], Expression.Assign(number, given.Code), Expression.Assign(by, amount), Expression.Call(value, method, null, arguments));
    }

    private long[] Parameters(CallNode call, AggregatingFunction function)
    {
        (int low, int high) = function switch
        {
            AggregatingFunction.Count => (0, 0),
            AggregatingFunction.Quantize => (1, 2),
            AggregatingFunction.Lquantize => (3, 5),
            AggregatingFunction.Llquantize => (5, 6),
            _ => (1, 1),
        };
        Arity(call, low, high);
        if (function < AggregatingFunction.Lquantize) return [];
        int constants = function == AggregatingFunction.Lquantize ? 3 : 4;
        string[] names = function == AggregatingFunction.Lquantize ? ["lower bound", "upper bound", "step value"] : ["factor", "low magnitude", "high magnitude", "number of steps"];
        var values = new long[constants];
        values[^1] = 1;
        for (int i = 0; i < constants && i + 1 < call.Arguments.Count; i++)
        {
            string tag = function == AggregatingFunction.Lquantize ? $"D_LQUANT_{(i == 0 ? "BASE" : i == 1 ? "LIM" : "STEP")}TYPE" : $"D_LLQUANT_{(i == 0 ? "FACTOR" : i == 1 ? "LOW" : i == 2 ? "HIGH" : "NSTEP")}TYPE";
            values[i] = ConstantFolder.TryEvaluate(call.Arguments[i + 1], ConstantNamed) ?? throw new DCompileException(tag, call.Line, $"{call.Name}( ) argument #{i + 2} ({names[i]}) must be an integer constant");
        }
        if (function == AggregatingFunction.Lquantize)
        {
            if (values[2] <= 0) throw new DCompileException("D_LQUANT_STEPVAL", call.Line, "lquantize( ) step must be a positive value");
            if (values[1] < values[0]) throw new DCompileException("D_LQUANT_MISMATCH", call.Line, "lquantize( ) base must be less than limit");
            if ((values[1] - values[0]) / values[2] < 1) throw new DCompileException("D_LQUANT_STEPSMALL", call.Line, "lquantize( ) step is too large for the range");
            if ((values[1] - values[0]) / values[2] > ushort.MaxValue) throw new DCompileException("D_LQUANT_STEPSMALL", call.Line, "lquantize( ) step (argument #4) too small: more than 65535 quantization levels");
            return values;
        }
        if (values[0] < 2) throw new DCompileException("D_LLQUANT_FACTORSMALL", call.Line, "llquantize( ) factor (argument #2) must be two or more");
        if (values[1] < 0 || values[2] < values[1]) throw new DCompileException("D_LLQUANT_MAGRANGE", call.Line, "llquantize( ) high magnitude must not be below the low one");
        if (values[3] < values[0]) throw new DCompileException("D_LLQUANT_NSTEPS", call.Line, "llquantize( ) number of steps (argument #5) must be at least the factor");
        if (values[3] % values[0] != 0 && !IsPower(values[0], values[3])) throw new DCompileException("D_LLQUANT_NSTEPMOD", call.Line, "llquantize( ) number of steps (argument #5) must divide evenly by the factor");
        if (Math.Pow(values[0], values[2] + 1) > long.MaxValue || values[3] > ushort.MaxValue) throw new DCompileException("D_LLQUANT_MAGRANGE", call.Line, "llquantize( ) magnitude is too large");
        return values;
    }

    private static bool IsPower(long factor, long steps) => steps % factor == 0;

    private Node? ConstantNamed(string name) =>
        _inlines.TryGetValue(name, out InlineItem? inline) && inline.Parameters == null ? inline.Value : KernelConstants.Find(name) is { } value ? new IntegerNode(0, value, _types.Int) : null;

    private static void CheckSame(DAggregation known, AggregatingFunction function, List<KeyShape> shapes, long[] parameters, CallNode call, List<Operand> keys)
    {
        if (known.Function != function) throw new DCompileException("D_AGG_REDEF", call.Line, $"aggregation redefined: @{known.Name} was defined with another aggregating function");
        if (known.Keys.Count != shapes.Count) throw new DCompileException("D_PROTO_LEN", call.Line, $"@{known.Name}[ ] prototype mismatch: {shapes.Count} args passed, {known.Keys.Count} expected");
        for (int i = 0; i < shapes.Count; i++)
        {
            bool alike = known.Keys[i].IsText == shapes[i].IsText;
            if (!alike) throw new DCompileException("D_PROTO_ARG", call.Line, $"@{known.Name}[ ] key #{i + 1} is incompatible with prototype:\n\tprototype: {known.Keys[i].Type}\n\t argument: {keys[i].Type}");
        }
        if (!known.Parameters.SequenceEqual(parameters))
        {
            string[] tags = function == AggregatingFunction.Lquantize ? ["D_LQUANT_MATCHBASE", "D_LQUANT_MATCHLIM", "D_LQUANT_MATCHSTEP"] : ["D_LLQUANT_MATCHFACTOR", "D_LLQUANT_MATCHLOW", "D_LLQUANT_MATCHHIGH", "D_LLQUANT_MATCHNSTEPS"];
            int first = Enumerable.Range(0, parameters.Length).First(i => known.Parameters[i] != parameters[i]);
            throw new DCompileException(tags[first], call.Line, $"{call.Name}( ) argument #{first + 2} ({parameters[first]}) doesn't match previous declaration ({known.Parameters[first]})");
        }
    }
}
