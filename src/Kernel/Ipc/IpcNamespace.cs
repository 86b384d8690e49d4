namespace Kennel.Ipc;

/// <summary>The System V IPC objects that a group of tasks shares (man 7 sysvipc, man 7 ipc_namespaces).</summary>
public sealed class IpcNamespace
{
    /// <summary>SHMMNI and MSGMNI, SEMMNI.</summary>
    public const int MostSegments = 4096, MostSets = 32000, MostQueues = 32000;

    public IpcTable<SharedSegment> SharedSegments { get; } = new(MostSegments);

    public IpcTable<SemaphoreSet> SemaphoreSets { get; } = new(MostSets);

    public IpcTable<MessageQueue> MessageQueues { get; } = new(MostQueues);

    /// <summary>Pages of all segments together (Linux: shm_tot).</summary>
    public long SharedPages { get; internal set; }

    /// <summary>Semaphores of all sets together.</summary>
    public int Semaphores { get; internal set; }

    /// <summary>Bytes of all messages: they are host memory, so there is a limit besides that of each queue.</summary>
    public long MessageBytes { get; internal set; }
}
