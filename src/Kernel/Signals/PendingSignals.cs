using Kennel.Abi;
using Kennel.Credentials;

namespace Kennel.Signals;

/// <summary>
/// Signals that were sent and not yet taken (Linux: struct sigpending): a set of numbers, and a queue of what came with them.
/// A standard signal waits at most once, real-time signals queue up.
/// </summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed class PendingSignals
{
    private LinkedList<QueuedSignal>? _queue; // made at first use: most tasks never have one

    /// <summary>The numbers that wait.</summary>
    public ulong Mask { get; private set; }

    /// <summary>Marks a signal, with information where there is room for it.</summary>
    internal void Add(Signal signal, QueuedSignal? queued)
    {
        if (queued != null) (_queue ??= new LinkedList<QueuedSignal>()).AddLast(queued);
        Mask |= SignalSet.Bit(signal);
    }

    /// <summary>Takes the first signal that is not blocked. Answers false when there is none.</summary>
    internal bool TryTake(ulong blocked, out SignalInfo info, out QueuedSignal? queued)
    {
        info = default;
        queued = null;
        ulong ready = Mask & ~blocked;
        if (ready == 0) return false;
        Take(SignalSet.First(ready), out info, out queued);
        return true;
    }

    /// <summary>Drops all signals of a set. Linux: kernel/signal.c, flush_sigqueue_mask.</summary>
    internal void Flush(ulong set)
    {
        if ((Mask & set) == 0) return;
        Mask &= ~set;
        for (LinkedListNode<QueuedSignal>? node = _queue?.First; node != null;)
        {
            LinkedListNode<QueuedSignal>? next = node.Next;
            if (set.Has(node.Value.Info.Signal)) Remove(node);
            node = next;
        }
    }

    /// <summary>How many of a timer's signal wait here (0 or 1).</summary>
    internal QueuedSignal? FindOf(object source)
    {
        foreach (QueuedSignal queued in _queue ?? Enumerable.Empty<QueuedSignal>())
        {
            if (queued.Source == source) return queued;
        }
        return null;
    }

    // Linux: kernel/signal.c, collect_signal.
    private void Take(Signal signal, out SignalInfo info, out QueuedSignal? queued)
    {
        LinkedListNode<QueuedSignal>? found = null;
        bool more = false;
        for (LinkedListNode<QueuedSignal>? node = _queue?.First; node != null; node = node.Next)
        {
            if (node.Value.Info.Signal != signal) continue;
            if (found != null)
            {
                more = true;
                break;
            }
            found = node;
        }
        if (!more) Mask &= ~SignalSet.Bit(signal);
        queued = found?.Value;
        // Without room for information when it was sent, it comes from nobody.
        info = queued?.Info ?? new SignalInfo { Number = (int)signal, Code = SignalCode.User };
        if (found != null) Remove(found);
    }

    private void Remove(LinkedListNode<QueuedSignal> node)
    {
        node.List!.Remove(node);
        node.Value.Account?.ReleaseSignal();
    }
}

/// <summary>One signal with its information (Linux: struct sigqueue).</summary>
internal sealed class QueuedSignal(in SignalInfo info, UserAccount? account)
{
    public SignalInfo Info = info;

    /// <summary>Whose RLIMIT_SIGPENDING it counts against.</summary>
    public UserAccount? Account { get; } = account;

    /// <summary>The POSIX timer that sent it, if any.</summary>
    public object? Source { get; init; }
}
