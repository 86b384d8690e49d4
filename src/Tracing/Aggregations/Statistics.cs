namespace Kennel.Tracing.Aggregations;

/// <summary>What is kept of a stream of numbers, instead of the numbers.</summary>
public sealed class Statistics
{
    private Int128 _squares;

    /// <summary>How many there were.</summary>
    public long Count { get; private set; }

    /// <summary>Their sum; it wraps.</summary>
    public long Sum { get; private set; }

    /// <summary>The smallest; meaningless when there was none.</summary>
    public long Min { get; private set; } = long.MaxValue;

    /// <summary>The largest; meaningless when there was none.</summary>
    public long Max { get; private set; } = long.MinValue;

    /// <summary>Their distribution over powers of two, when that is asked for.</summary>
    public LogHistogram? Log { get; init; }

    /// <summary>Their distribution over equal steps, when that is asked for.</summary>
    public LinearHistogram? Linear { get; init; }

    /// <summary>The mean, cut towards zero; 0 for none.</summary>
    public long Average => Count == 0 ? 0 : Sum / Count;

    /// <summary>The sample variance: squared distances from the mean by count - 1; 0 for fewer than two.</summary>
    public long Variance => Count < 2 ? 0 : (long)(((_squares * Count) - ((Int128)Sum * Sum)) / Count / (Count - 1));

    /// <summary>The standard deviation as D has it: the root of (mean of squares - square of mean), all in integers.</summary>
    public long StandardDeviation(long normal = 1)
    {
        if (Count == 0) return 0;
        Int128 mean = Sum / Count;
        Int128 squared = (_squares / Count) - (mean * mean);
        return SquareRoot(squared < 0 ? -squared : squared) / normal;
    }

    public void Add(long value)
    {
        Count++;
        Sum += value;
        if (value < Min) Min = value;
        if (value > Max) Max = value;
        _squares += (Int128)value * value;
        Log?.Add(value, 1);
        Linear?.Add(value, 1);
    }

    public void Clear()
    {
        (Count, Sum, Min, Max, _squares) = (0, 0, long.MaxValue, long.MinValue, 0);
        Log?.Clear();
        Linear?.Clear();
    }

    private static long SquareRoot(Int128 value)
    {
        Int128 low = 0, high = (Int128)1 << 63;
        while (low < high)
        {
            Int128 middle = (low + high + 1) / 2;
            if (middle * middle <= value) low = middle;
            else high = middle - 1;
        }
        return (long)low;
    }
}
