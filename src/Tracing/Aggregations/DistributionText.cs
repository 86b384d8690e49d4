using System.Globalization;
using System.Text;

namespace Kennel.Tracing.Aggregations;

/// <summary>Distributions as D prints them: a header, and a bar of 40 signs for each bucket.</summary>
public static class DistributionText
{
    private const int Width = 40;

    /// <summary>quantize.</summary>
    public static void Write(StringBuilder output, LogHistogram histogram, long normal = 1)
    {
        // Bucket 0 would hold numbers below -2^63.
        (int first, int last) = Range(histogram.Counts, 1, LogHistogram.Size - 2) ?? (LogHistogram.Zero - 1, LogHistogram.Zero + 1);
        Write(output, histogram.Counts, first, last, normal, i => LogHistogram.ValueOf(i).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>lquantize.</summary>
    public static void Write(StringBuilder output, LinearHistogram histogram, long normal = 1)
    {
        int above = histogram.Levels + 1;
        (int first, int last) = Range(histogram.Counts, 0, above) ?? (0, Math.Min(2, above));
        Write(output, histogram.Counts, first, last, normal, i =>
            i == 0 ? $"< {histogram.Low}" : i == above ? $">= {histogram.ValueOf(i)}" : histogram.ValueOf(i).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>llquantize.</summary>
    public static void Write(StringBuilder output, LogLinearHistogram histogram, long normal = 1)
    {
        int middle = histogram.Side;
        (int first, int last) = Range(histogram.Counts, 0, histogram.Counts.Length - 1) ?? (middle, middle + 1);
        while (last < histogram.Counts.Length - 1 && Label(last) == null) last++;
        while (first > 0 && first < middle && Label(first) == null) first--;
        Write(output, histogram.Counts, first, last, normal, Label);

        string? Label(int bucket)
        {
            long bound = LogLinearHistogram.Power(histogram.Factor, histogram.Low);
            if (bucket == middle) return bound == 1 ? "0" : first < middle ? $"abs() < {bound}" : $"< {bound}";
            int slot = bucket > middle ? bucket - middle - 1 : middle - 1 - bucket;
            if (histogram.BoundOf(slot) is not { } value) return null;
            if (slot == histogram.Side - 1) return bucket > middle ? $">= {value}" : $"<= -{value}";
            return bucket > middle ? $"{value}" : $"-{value}";
        }
    }

    private static (int First, int Last)? Range(long[] counts, int low, int high)
    {
        int first = low, last = high;
        while (first <= high && counts[first] == 0) first++;
        if (first > high) return null;
        while (counts[last] == 0) last--;
        return (Math.Max(first - 1, low), Math.Min(last + 1, high));
    }

    private static void Write(StringBuilder output, long[] counts, int first, int last, long normal, Func<int, string?> label)
    {
        double total = 0;
        bool positive = false, negative = false;
        for (int i = first; i <= last; i++)
        {
            positive |= counts[i] > 0;
            negative |= counts[i] < 0;
            total += Math.Abs((double)counts[i]);
        }
        output.Append(CultureInfo.InvariantCulture, $"\n{"value",16} {"------------- Distribution -------------",41} {"count",-9}\n");
        for (int i = first; i <= last; i++)
        {
            if (label(i) is not { } text) continue;
            output.Append(CultureInfo.InvariantCulture, $"{text,16} ");
            Bar(output, counts[i], total, positive, negative);
            output.Append(CultureInfo.InvariantCulture, $" {counts[i] / normal,-9}\n");
        }
    }

    private static void Bar(StringBuilder output, long count, double total, bool positive, bool negative)
    {
        int width = positive && negative ? Width / 2 : Width;
        int length = total == 0 ? 0 : (int)((Math.Abs((double)count) * width / total) + 0.5);
        if (!negative) output.Append('|').Append('@', length).Append(' ', width - length);
        else if (!positive) output.Append(' ', width - length).Append('@', length).Append('|');
        else if (count <= 0) output.Append(' ', width - length).Append('@', length).Append('|').Append(' ', width);
        else output.Append(' ', width).Append('|').Append('@', length).Append(' ', width - length);
    }
}
