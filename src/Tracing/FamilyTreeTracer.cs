using Kennel.Abi;
using Kennel.Probes;

namespace Kennel.Tracing;

/// <summary>A process of a family tree: what it was, how long it lived, and how it ended.</summary>
public sealed class FamilyMember
{
    internal FamilyMember(int processId, string name, long born)
    {
        ProcessId = processId;
        Name = name;
        Born = born;
    }

    /// <summary>Its pid.</summary>
    public int ProcessId { get; }

    /// <summary>Its name (comm) when it ended.</summary>
    public string Name { get; internal set; }

    /// <summary>The arguments of the last program that it ran; empty when it ran its parent's to the end.</summary>
    public IReadOnlyList<string> Arguments { get; internal set; } = [];

    /// <summary>When it was made, monotonic nanoseconds.</summary>
    public long Born { get; }

    /// <summary>When it ended; null while it lives.</summary>
    public long? Died { get; internal set; }

    /// <summary>How it ended.</summary>
    public WaitStatus Status { get; internal set; }

    /// <summary>CPU time in user mode, nanoseconds, all threads together.</summary>
    public long UserTime { get; internal set; }

    /// <summary>CPU time in the kernel.</summary>
    public long SystemTime { get; internal set; }

    /// <summary>Threads that it had, the first one counted.</summary>
    public int Threads { get; internal set; } = 1;

    /// <summary>The processes that it made, in their order, wherever they went when it died.</summary>
    public IReadOnlyList<FamilyMember> Children => ChildList;

    internal List<FamilyMember> ChildList { get; } = [];
}

/// <summary>Writes down who made whom, from the first program on. Inside the kernel lock.</summary>
public sealed class FamilyTreeTracer : ITracer
{
    private readonly TaskCompletionSource<int> _ended = new();
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<object, FamilyMember> _members = new(ReferenceEqualityComparer.Instance);
    private readonly Watches _watches = new();
    private ITraceTarget _target = null!;
    private int _alive;

    /// <summary>The first program; null before it was made.</summary>
    public FamilyMember? Root { get; private set; }

    /// <inheritdoc/>
    public Task<int> Ended => _ended.Task;

    /// <summary>Completes when everybody in the tree has died.</summary>
    public Task AllEnded => _allEnded.Task;

    /// <inheritdoc/>
    public void Attach(ITraceTarget target)
    {
        _target = target;
        _watches.Add(target.Probes.ProcessCreated, OnProcessCreated);
        _watches.Add(target.Probes.ThreadCreated, OnThreadCreated);
        _watches.Add(target.Probes.ExecSucceeded, OnExecuted);
        _watches.Add(target.Probes.ThreadExited, OnThreadExited);
        _watches.Add(target.Probes.ProcessExited, OnProcessExited);
    }

    /// <inheritdoc/>
    public void SetTarget(int processId)
    {
        if (_target.Model.FindTask(processId) is not { } task) return;
        Root = new FamilyMember(processId, task.Name, _target.Now);
        _members[task.Process] = Root;
        _alive = 1;
    }

    /// <inheritdoc/>
    public int? Detach()
    {
        _watches.Clear();
        _members.Clear();
        return null;
    }

    private void OnProcessCreated(in KernelEvent e)
    {
        if (!_members.TryGetValue(e.Task.Process, out FamilyMember? parent)) return;
        var child = new FamilyMember(e.Target!.ProcessId, e.Target.Name, e.Time);
        parent.ChildList.Add(child);
        _members[e.Target.Process] = child;
        _alive++;
    }

    private void OnThreadCreated(in KernelEvent e)
    {
        if (e.Target!.Process == e.Task.Process && _members.TryGetValue(e.Task.Process, out FamilyMember? member)) member.Threads++;
    }

    private void OnExecuted(in KernelEvent e)
    {
        if (!_members.TryGetValue(e.Task.Process, out FamilyMember? member)) return;
        member.Name = e.Task.Name;
        member.Arguments = [.. e.Task.Arguments];
    }

    private void OnThreadExited(in KernelEvent e)
    {
        if (!_members.TryGetValue(e.Task.Process, out FamilyMember? member)) return;
        (long user, long system) = e.Task.CpuTime;
        member.UserTime += user;
        member.SystemTime += system;
    }

    private void OnProcessExited(in KernelEvent e)
    {
        if (!_members.Remove(e.Task.Process, out FamilyMember? member)) return;
        member.Died = e.Time;
        member.Status = new WaitStatus(e.Number);
        if (--_alive == 0) _allEnded.TrySetResult();
    }
}
