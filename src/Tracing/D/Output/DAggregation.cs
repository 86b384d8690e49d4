using Kennel.Tracing.Aggregations;
using Kennel.Tracing.D.Compile;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Output;

internal enum AggregatingFunction
{
    Count,
    Sum,
    Average,
    Min,
    Max,
    Deviation,
    Quantize,
    Lquantize,
    Llquantize,
}

/// <summary>How a part of an aggregation's key looks.</summary>
internal sealed record KeyShape(CType Type, SymbolKind Symbol)
{
    public bool IsText => Type.Resolved is CText || Symbol != SymbolKind.None;

    public int Size => Type.Size;

    public bool IsSigned => Type.Resolved is CInteger { IsSigned: true } or CEnum;
}

/// <summary>One value of an aggregation.</summary>
internal sealed class AggregationValue
{
    public long Number;

    public Statistics? Statistics;

    public LogHistogram? Log;

    public LinearHistogram? Linear;

    public LogLinearHistogram? LogLinear;

    public void Count() => Number++;

    public void Sum(long value) => Number += value;

    public void Min(long value) => Number = Math.Min(Number, value);

    public void Max(long value) => Number = Math.Max(Number, value);

    public void Add(long value) => Statistics!.Add(value);

    public void Quantize(long value, long increment) => Log!.Add(value, increment);

    public void Lquantize(long value, long increment) => Linear!.Add((int)value, increment);

    public void Llquantize(long value, long increment) => LogLinear!.Add(value, increment);
}

/// <summary>An aggregation: a table of values by key.</summary>
/// <param name="id">Its number in the program, from 1.</param>
/// <param name="name">Its name without the @.</param>
/// <param name="function">Its aggregating function.</param>
/// <param name="keys">Its key's shape.</param>
/// <param name="parameters">The constant arguments of its function.</param>
internal sealed class DAggregation(int id, string name, AggregatingFunction function, IReadOnlyList<KeyShape> keys, long[] parameters)
{
    private AggregationValue? _single;

    public int Id { get; } = id;

    public string Name { get; } = name;

    public AggregatingFunction Function { get; } = function;

    public IReadOnlyList<KeyShape> Keys { get; } = keys;

    public long[] Parameters { get; } = parameters;

    /// <summary>Its function as the script writes it.</summary>
    public string FunctionName { get; init; } = "";

    /// <summary>Where it was first assigned.</summary>
    public int Line { get; init; }

    public KeyedTable<AggregationValue> Values { get; } = new();

    /// <summary>What values are divided by when they are shown.</summary>
    public long Normal { get; set; } = 1;

    /// <summary>Whether printa has shown it: then the end does not.</summary>
    public bool IsPrinted { get; set; }

    public AggregationValue Locate()
    {
        return _single ??= Locate([]);
    }

    public AggregationValue Locate(KeyPart a)
    {
        AggregationValue? found = Values.Find(a)?.Value;
        return found ?? Locate([a]);
    }

    public AggregationValue Locate(KeyPart a, KeyPart b)
    {
        AggregationValue? found = Values.Find(a, b)?.Value;
        return found ?? Locate([a, b]);
    }

    public AggregationValue Locate(KeyPart[] key)
    {
        KeyedTable<AggregationValue>.Entry entry = Values.GetOrAdd(key);
        return entry.Value ??= Make();
    }

    /// <summary>A value that nothing was added to.</summary>
    public AggregationValue Make() => Function switch
    {
        AggregatingFunction.Average or AggregatingFunction.Deviation => new AggregationValue { Statistics = new Statistics() },
        AggregatingFunction.Quantize => new AggregationValue { Log = new LogHistogram() },
        AggregatingFunction.Lquantize => new AggregationValue { Linear = new LinearHistogram(Parameters[0], Parameters[2], (int)((Parameters[1] - Parameters[0]) / Parameters[2])) },
        AggregatingFunction.Llquantize => new AggregationValue { LogLinear = new LogLinearHistogram((int)Parameters[0], (int)Parameters[1], (int)Parameters[2], (int)Parameters[3]) },
        AggregatingFunction.Min => new AggregationValue { Number = long.MaxValue },
        AggregatingFunction.Max => new AggregationValue { Number = long.MinValue },
        _ => new AggregationValue(),
    };

    /// <summary>clear(): zero, with the keys kept.</summary>
    public void Clear()
    {
        foreach (KeyedTable<AggregationValue>.Entry entry in Values.Entries) entry.Value = Make();
        _single = Values.Find([])?.Value;
    }

    /// <summary>trunc(): the largest few stay, or, for a negative number, the smallest.</summary>
    public void Truncate(long count)
    {
        if (count == 0)
        {
            Values.Clear();
            _single = null;
            return;
        }
        List<KeyedTable<AggregationValue>.Entry> sorted = [.. Values.Entries];
        sorted.Sort((a, b) => CompareValues(a.Value, b.Value) is var c && c != 0 ? c : CompareKeys(a.Key, b.Key, 0));
        long excess = sorted.Count - (long)Math.Min((ulong)Math.Abs(count), (ulong)sorted.Count);
        IEnumerable<KeyedTable<AggregationValue>.Entry> gone = count > 0 ? sorted.Take((int)excess) : sorted.Skip(sorted.Count - (int)excess);
        foreach (KeyedTable<AggregationValue>.Entry entry in gone) Values.Remove(entry);
        if (excess > 0) _single = null;
    }

    /// <summary>The number that a value shows, not normalised for histograms.</summary>
    public long Shown(AggregationValue value) => Function switch
    {
        AggregatingFunction.Average => value.Statistics!.Count == 0 ? 0 : value.Statistics.Sum / Normal / value.Statistics.Count,
        AggregatingFunction.Deviation => value.Statistics!.StandardDeviation(Normal),
        AggregatingFunction.Min or AggregatingFunction.Max when value.Number is long.MaxValue or long.MinValue => 0,
        _ => value.Number / Normal,
    };

    public int CompareValues(AggregationValue a, AggregationValue b)
    {
        switch (Function)
        {
            case AggregatingFunction.Average:
                return a.Statistics!.Average.CompareTo(b.Statistics!.Average);
            case AggregatingFunction.Deviation:
                return a.Statistics!.StandardDeviation().CompareTo(b.Statistics!.StandardDeviation());
            case AggregatingFunction.Quantize:
                int byWeight = Weight(a.Log!.Counts, LogHistogram.ValueOf).CompareTo(Weight(b.Log!.Counts, LogHistogram.ValueOf));
                return byWeight != 0 ? byWeight : a.Log.Counts[LogHistogram.Zero].CompareTo(b.Log.Counts[LogHistogram.Zero]);
            case AggregatingFunction.Lquantize:
                return Weight(a.Linear!.Counts, a.Linear.ValueOf).CompareTo(Weight(b.Linear!.Counts, b.Linear.ValueOf));
            case AggregatingFunction.Llquantize:
                return Weight(a.LogLinear!.Counts, a.LogLinear).CompareTo(Weight(b.LogLinear!.Counts, b.LogLinear));
            default:
                return Shown(a).CompareTo(Shown(b));
        }
    }

    /// <summary>Keys compare as unsigned numbers of their size, from a column on, around.</summary>
    public int CompareKeys(KeyPart[] a, KeyPart[] b, int from)
    {
        for (int n = 0; n < a.Length; n++)
        {
            int i = (n + from) % a.Length;
            int order = Keys[i].IsText
                ? string.CompareOrdinal(a[i].Item as string, b[i].Item as string)
                : Unsigned(a[i].Number, Keys[i].Size).CompareTo(Unsigned(b[i].Number, Keys[i].Size));
            if (order != 0) return order;
        }
        return 0;
    }

    private static Int128 Weight(long[] counts, Func<int, long> value)
    {
        Int128 sum = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] != 0) sum += (Int128)value(i) * counts[i];
        }
        return sum;
    }

    private static Int128 Weight(long[] counts, LogLinearHistogram h) =>
        Weight(counts, i => i == h.Side ? 0 : i > h.Side ? h.BoundOf(i - h.Side - 1) ?? 0 : -(h.BoundOf(h.Side - 1 - i) ?? 0));

    private static ulong Unsigned(long value, int size) => size is 0 or >= 8 ? (ulong)value : (ulong)value & ((1UL << (size * 8)) - 1);
}
