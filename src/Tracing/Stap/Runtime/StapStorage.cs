using Kennel.Tracing.Aggregations;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Runtime;

/// <summary>A global without index.</summary>
internal sealed class StapScalar<T>(T value)
{
    public T Value = value;
}

/// <summary>An array. The key is set part by part, then used; nothing is allocated but for new elements.</summary>
internal sealed class StapMap<T>(string name, int arity, long? declaredSize, long limit, bool wraps, Func<T>? create)
{
    private readonly KeyPart[] _key = new KeyPart[arity];

    public KeyedTable<T> Table { get; } = new();

    public void Key(int column, long value) => _key[column] = value;

    public void KeyText(int column, string value) => _key[column] = value;

    public KeyedTable<T>.Entry? Find() => Table.Find(_key);

    public bool Contains() => Find() != null;

    public void Delete() => Table.Remove(_key);

    public void Clear() => Table.Clear();

    /// <summary>delete a[*, x].</summary>
    public void DeleteAll(KeyPart?[] slice)
    {
        foreach (KeyedTable<T>.Entry entry in Table.Entries.Where(e => Fits(e, slice)).ToArray()) Table.Remove(entry);
    }

    public string Name => name;

    /// <summary>The element to write; made if need be.</summary>
    public KeyedTable<T>.Entry Slot()
    {
        if (Table.Find(_key) is { } found) return found;
        if (Table.Count >= (declaredSize ?? limit))
        {
            if (!wraps) throw new StapError(declaredSize == null ? "Array overflow, check MAXMAPENTRIES" : $"Array overflow, check size limit ({declaredSize})");
            foreach (KeyedTable<T>.Entry oldest in Table.Entries)
            {
                Table.Remove(oldest);
                break;
            }
        }
        KeyedTable<T>.Entry entry = Table.GetOrAdd(_key);
        if (create != null) entry.Value = create();
        return entry;
    }

    /// <summary>The elements that a foreach visits, sorted if it says so; sorting lasts.</summary>
    public KeyedTable<T>.Entry[] Iterate(int direction, int column, string? figure, long limit, KeyPart?[]? slice)
    {
        if (direction != 0)
        {
            Comparer<KeyedTable<T>.Entry> comparer = Comparer<KeyedTable<T>.Entry>.Create((a, b) => Compare(a, b, column, figure));
            Table.Reorder(direction > 0 ? Table.Entries.ToArray().Order(comparer) : Table.Entries.ToArray().OrderDescending(comparer));
        }
        IEnumerable<KeyedTable<T>.Entry> chosen = Table.Entries;
        if (slice != null) chosen = chosen.Where(e => Fits(e, slice));
        if (limit >= 0) chosen = chosen.Take((int)Math.Min(limit, int.MaxValue));
        return [.. chosen];
    }

    private static bool Fits(KeyedTable<T>.Entry entry, KeyPart?[] slice)
    {
        for (int i = 0; i < slice.Length; i++)
        {
            if (slice[i] is { } part && !entry.Key[i].Equals(part)) return false;
        }
        return true;
    }

    private static int Compare(KeyedTable<T>.Entry a, KeyedTable<T>.Entry b, int column, string? figure)
    {
        if (column > 0)
        {
            KeyPart left = a.Key[column - 1];
            KeyPart right = b.Key[column - 1];
            return left.Item is string text ? string.CompareOrdinal(text, (string?)right.Item) : left.Number.CompareTo(right.Number);
        }
        return (a.Value, b.Value) switch
        {
            (long x, long y) => x.CompareTo(y),
            (string x, string y) => string.CompareOrdinal(x, y),
            (Statistics x, Statistics y) => Figure(x, figure).CompareTo(Figure(y, figure)),
            _ => 0,
        };
    }

    private static long Figure(Statistics statistics, string? figure) => figure switch
    {
        "@sum" => statistics.Sum,
        "@min" => statistics.Min,
        "@max" => statistics.Max,
        "@avg" => statistics.Average,
        "@variance" => statistics.Variance,
        _ => statistics.Count,
    };
}

/// <summary>Makes the places where globals live.</summary>
internal static class StapStorage
{
    public static object Make(Variable variable, long limit)
    {
        Func<Statistics> statistics = () => NewStatistics(variable.Histogram);
        if (variable.Arity > 0)
        {
            return variable.Type switch
            {
                StapType.String => new StapMap<string>(variable.Name, variable.Arity, variable.MaximumSize, limit, variable.Wraps, () => ""),
                StapType.Stats => new StapMap<Statistics>(variable.Name, variable.Arity, variable.MaximumSize, limit, variable.Wraps, statistics),
                _ => new StapMap<long>(variable.Name, variable.Arity, variable.MaximumSize, limit, variable.Wraps, null),
            };
        }
        return variable.Type switch
        {
            StapType.String => new StapScalar<string>((variable.Initial as StringExpr)?.Value ?? ""),
            StapType.Stats => new StapScalar<Statistics>(statistics()),
            _ => new StapScalar<long>((variable.Initial as NumberExpr)?.Value ?? 0),
        };
    }

    private static Statistics NewStatistics(HistogramExpr? histogram) => new()
    {
        Log = histogram is { Linear: false } ? new LogHistogram() : null,
        Linear = histogram is { Linear: true } ? LinearHistogram.OfRange(histogram.From, histogram.To, histogram.Step) : null,
    };
}
