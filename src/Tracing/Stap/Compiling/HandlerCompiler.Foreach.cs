using System.Linq.Expressions;
using Kennel.Tracing.Aggregations;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Compiling;

/// <content>foreach, over arrays and over histograms.</content>
internal sealed partial class HandlerCompiler
{
    private Expression Foreach(ForeachStmt loop) => loop.Histogram != null ? OverHistogram(loop) : OverArray(loop);

    private Expression OverArray(ForeachStmt loop)
    {
        Variable array = _scope.Fact<Variable>(loop.Array!)!;
        object map = StorageOf(array);
        Type element = typeof(KeyedTable<>.Entry).MakeGenericType(ClrType(array.Type));
        ParameterExpression entries = Expression.Variable(element.MakeArrayType(), "entries");
        ParameterExpression entry = Expression.Variable(element, "entry");
        ParameterExpression index = Expression.Variable(typeof(int), "index");
        _elements[loop] = entry;
        Expression all = Expression.Call(Expression.Constant(map), nameof(StapMap<long>.Iterate), null,
            Expression.Constant(loop.Direction), Expression.Constant(loop.SortColumn), Expression.Constant(loop.SortFigure, typeof(string)),
            loop.Limit == null ? Expression.Constant(-1L) : Expression.Call(typeof(Math), nameof(Math.Max), null, Number(loop.Limit), Zero), Slice(loop));
        var round = new List<Expression> { Expression.Assign(entry, Expression.ArrayIndex(entries, index)) };
        for (int i = 0; i < loop.Keys.Count; i++)
        {
            Expression part = Expression.ArrayIndex(Expression.Property(entry, "Key"), Expression.Constant(i));
            Variable key = _scope.Fact<Variable>(loop.Keys[i])!;
            Expression value = key.Type == StapType.String
                ? Expression.Convert(Expression.Field(part, nameof(KeyPart.Item)), typeof(string))
                : Expression.Field(part, nameof(KeyPart.Number));
            round.Add(Store(loop.Keys[i], value));
        }
        if (loop.Value != null) round.Add(Store(loop.Value, Expression.Field(entry, "Value")));
        return Rounds(loop, [entries, entry], Expression.Assign(entries, all), Expression.ArrayLength(entries), index, round);
    }

    private Expression Slice(ForeachStmt loop)
    {
        if (loop.Slice == null || loop.Slice.All(s => s == null)) return Expression.Constant(null, typeof(KeyPart?[]));
        return Expression.NewArrayInit(typeof(KeyPart?), loop.Slice.Select(s => s == null
            ? Expression.Constant(null, typeof(KeyPart?))
            : (Expression)Expression.Convert(Expression.Convert(Value(s), typeof(KeyPart)), typeof(KeyPart?))));
    }

    private Expression OverHistogram(ForeachStmt loop)
    {
        HistogramExpr histogram = loop.Histogram!;
        ParameterExpression counts = Expression.Variable(typeof(long[]), "counts");
        ParameterExpression index = Expression.Variable(typeof(int), "index");
        Expression all = Expression.Call(_runtime, nameof(StapRuntime.Buckets), null, StatisticsOf(histogram.Operand), Expression.Constant(histogram.Linear), Expression.Constant(histogram.At));
        var round = new List<Expression> { Store(loop.Keys[0], Expression.Convert(index, typeof(long))) };
        if (loop.Value != null) round.Add(Store(loop.Value, Expression.ArrayIndex(counts, index)));
        return Rounds(loop, [counts], Expression.Assign(counts, all), Expression.ArrayLength(counts), index, round);
    }

    private Expression Rounds(ForeachStmt loop, ParameterExpression[] variables, Expression start, Expression length, ParameterExpression index, List<Expression> round)
    {
        LabelTarget end = Expression.Label("break");
        LabelTarget next = Expression.Label("continue");
        _loops.Push((end, next));
        round.Insert(0, Expression.IfThen(Expression.GreaterThanOrEqual(index, length), Expression.Break(end)));
        round.Insert(1, Count(loop.At));
        round.Add(Statement(loop.Body));
        round.Add(Expression.Label(next));
        round.Add(Expression.PreIncrementAssign(index));
        _loops.Pop();
        return Expression.Block(typeof(void), [.. variables, index], start, Expression.Assign(index, Expression.Constant(0)),
            Expression.Loop(Expression.Block(typeof(void), round), end));
    }
}
