using System.Diagnostics;
using System.Security.Cryptography;

namespace Kennel;

/// <summary>The host's own clock and random numbers.</summary>
internal sealed class SystemHostPlatform : IHostPlatform
{
    private readonly long _boot = Stopwatch.GetTimestamp();

    public long MonotonicNanoseconds => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp() - _boot
        : (long)((Stopwatch.GetTimestamp() - _boot) * (1e9 / Stopwatch.Frequency));

    public long RealtimeNanoseconds => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    public void FillRandom(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}

/// <summary>Random numbers that follow from a seed; time is the kernel's own then (Timekeeper, virtual).</summary>
internal sealed class SeededHostPlatform(long seed) : IHostPlatform
{
    private readonly Random _random = new((int)(seed ^ (seed >> 32)));

    public long MonotonicNanoseconds => 0;

    public long RealtimeNanoseconds => 0;

    public void FillRandom(Span<byte> bytes) => _random.NextBytes(bytes);
}
