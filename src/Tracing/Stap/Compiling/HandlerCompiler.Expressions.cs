using System.Linq.Expressions;
using System.Text.RegularExpressions;
using Kennel.Tracing.Aggregations;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Compiling;

/// <content>Expressions.</content>
internal sealed partial class HandlerCompiler
{
    private Expression Number(Expr expression)
    {
        Expression value = Value(expression);
        return value.Type == typeof(long) ? value : throw new InvalidOperationException($"a number was expected at {expression.At}");
    }

    private Expression Text(Expr expression) => Value(expression, StapType.String);

    // A value without a type (a function that returns nothing) takes the type that is wanted.
    private Expression Value(Expr expression, StapType wanted)
    {
        Expression value = Value(expression);
        return value.Type == ClrType(wanted) ? value : Expression.Block(value, Default(wanted));
    }

    private Expression Condition(Expr expression)
    {
        if (expression is BinaryExpr binary && _scope.Decision(binary) == null && Comparison(binary) is { } comparison) return comparison;
        if (expression is UnaryExpr { Op: "!" } not) return Expression.Not(Condition(not.Operand));
        return Expression.NotEqual(Number(expression), Zero);
    }

    private Expression Value(Expr expression)
    {
        if (!_atEntry && _scope.EntryValues.Count > 0 && _scope.EntryValues.IndexOf(expression) is >= 0 and int kept)
        {
            MemberExpression frame = Expression.Field(_runtime, nameof(StapRuntime.Frame));
            return Expression.Call(frame, _scope.TypeOf(expression) == StapType.String ? nameof(EntryFrame.Text) : nameof(EntryFrame.Number), null, Expression.Constant(kept));
        }
        switch (expression)
        {
            case NumberExpr number:
                return Expression.Constant(number.Value);
            case StringExpr text:
                int end = text.Value.IndexOf('\0');
                return Expression.Constant(Cut(end < 0 ? text.Value : text.Value[..end]));
            case NameExpr name:
                return PlaceOf(name);
            case IndexExpr index:
                return Element(index);
            case CallExpr call:
                return Call(call);
            case PrintExpr print:
                return Print(print);
            case UnaryExpr unary:
                Expression operand = Number(unary.Operand);
                return unary.Op switch
                {
                    "-" => Expression.Negate(operand),
                    "~" => Expression.OnesComplement(operand),
                    "!" => FromCondition(Expression.Equal(operand, Zero)),
                    _ => operand,
                };
            case StepExpr step:
                return Step(step);
            case BinaryExpr binary:
                return Binary(binary);
            case ConditionalExpr choice:
                if (_scope.Decision(choice) is { } taken) return Value(taken ? choice.Then : choice.Otherwise);
                StapType type = _scope.TypeOf(choice);
                return Expression.Condition(Condition(choice.Condition), Value(choice.Then, type), Value(choice.Otherwise, type));
            case AssignExpr assign:
                return Assign(assign);
            case MemberExpr member:
                Variable array = _scope.Fact<Variable>(member.Array)!;
                if (member.Keys.Any(k => k == null))
                    return FromCondition(Expression.GreaterThan(Expression.ArrayLength(Expression.Call(Expression.Constant(StorageOf(array)), nameof(StapMap<long>.Iterate), null, Expression.Constant(0), Expression.Constant(0), Expression.Constant(null, typeof(string)), Expression.Constant(1L), SliceOf(member.Keys))), Expression.Constant(0)));
                return WithKey(array, member.Keys, map => FromCondition(Expression.Call(map, nameof(StapMap<long>.Contains), null)));
            case RegexExpr regex:
                Expression matches = Expression.Call(_runtime, nameof(StapRuntime.MatchesPattern), null, Text(regex.Left), Expression.Constant(new Regex(StapRuntime.TranslatePattern(regex.Pattern), RegexOptions.CultureInvariant | RegexOptions.Singleline)));
                return FromCondition(regex.Negated ? Expression.Not(matches) : matches);
            case StatExpr stat:
                return Expression.Call(_runtime, nameof(StapRuntime.Figure), null, StatisticsOf(stat.Operand), Expression.Constant(stat.Op), Expression.Constant(stat.At));
            case HistogramExpr histogram when histogram.Bucket != null:
                return Expression.Call(_runtime, nameof(StapRuntime.Bucket), null, StatisticsOf(histogram.Operand), Expression.Constant(histogram.Linear), Number(histogram.Bucket), Expression.Constant(histogram.At));
            case HistogramExpr histogram:
                return Expression.Call(_runtime, nameof(StapRuntime.Histogram), null, StatisticsOf(histogram.Operand), Expression.Constant(histogram.Linear), Expression.Constant(histogram.At));
            case TargetExpr target:
                return Target(target);
            case DefinedExpr defined:
                return Expression.Constant(_scope.Decision(defined) == true ? 1L : 0L);
            case ChooseDefinedExpr choose:
                return Value(_scope.Decision(choose) == true ? choose.First : choose.Second);
            case EntryExpr entry:
                return Value(entry.Operand);
            case ForeignExpr foreign:
                return Expression.Constant(_scope.Fact<NumberExpr>(foreign)!.Value);
            default:
                throw new InvalidOperationException($"no code for {expression.GetType().Name}");
        }
    }

    private string Cut(string text) => text.Length <= limits.Text ? text : text[..limits.Text];

    private Expression SliceOf(IReadOnlyList<Expr?> keys) => Expression.NewArrayInit(typeof(KeyPart?), keys.Select(s => s == null
        ? Expression.Constant(null, typeof(KeyPart?))
        : (Expression)Expression.Convert(Expression.Convert(Value(s), typeof(KeyPart)), typeof(KeyPart?))));

    private static ConditionalExpression FromCondition(Expression condition) => Expression.Condition(condition, Expression.Constant(1L), Expression.Constant(0L));

    private Expression? Comparison(BinaryExpr binary)
    {
        switch (binary.Op)
        {
            case "&&":
                return Expression.AndAlso(Condition(binary.Left), Condition(binary.Right));
            case "||":
                return Expression.OrElse(Condition(binary.Left), Condition(binary.Right));
            case "==" or "!=" or "<" or ">" or "<=" or ">=":
                break;
            default:
                return null;
        }
        bool texts = _scope.TypeOf(binary.Left) == StapType.String || _scope.TypeOf(binary.Right) == StapType.String;
        if (texts && binary.Op is "==" or "!=")
        {
            Expression same = Expression.Equal(Text(binary.Left), Text(binary.Right));
            return binary.Op == "==" ? same : Expression.Not(same);
        }
        Expression left = texts ? Expression.Call(typeof(string), nameof(string.CompareOrdinal), null, Text(binary.Left), Text(binary.Right)) : Number(binary.Left);
        Expression right = texts ? Expression.Constant(0) : Number(binary.Right);
        return binary.Op switch
        {
            "==" => Expression.Equal(left, right),
            "!=" => Expression.NotEqual(left, right),
            "<" => Expression.LessThan(left, right),
            ">" => Expression.GreaterThan(left, right),
            "<=" => Expression.LessThanOrEqual(left, right),
            _ => Expression.GreaterThanOrEqual(left, right),
        };
    }

    private Expression Binary(BinaryExpr binary)
    {
        if (_scope.Decision(binary) is { } known) return Expression.Constant(known ? 1L : 0L);
        if (Comparison(binary) is { } comparison) return FromCondition(comparison);
        if (binary.Op == ".") return Expression.Call(_runtime, nameof(StapRuntime.Concatenate), null, Text(binary.Left), Text(binary.Right));
        return Arithmetic(binary.Op, Number(binary.Left), Number(binary.Right), binary.At);
    }

    private Expression Arithmetic(string op, Expression left, Expression right, StapToken at) => op switch
    {
        "+" => Expression.Add(left, right),
        "-" => Expression.Subtract(left, right),
        "*" => Expression.Multiply(left, right),
        "/" => Expression.Call(_runtime, nameof(StapRuntime.Divide), null, left, right, Expression.Constant(at)),
        "%" => Expression.Call(_runtime, nameof(StapRuntime.Modulo), null, left, right, Expression.Constant(at)),
        "&" => Expression.And(left, right),
        "|" => Expression.Or(left, right),
        "^" => Expression.ExclusiveOr(left, right),
        "<<" => Expression.LeftShift(left, Expression.Convert(right, typeof(int))),
        ">>" => Expression.RightShift(left, Expression.Convert(right, typeof(int))),
        _ => throw new InvalidOperationException($"no code for operator {op}"),
    };

    private Expression Assign(AssignExpr assign)
    {
        if (assign.Op == "<<<") return Accumulate(assign);
        if (assign.Target is TargetExpr target) return StoreTarget(target, assign.Op == "=" ? Number(assign.Value) : Arithmetic(assign.Op[..^1], Target(target), Number(assign.Value), assign.At));
        StapType type = _scope.TypeOf(assign);
        if (type == StapType.Unknown) type = _scope.Fact<Variable>(assign.Target)!.Type;
        Expression value = Value(assign.Value, type);
        if (assign.Target is NameExpr name)
        {
            Expression place = PlaceOf(name);
            return Expression.Assign(place, assign.Op == "=" ? value : Combine(assign, place, value));
        }
        var index = (IndexExpr)assign.Target;
        ParameterExpression kept = Expression.Variable(value.Type, "value");
        Variable array = _scope.Fact<Variable>(index)!;
        // Linux' stap takes the keys first, then the value.
        return WithKey(array, index.Keys, map =>
        {
            Expression slot = Expression.Field(Slot(map, index.At), "Value");
            if (assign.Op == "=") return Expression.Assign(slot, kept);
            ParameterExpression entry = Expression.Variable(EntryType(array), "entry");
            MemberExpression place = Expression.Field(entry, "Value");
            return Expression.Block([entry], Expression.Assign(entry, Slot(map, index.At)), Expression.Assign(place, Combine(assign, place, kept)));
        }, kept, value);
    }

    private Expression Combine(AssignExpr assign, Expression place, Expression value) => assign.Op == ".="
        ? Expression.Call(_runtime, nameof(StapRuntime.Concatenate), null, place, value)
        : Arithmetic(assign.Op[..^1], place, value, assign.At);

    private Expression Accumulate(AssignExpr assign)
    {
        ParameterExpression value = Expression.Variable(typeof(long), "value");
        if (assign.Target is NameExpr name)
            return Expression.Block([value], Expression.Assign(value, Number(assign.Value)), Expression.Call(PlaceOf(name), nameof(Statistics.Add), null, value), value);
        var index = (IndexExpr)assign.Target;
        return WithKey(_scope.Fact<Variable>(index)!, index.Keys, map =>
            Expression.Block(Expression.Call(Expression.Field(Slot(map, index.At), "Value"), nameof(Statistics.Add), null, value), value), value, Number(assign.Value));
    }

    private Expression Step(StepExpr step)
    {
        if (step.Target is TargetExpr target)
        {
            Expression one = Expression.Constant(step.Up ? 1L : -1L);
            Expression stored = StoreTarget(target, Expression.Add(Target(target), one));
            return step.Prefix ? stored : Expression.Subtract(stored, one);
        }
        if (step.Target is NameExpr name) return Stepped(PlaceOf(name), step);
        var index = (IndexExpr)step.Target;
        Variable array = _scope.Fact<Variable>(index)!;
        ParameterExpression entry = Expression.Variable(EntryType(array), "entry");
        return WithKey(array, index.Keys, map => Expression.Block([entry], Expression.Assign(entry, Slot(map, index.At)), Stepped(Expression.Field(entry, "Value"), step)));
    }

    private static UnaryExpression Stepped(Expression place, StepExpr step) => (step.Up, step.Prefix) switch
    {
        (true, true) => Expression.PreIncrementAssign(place),
        (true, false) => Expression.PostIncrementAssign(place),
        (false, true) => Expression.PreDecrementAssign(place),
        _ => Expression.PostDecrementAssign(place),
    };

    private static Type EntryType(Variable array) => typeof(KeyedTable<>.Entry).MakeGenericType(ClrType(array.Type));

    // runtime.At = token: an overflow names the array.
    private BlockExpression Slot(Expression map, StapToken at) => Expression.Block(
        Expression.Assign(Expression.Field(_runtime, nameof(StapRuntime.At)), Expression.Constant(at)),
        Expression.Call(map, nameof(StapMap<long>.Slot), null));

    private Expression Element(IndexExpr index)
    {
        Variable array = _scope.Fact<Variable>(index)!;
        ParameterExpression entry = Expression.Variable(EntryType(array), "entry");
        return WithKey(array, index.Keys, map => Expression.Block([entry],
            Expression.Assign(entry, Expression.Call(map, nameof(StapMap<long>.Find), null)),
            Expression.Condition(Expression.Equal(entry, Expression.Constant(null, entry.Type)), Default(array.Type), Expression.Field(entry, "Value"))));
    }

    // Keys may use the same array: they are all taken before the first is put down.
    private Expression WithKey(Variable array, IReadOnlyList<Expr?> keys, Func<Expression, Expression> use, ParameterExpression? extra = null, Expression? extraValue = null)
    {
        Expression map = Expression.Constant(StorageOf(array));
        var variables = new List<ParameterExpression>();
        var before = new List<Expression>();
        var set = new List<Expression>();
        for (int i = 0; i < keys.Count; i++)
        {
            bool text = array.KeyTypes[i] == StapType.String;
            Expression value = Value(keys[i]!, array.KeyTypes[i]);
            if (value is not ConstantExpression)
            {
                ParameterExpression key = Expression.Variable(value.Type, "key");
                variables.Add(key);
                before.Add(Expression.Assign(key, value));
                value = key;
            }
            set.Add(Expression.Call(map, text ? nameof(StapMap<long>.KeyText) : nameof(StapMap<long>.Key), null, Expression.Constant(i), value));
        }
        if (extra != null)
        {
            variables.Add(extra);
            before.Add(Expression.Assign(extra, extraValue!));
        }
        return Expression.Block(variables, [.. before, .. set, use(map)]);
    }

    private Expression StatisticsOf(Expr operand)
    {
        if (_scope.Fact<LoopElement>(operand) is { } element) return Expression.Field(_elements[element.Loop], "Value");
        return operand is IndexExpr index ? Element(index) : PlaceOf((NameExpr)operand);
    }
}
