using System.Text;
using Kennel.Tracing.Aggregations;
using Kennel.Tracing.D.Compile;

namespace Kennel.Tracing.D.Output;

/// <summary>Prints aggregations: printa, and what the end of a session shows.</summary>
internal static class AggregationText
{
    /// <summary>All aggregations that were never shown, in the order of the program.</summary>
    public static void WriteUnprinted(StringBuilder output, IEnumerable<DAggregation> aggregations, DOptions options)
    {
        foreach (DAggregation a in aggregations.Where(a => !a.IsPrinted && a.Values.Count > 0)) WriteRows(output, [a], null, options);
    }

    /// <summary>printa.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="format">The format; null for the default one.</param>
    /// <param name="aggregations">Their rows are joined by key.</param>
    /// <param name="options">How to sort.</param>
    public static void WritePrinta(StringBuilder output, IReadOnlyList<FormatPart>? format, IReadOnlyList<DAggregation> aggregations, DOptions options)
    {
        if (format == null) output.Append('\n');
        WriteRows(output, aggregations, format, options);
        foreach (DAggregation a in aggregations) a.IsPrinted = true;
    }

    private static void WriteRows(StringBuilder output, IReadOnlyList<DAggregation> aggregations, IReadOnlyList<FormatPart>? format, DOptions options)
    {
        var rows = new KeyedTable<AggregationValue[]>();
        for (int i = 0; i < aggregations.Count; i++)
        {
            foreach (KeyedTable<AggregationValue>.Entry entry in aggregations[i].Values.Entries)
            {
                AggregationValue[] row = rows.GetOrAdd(entry.Key).Value ??= new AggregationValue[aggregations.Count];
                row[i] = entry.Value;
            }
        }
        List<(KeyPart[] Key, AggregationValue[] Values)> sorted = [.. rows.Entries.Select(e => (e.Key, Fill(e.Value, aggregations)))];
        sorted.Sort((a, b) => Compare(a, b, aggregations, options));
        foreach ((KeyPart[] key, AggregationValue[] values) in sorted)
        {
            if (format == null) WriteDefault(output, key, values, aggregations, options);
            else WriteFormatted(output, format, key, values, aggregations, options);
        }
    }

    private static AggregationValue[] Fill(AggregationValue[] row, IReadOnlyList<DAggregation> aggregations)
    {
        for (int i = 0; i < row.Length; i++) row[i] ??= aggregations[i].Make();
        return row;
    }

    private static int Compare((KeyPart[] Key, AggregationValue[] Values) a, (KeyPart[] Key, AggregationValue[] Values) b, IReadOnlyList<DAggregation> aggregations, DOptions options)
    {
        int from = a.Key.Length == 0 ? 0 : options.SortKeyPosition % a.Key.Length;
        int byKey = aggregations[0].CompareKeys(a.Key, b.Key, from);
        int order = options.SortByKey ? byKey : 0;
        for (int n = 0; n < aggregations.Count && order == 0; n++)
        {
            int i = (n + options.SortPosition) % aggregations.Count;
            order = aggregations[i].CompareValues(a.Values[i], b.Values[i]);
        }
        if (order == 0) order = byKey;
        return options.SortReverse ? -order : order;
    }

    private static void WriteDefault(StringBuilder output, KeyPart[] key, AggregationValue[] values, IReadOnlyList<DAggregation> aggregations, DOptions options)
    {
        IReadOnlyList<KeyShape> shapes = aggregations[0].Keys;
        for (int i = 0; i < key.Length; i++)
        {
            output.Append(shapes[i] switch
            {
                { Symbol: SymbolKind.Stack } => ValueText.Stack((string)key[i].Item!, options.StackIndent),
                { IsText: true } => ValueText.Default((string)key[i].Item!),
                var shape => ValueText.Default(key[i].Number, shape.Size),
            });
        }
        for (int i = 0; i < values.Length; i++)
        {
            if (!WriteHistogram(output, aggregations[i], values[i])) output.Append(ValueText.Default(aggregations[i].Shown(values[i]), 8));
        }
        output.Append('\n');
    }

    private static void WriteFormatted(StringBuilder output, IReadOnlyList<FormatPart> format, KeyPart[] key, AggregationValue[] values, IReadOnlyList<DAggregation> aggregations, DOptions options)
    {
        int nextKey = 0, nextValue = 0;
        foreach (FormatPart part in format)
        {
            if (part.Literal != null)
            {
                output.Append(part.Literal);
            }
            else if (part.IsAggregation)
            {
                int i = Math.Min(nextValue++, values.Length - 1);
                if (!WriteHistogram(output, aggregations[i], values[i]))
                {
                    // The values are signed, whatever the conversion says of it.
                    output.Append(ValueText.Integer(part, part.Width, part.Precision, aggregations[i].Shown(values[i]), 8, true));
                }
            }
            else
            {
                KeyShape shape = aggregations[0].Keys[nextKey];
                KeyPart value = key[nextKey++];
                output.Append(shape switch
                {
                    { Symbol: SymbolKind.Stack } => ValueText.Stack((string)value.Item!, options.StackIndent),
                    { IsText: true } => ValueText.Text(part, part.Width, part.Precision, (string)value.Item!),
                    _ => ValueText.Integer(part, part.Width, part.Precision, value.Number, shape.Size, shape.IsSigned),
                });
            }
        }
    }

    private static bool WriteHistogram(StringBuilder output, DAggregation aggregation, AggregationValue value)
    {
        if (value.Log != null) DistributionText.Write(output, value.Log, aggregation.Normal);
        else if (value.Linear != null) DistributionText.Write(output, value.Linear, aggregation.Normal);
        else if (value.LogLinear != null) DistributionText.Write(output, value.LogLinear, aggregation.Normal);
        else return false;
        return true;
    }
}
