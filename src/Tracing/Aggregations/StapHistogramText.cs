using System.Globalization;
using System.Text;

namespace Kennel.Tracing.Aggregations;

/// <summary>Histograms as SystemTap prints them: two rows of margin, and long runs of empty rows left out.</summary>
public static class StapHistogramText
{
    private const int Width = 50, Margin = 2;

    /// <summary>@hist_log.</summary>
    public static string Of(LogHistogram histogram)
    {
        long[] counts = histogram.Counts;
        if (Bounds(counts) is not { } range) return Write(counts, LogHistogram.Zero, LogHistogram.Zero - 1, LogLabel);
        (int low, int high) = range;
        for (int i = 0; i < Margin; i++)
        {
            if (low != LogHistogram.Zero && low > 0) low--;
            if (high < counts.Length - 1) high++;
        }
        return Write(counts, low, high, LogLabel);
    }

    /// <summary>@hist_linear.</summary>
    public static string Of(LinearHistogram histogram)
    {
        long[] counts = histogram.Counts;
        if (Bounds(counts) is not { } range) return Write(counts, 1, 0, Label);
        int low = Math.Max(range.Low - Margin, 0), high = Math.Min(range.High + Margin, counts.Length - 1);
        if (low == 0 && counts[0] == 0) low++;
        if (high == counts.Length - 1 && counts[high] == 0) high--;
        return Write(counts, low, high, Label);

        string Label(int i) => i == 0 ? $"<{histogram.Low}" : i == counts.Length - 1 ? $">{histogram.High}" : histogram.ValueOf(i).ToString(CultureInfo.InvariantCulture);
    }

    private static string LogLabel(int bucket) => LogHistogram.ValueOf(bucket).ToString(CultureInfo.InvariantCulture);

    private static (int Low, int High)? Bounds(long[] counts)
    {
        int low = Array.FindIndex(counts, c => c > 0);
        return low < 0 ? null : (low, Array.FindLastIndex(counts, c => c > 0));
    }

    private static string Write(long[] counts, int low, int high, Func<int, string> label)
    {
        long max = 0;
        int labelWidth = 5;
        for (int i = low; i <= high; i++)
        {
            max = Math.Max(max, counts[i]);
            labelWidth = Math.Max(labelWidth, label(i).Length);
        }
        long scale = max <= Width ? 1 : (max + Width - 1) / Width;
        int countWidth = max.ToString(CultureInfo.InvariantCulture).Length;
        var text = new StringBuilder();
        text.Append("value".PadLeft(labelWidth)).Append(" |").Append('-', Width).Append(" count\n");
        bool elided = false;
        for (int i = low; i <= high; i++)
        {
            if (!HasNeighbour(counts, Math.Max(i - Margin, low), Math.Min(i + Margin, high)))
            {
                elided = true;
                continue;
            }
            if (elided) text.Append(' ', labelWidth).Append(" ~\n");
            elided = false;
            int bar = (int)(counts[i] / scale);
            text.Append(label(i).PadLeft(labelWidth)).Append(" |").Append('@', bar);
            text.Append(counts[i].ToString(CultureInfo.InvariantCulture).PadLeft(Width - bar + 1 + countWidth)).Append('\n');
        }
        return text.Append('\n').ToString();
    }

    private static bool HasNeighbour(long[] counts, int first, int last)
    {
        for (int k = first; k <= last; k++)
        {
            if (counts[k] != 0) return true;
        }
        return false;
    }
}
