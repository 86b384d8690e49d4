using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Waiting;

/// <summary>Something that happens once (Linux: struct completion).</summary>
public sealed class Completion
{
    private readonly WaitQueue _waiters = new();

    public bool IsComplete { get; private set; }

    /// <summary>It has happened.</summary>
    public void Complete()
    {
        IsComplete = true;
        _waiters.WakeAll();
    }

    /// <summary>Sleeps until it has happened.</summary>
    public ValueTask<Errno> WaitAsync(LinuxTask current, WaitMode mode) => _waiters.WaitAsync(current, this, static c => c.IsComplete, mode);
}
