using Kennel.Abi;
using Kennel.Files;

namespace Kennel.Memory;

/// <summary>The nameless file behind MAP_SHARED|MAP_ANONYMOUS memory and System V segments (Linux: shmem_zero_setup).</summary>
/// <param name="name">What /proc/PID/maps shows.</param>
public sealed class SharedMemoryFile(Kernel kernel, long size, string name) : OpenFile(OpenFlags.ReadWrite)
{
    private readonly ShmemPages _pages = new(kernel, size);

    /// <inheritdoc/>
    public override PageCache Pages => _pages;

    /// <inheritdoc/>
    public override string Description => name;

    /// <summary>Told when nobody has it any more.</summary>
    internal Action? Released { get; init; }

    /// <inheritdoc/>
    protected override void OnReleased()
    {
        _pages.Dispose();
        Released?.Invoke();
    }
}
