using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Kennel.Cpu.Hosted;

/// <summary>What the host's processor has.</summary>
internal static class HostProcessor
{
    // CPUID leaf 1, ECX (Intel SDM volume 2).
    private const int Movbe = 1 << 22, F16C = 1 << 29;

    /// <summary>Whether it has all of x86-64-v3, and the host's system lets programs use it.</summary>
    public static bool HasV3()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return false;
        bool vectors = Avx2.IsSupported && Fma.IsSupported && Bmi1.IsSupported && Bmi2.IsSupported && Lzcnt.IsSupported;
        return vectors && (X86Base.CpuId(1, 0).Ecx & (Movbe | F16C)) == (Movbe | F16C);
    }
}
