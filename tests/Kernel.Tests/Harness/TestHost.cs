namespace Kennel.Tests;

/// <summary>A host whose time moves only when a test says so.</summary>
internal sealed class TestHost : IHostPlatform
{
    private byte _next;

    public long MonotonicNanoseconds { get; set; } = 1_000_000_000;

    public long RealtimeNanoseconds => 1_700_000_000_000_000_000 + MonotonicNanoseconds;

    public void FillRandom(Span<byte> bytes)
    {
        foreach (ref byte b in bytes) b = _next++;
    }
}
