namespace Kennel.Machine;

/// <summary>What guests' processors have, by the levels of the x86-64 ABI (System V ABI, table 3.1).</summary>
public enum CpuLevel
{
    /// <summary>x86-64-v2: SSE4.2, POPCNT, CMPXCHG16B.</summary>
    V2,

    /// <summary>x86-64-v3: AVX, AVX2, BMI1, BMI2, F16C, FMA, LZCNT, MOVBE, XSAVE.</summary>
    V3,
}
