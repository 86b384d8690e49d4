using Kennel.Abi;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>A task that sleeps until any of several files may have changed (Linux: struct poll_wqueues).</summary>
internal sealed class PollWaiter : IDisposable
{
    private readonly WaitQueue _queue = new();
    private bool _triggered;

    public PollWaiter() => Table = new PollTable(OnWoken);

    /// <summary>To be given to the files' Poll, once each.</summary>
    public PollTable Table { get; }

    /// <summary>To be called before the files are looked at again: what changes from now on ends the next sleep.</summary>
    public void Reset() => _triggered = false;

    /// <summary>Sleeps until a file tells of a change: None, ETIMEDOUT or ERESTARTSYS.</summary>
    public ValueTask<Errno> WaitAsync(LinuxTask current, long deadline) =>
        _queue.WaitAsync(current, this, static w => w._triggered, WaitMode.Interruptible, deadline);

    private bool OnWoken(int key)
    {
        _triggered = true;
        _queue.Wake();
        return true;
    }

    public void Dispose() => Table.Dispose();
}
