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
                return Print(node);
            case "tracemem":
                Records(node);
                return TraceMemory(node);
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
                if (_clause.Speculates) throw new DCompileException("D_EXIT_SPEC", line, "exit( ) may not follow speculate( )");
                Records(node);
                return Call(nameof(DRuntime.Exit), Integer(node, 0));
            case "clear" or "denormalize":
                Records(node);
                DAggregation only = AggregationArgument(node, 1, 1);
                return node.Name == "clear" ? Call(nameof(DRuntime.Clear), Expression.Constant(only)) : Call(nameof(DRuntime.Normalize), Expression.Constant(only), Expression.Constant(1L));
            case "normalize":
                Records(node);
                DAggregation normalized = AggregationArgument(node, 2, 2);
                return Call(nameof(DRuntime.Normalize), Expression.Constant(normalized), Scalars(node)!);
            case "trunc":
                Records(node);
                DAggregation truncated = AggregationArgument(node, 1, 2);
                return Call(nameof(DRuntime.Truncate), Expression.Constant(truncated), Scalars(node) ?? Expression.Constant(0L));
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
                IsDestructive = true;
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
        bool isData = node.Name is "freopen" or "system";
        if (_clause.Speculates && !isData) throw new DCompileException("D_ACT_SPEC", node.Line, $"{node.Name}( ) may not follow speculate( )");
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
                Arity(node, 0, 0);
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
                if (_clause.Speculates) throw new DCompileException("D_SPEC_SPEC", node.Line, "speculate( ) may not follow speculate( )");
                if (_clause.Records) throw new DCompileException("D_SPEC_DREC", node.Line, "speculate( ) may not follow data-recording action(s)");
                _clause.Speculates = true;
                return Expression.IfThen(Expression.Not(Call(nameof(DRuntime.Speculate), id)), Expression.Return(_clause.End, Expression.Constant(false)));
            case "commit":
                if (_clause.Commits) throw new DCompileException("D_COMM_COMM", node.Line, "commit( ) may not follow commit( )");
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
        if (value.IsTranslated) throw new DCompileException("D_TRACE_DYN", node.Line, "trace( ) may not be applied to a dynamic expression");
        if (value.Symbol == SymbolKind.Stack) return Call(nameof(DRuntime.PutStack), value.Code);
        if (value.Symbol == SymbolKind.Symbol) return Call(nameof(DRuntime.TraceSymbol), value.Code);
        if (value.IsText) return Call(nameof(DRuntime.Trace), value.Code);
        if (value.IsCharacters) return Call(nameof(DRuntime.Trace), StringOf(value, node.Line).Code);
        if (value.Type.Resolved is CStruct or CArray) return Call(nameof(DRuntime.TraceBytes), value.Code, Expression.Constant((long)value.Type.Size));
        if (!value.IsScalar) throw new DCompileException("D_TRACE_DYN", node.Line, $"trace( ) may not be applied to a value of type {value.Type}");
        return Call(nameof(DRuntime.Trace), value.Code, Expression.Constant(Math.Max(value.Type.Size, 1)), Expression.Constant(value.IsSigned));
    }

    private Expression Print(CallNode node)
    {
        if (node.Arguments[0] is AggregationNode a) return PrintaCode(null, [FindAggregation(a)]);
        Operand value = Value(node.Arguments[0]);
        if (value.IsVoid) throw new DCompileException("D_PRINT_VOID", node.Line, "print( ) may not be applied to a void expression");
        if (value.IsTranslated) throw new DCompileException("D_PRINT_DYN", node.Line, "print( ) may not be applied to a dynamic expression");
        ConstantExpression type = Expression.Constant(value.Type, typeof(CType));
        if (value.IsText) return Call(nameof(DRuntime.PrintText), value.Code);
        if (value.Type.Resolved is not (CStruct or CArray)) return Call(nameof(DRuntime.PrintNumber), type, value.Code);
        return Call(nameof(DRuntime.PrintStruct), type, value.Code, value.Object ?? Expression.Constant(null, typeof(object)));
    }

    private Expression TraceMemory(CallNode node)
    {
        int line = node.Line;
        if (node.Arguments.Count < 2) Arity(node, 2, int.MaxValue);
        if (node.Arguments.Count > 3) throw new DCompileException("D_TRACEMEM_ARGS", line, $"tracemem( ) prototype mismatch: {node.Arguments.Count} args passed, at most 3 expected");
        Operand address = Value(node.Arguments[0]), size = Value(node.Arguments[1]);
        if (!address.IsScalar && !address.IsText) throw new DCompileException("D_TRACEMEM_ADDR", line, $"tracemem( ) argument #1 is incompatible with prototype:\n\tprototype: pointer or integer\n\t argument: {address.Type}");
        if (!size.IsInteger || size.Constant is not > 0) throw new DCompileException("D_TRACEMEM_SIZE", line, "tracemem( ) argument #2 must be a non-zero positive integral constant expression");
        Expression shown = size.Code;
        if (node.Arguments.Count > 2)
        {
            Operand wanted = Value(node.Arguments[2]);
            if (!wanted.IsInteger) throw new DCompileException("D_TRACEMEM_DYNSIZE", line, $"tracemem( ) argument #3 is incompatible with prototype:\n\tprototype: integer\n\t argument: {wanted.Type}");
            shown = Expression.Call(typeof(Math), nameof(Math.Clamp), null, wanted.Code, Expression.Constant(0L), size.Code);
        }
        return Call(nameof(DRuntime.TraceBytes), address.IsText ? AddressOfText(address) : address.Code, shown);
    }

    // Aggregations.

    private DAggregation FindAggregation(AggregationNode node, string tag = "D_AGG_UNDEF") =>
        _aggregations.FirstOrDefault(a => a.Name == node.Name) ?? throw new DCompileException(tag, node.Line, $"undefined aggregation: @{node.Name}");

    private DAggregation AggregationArgument(CallNode node, int low, int high)
    {
        string tag = node.Name == "denormalize" ? "NORMALIZE" : node.Name.ToUpperInvariant();
        int given = node.Arguments.Count;
        if (given < low || given > high)
        {
            string wanted = low == high ? $"{low}" : given < low ? $"at least {low}" : $"no more than {high}";
            throw new DCompileException($"D_{tag}_PROTO", node.Line, $"{node.Name}( ) prototype mismatch: {given} args passed, {wanted} expected");
        }
        if (node.Arguments[0] is not AggregationNode a) throw new DCompileException($"D_{tag}_AGGARG", node.Line, $"{node.Name}( ) argument #1 is incompatible with prototype:\n\tprototype: aggregation\n\t argument: {Value(node.Arguments[0]).Type}");
        return FindAggregation(a, $"D_{tag}_AGGBAD");
    }

    /// <summary>The second argument of trunc and normalize; null for none.</summary>
    private Expression? Scalars(CallNode node)
    {
        if (node.Arguments.Count < 2) return null;
        Operand value = Value(node.Arguments[1]);
        return value.IsScalar ? value.Code : throw new DCompileException($"D_{node.Name.ToUpperInvariant()}_SCALAR", node.Line, $"{node.Name}( ) argument #2 must be of scalar type");
    }

    private Expression Aggregate(AggregationNode target, AssignNode node)
    {
        if (node.Operator != "=" || node.Value is not CallNode call) throw NotAggregating(target);
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
            _ => throw (FunctionNames.Contains(call.Name) ? NotAggregating(target) : new DCompileException("D_FUNC_UNDEF", node.Line, $"undefined function name: {call.Name}")),
        };
        _clause.Aggregates = true;
        if (_clause.Commits) throw new DCompileException("D_AGG_COMM", node.Line, "aggregating actions may not follow commit( )");
        if (_clause.Speculates) throw new DCompileException("D_AGG_SPEC", node.Line, "aggregating actions may not follow speculate( )");
        List<Operand> keys = [.. target.Keys.Select(Value)];
        long[] parameters = Parameters(call, function);
        List<KeyShape> shapes = [.. keys.Select(k => new KeyShape(k.IsText || k.IsCharacters ? _text : k.Type.Resolved is CArray a ? _types.PointerTo(a.Element) : k.Type, k.Symbol))];
        for (int i = 0; i < keys.Count; i++) CheckKey(keys[i], "aggregation", i, node.Line);
        DAggregation aggregation = _aggregations.FirstOrDefault(a => a.Name == target.Name)!;
        if (aggregation == null)
        {
            aggregation = new DAggregation(_aggregations.Count + 1, target.Name, function, shapes, parameters) { FunctionName = call.Name, Line = node.Line };
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
        if (!given.IsScalar) throw new DCompileException("D_AGG_SCALAR", call.Line, $"{call.Name}( ) argument #1 must be of scalar type");
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

    private static DCompileException NotAggregating(AggregationNode target) =>
        new("D_AGG_FUNC", target.Line, $"@{target.Name} must be assigned the result of an aggregating function");

    private static void CheckSame(DAggregation known, AggregatingFunction function, List<KeyShape> shapes, long[] parameters, CallNode call, List<Operand> keys)
    {
        if (known.Function != function)
        {
            throw new DCompileException("D_AGG_REDEF", call.Line, $"aggregation redefined: @{known.Name}\n\t current: @{known.Name} = {call.Name}( )\n\tprevious: @{known.Name} = {known.FunctionName}( ) : line {known.Line}");
        }
        if (known.Keys.Count != shapes.Count) throw Prototype($"@{known.Name}[ ]", shapes.Count, $"{known.Keys.Count}", call.Line);
        for (int i = 0; i < shapes.Count; i++)
        {
            bool alike = known.Keys[i].IsText == shapes[i].IsText;
            if (!alike) throw new DCompileException("D_PROTO_ARG", call.Line, $"@{known.Name}[ ] key #{i + 1} is incompatible with prototype:\n\tprototype: {known.Keys[i].Type}\n\t argument: {keys[i].Type}");
        }
        if (!known.Parameters.SequenceEqual(parameters)) throw OtherParameters(known, call, parameters);
    }
}
