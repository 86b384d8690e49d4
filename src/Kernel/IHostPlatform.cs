namespace Kennel;

/// <summary>The one door through which time, randomness and the host's processor enter the kernel.</summary>
public interface IHostPlatform
{
    /// <summary>Nanoseconds of a clock that never goes back; its origin is the machine's boot.</summary>
    long MonotonicNanoseconds { get; }

    /// <summary>Nanoseconds since 1970-01-01 UTC.</summary>
    long RealtimeNanoseconds { get; }

    /// <summary>Fills with bytes for getrandom, AT_RANDOM and the like.</summary>
    void FillRandom(Span<byte> bytes);
}
