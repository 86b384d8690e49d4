using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Kennel;

/// <summary>The host's own clock and random numbers.</summary>
internal sealed partial class SystemHostPlatform : IHostPlatform
{
    private const int Few = 64;

    private readonly long _boot = Stopwatch.GetTimestamp();
    private readonly byte[] _stored = new byte[1024]; // guard-note: its own monitor
    private int _left;

    public long MonotonicNanoseconds => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp() - _boot
        : (long)((Stopwatch.GetTimestamp() - _boot) * (1e9 / Stopwatch.Frequency));

    public long RealtimeNanoseconds => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    // A few bytes come from a store: asking for them costs as much as asking for many.
    public void FillRandom(Span<byte> bytes)
    {
        if (bytes.Length > Few)
        {
            FillFromHost(bytes);
            return;
        }
        lock (_stored)
        {
            if (_left < bytes.Length)
            {
                FillFromHost(_stored);
                _left = _stored.Length;
            }
            Span<byte> taken = _stored.AsSpan(_left -= bytes.Length, bytes.Length);
            taken.CopyTo(bytes);
            taken.Clear();
        }
    }

    // Not by .NET's generator: to load the cryptographic library for it takes milliseconds, a tenth of a short sandbox's life.
    private static unsafe void FillFromHost(Span<byte> bytes)
    {
        while (OperatingSystem.IsLinux() && bytes.Length > 0)
        {
            nint got;
            fixed (byte* b = bytes) got = GetRandom(b, (nuint)bytes.Length, 0);
            if (got <= 0) break;
            bytes = bytes[(int)got..];
        }
        if (bytes.Length > 0) RandomNumberGenerator.Fill(bytes);
    }

    [LibraryImport("libc", EntryPoint = "getrandom")]
    private static unsafe partial nint GetRandom(byte* buffer, nuint length, uint flags);
}

/// <summary>Random numbers that follow from a seed; time is the kernel's own then (Timekeeper, virtual).</summary>
internal sealed class SeededHostPlatform(long seed) : IHostPlatform
{
    private readonly Random _random = new((int)(seed ^ (seed >> 32)));

    public long MonotonicNanoseconds => 0;

    public long RealtimeNanoseconds => 0;

    public void FillRandom(Span<byte> bytes) => _random.NextBytes(bytes);
}
