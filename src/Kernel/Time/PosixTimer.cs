using Kennel.Abi;

namespace Kennel.Time;

/// <summary>A timer made by timer_create.</summary>
internal sealed class PosixTimer
{
    /// <summary>Its signal is being delivered.</summary>
    public void OnSignalTaken(ref SignalInfo info)
    {
    }
}
