using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>Readiness bits (man 2 poll).</summary>
[Flags]
public enum PollEvents
{
    None = 0,
    In = 0x1,
    Priority = 0x2,
    Out = 0x4,
    Error = 0x8,
    HangUp = 0x10,
    Invalid = 0x20,
    ReadNormal = 0x40,
    ReadBand = 0x80,
    WriteNormal = 0x100,
    WriteBand = 0x200,
    ReadHangUp = 0x2000,
}

/// <summary>Collects the wait queues that a poller has to listen to (Linux: poll_table). A file's Poll adds its queues.</summary>
public sealed class PollTable(Func<int, bool> woken) : IDisposable
{
    private readonly List<WaitEntry> _entries = [];

    /// <summary>Whether one woken poller is enough (EPOLLEXCLUSIVE).</summary>
    public bool IsExclusive { get; init; }

    /// <summary>Has the poller told when the queue is woken.</summary>
    public void Listen(WaitQueue queue)
    {
        var entry = new WaitEntry(woken) { IsExclusive = IsExclusive };
        queue.Add(entry);
        _entries.Add(entry);
    }

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        foreach (WaitEntry entry in _entries) entry.Remove();
        _entries.Clear();
    }
}
