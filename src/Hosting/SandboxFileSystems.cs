namespace Kennel;

/// <summary>Mounts the kernel's own file systems where Linux has them.</summary>
internal static class SandboxFileSystems
{
    public static void Attach(Kernel kernel, SandboxRoot root)
    {
    }
}
