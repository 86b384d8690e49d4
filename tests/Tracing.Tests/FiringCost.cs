using System.Diagnostics;

namespace Kennel.Tracing.Tests;

/// <summary>What a firing of a script costs: memory, which is the same on every machine; with KENNEL_SPEED=1 the time is printed.</summary>
internal static class FiringCost
{
    public static void AssertAllocatesNothing(string what, Action fire)
    {
        const int Count = 10_000;
        Repeat(fire, Count); // what is made once
        long before = GC.GetAllocatedBytesForCurrentThread();
        Repeat(fire, Count);
        double bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Count;
        if (Environment.GetEnvironmentVariable("KENNEL_SPEED") == "1") Console.WriteLine($"{Nanoseconds(fire):F0} ns, {bytes:F1} bytes  {what}");
        Assert.True(bytes < 1, $"{bytes:F1} bytes");
    }

    private static double Nanoseconds(Action fire)
    {
        const int Count = 100_000;
        double best = double.MaxValue;
        for (int round = 0; round < 30; round++)
        {
            long start = Stopwatch.GetTimestamp();
            Repeat(fire, Count);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Count);
        }
        return best;
    }

    private static void Repeat(Action fire, int count)
    {
        for (int i = 0; i < count; i++) fire();
    }
}
