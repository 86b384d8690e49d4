using System.Numerics;

namespace Kennel.Tracing.Aggregations;

/// <summary>Counts by powers of two: bucket 64 holds 0, 65 holds 1, 66 holds 2 and 3, ...; 63 holds -1, 62 holds -2 and -3, ...</summary>
public sealed class LogHistogram
{
    public const int Zero = 64, Size = 129;

    /// <summary>The counts.</summary>
    public long[] Counts { get; } = new long[Size];

    public static int BucketOf(long value) => value switch
    {
        0 => Zero,
        > 0 => Zero + 64 - BitOperations.LeadingZeroCount((ulong)value),
        _ => Zero - (64 - BitOperations.LeadingZeroCount((ulong)-value)),
    };

    /// <summary>The number nearest to zero that a bucket holds.</summary>
    public static long ValueOf(int bucket) => bucket switch
    {
        Zero => 0,
        > Zero => (long)(1UL << (bucket - Zero - 1)),
        _ => -(long)(1UL << (Zero - bucket - 1)),
    };

    public void Add(long value, long increment) => Counts[BucketOf(value)] += increment;

    public void Clear() => Array.Clear(Counts);
}

/// <summary>Counts by equal steps, with one bucket below and one above.</summary>
/// <param name="low">Where the first step begins.</param>
/// <param name="step">How wide a step is.</param>
/// <param name="levels">How many steps.</param>
public sealed class LinearHistogram(long low, long step, int levels)
{
    /// <summary>SystemTap's @hist_linear(x, low, high, step): the step that begins at high counts as one.</summary>
    public static LinearHistogram OfRange(long low, long high, long step) => new(low, step, checked((int)((high - low) / step) + 1)) { High = high };

    public long Low { get; } = low;

    public long Step { get; } = step;

    public int Levels { get; } = levels;

    /// <summary>The upper limit that the user gave.</summary>
    public long High { get; private init; } = low + (step * levels);

    /// <summary>The counts: below, the steps, above.</summary>
    public long[] Counts { get; } = new long[levels + 2];

    public int BucketOf(long value)
    {
        if (value < Low) return 0;
        long index = (long)(((Int128)value - Low) / Step) + 1;
        return index > Levels ? Levels + 1 : (int)index;
    }

    /// <summary>The smallest number of a step's bucket.</summary>
    public long ValueOf(int bucket) => bucket == 0 ? Low - Step : Low + ((bucket - 1) * Step);

    public void Add(long value, long increment) => Counts[BucketOf(value)] += increment;

    public void Clear() => Array.Clear(Counts);
}

/// <summary>Counts by magnitudes of a factor, each divided into equal steps (D's llquantize).</summary>
/// <param name="factor">The factor.</param>
/// <param name="low">The lowest magnitude.</param>
/// <param name="high">The highest.</param>
/// <param name="steps">Steps per magnitude, counted from zero.</param>
public sealed class LogLinearHistogram(int factor, int low, int high, int steps)
{
    private readonly int _first = steps / factor;

    public int Factor { get; } = factor;

    public int Low { get; } = low;

    public int High { get; } = high;

    public int Steps { get; } = steps;

    private int PerMagnitude => Steps - _first;

    /// <summary>Buckets on the positive side, the overflow's included.</summary>
    public int Side { get; } = ((steps - (steps / factor)) * (high - low + 1)) + 1;

    /// <summary>The counts: negative ones mirrored, then the middle one at <see cref="Side"/>, then positive ones.</summary>
    public long[] Counts { get; } = new long[(2 * (((steps - (steps / factor)) * (high - low + 1)) + 1)) + 1];

    public static long Power(long number, int exponent)
    {
        long result = 1;
        for (int i = 0; i < exponent; i++) result *= number;
        return result;
    }

    public int BucketOf(long value)
    {
        UInt128 size = (UInt128)Int128.Abs(value);
        if (size < (UInt128)Power(Factor, Low)) return Side;
        int slot = Side - 1;
        UInt128 next = (UInt128)Power(Factor, Low);
        for (int magnitude = Low; magnitude <= High; magnitude++)
        {
            next *= (UInt128)Factor;
            if (size >= next) continue;
            slot = ((magnitude - Low) * PerMagnitude) + (int)(size * (UInt128)Steps / next) - _first;
            break;
        }
        return value < 0 ? Side - 1 - slot : Side + 1 + slot;
    }

    /// <summary>Where a bucket of the positive side begins; null for one that no integer can fall into.</summary>
    public long? BoundOf(int slot)
    {
        int magnitude = Low + (slot / PerMagnitude), step = (slot % PerMagnitude) + _first;
        if (slot == Side - 1) return Power(Factor, High + 1);
        if (magnitude == 0 && Steps > Factor && step * Factor % Steps != 0) return null;
        return (long)((Int128)step * Power(Factor, magnitude + 1) / Steps);
    }

    public void Add(long value, long increment) => Counts[BucketOf(value)] += increment;

    public void Clear() => Array.Clear(Counts);
}
