using System.Threading.Channels;
using Kennel.Probes;
using Kennel.Tracing;

namespace Kennel;

/// <summary>
/// Events on their way to a reader. Nothing is lost: when more than <see cref="Capacity"/> wait to be read, guest code is held up, on its way
/// out of the kernel and outside its lock, until half of them are read. So a reader may call the sandbox as it likes.
/// </summary>
internal sealed class SandboxEventStream(Sandbox sandbox, EventKind[] kinds) : ITracer, IAsyncEnumerable<SandboxEvent>
{
    public const int Capacity = 4096;

    private readonly Channel<SandboxEvent> _channel = Channel.CreateUnbounded<SandboxEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ManualResetEventSlim _gate = new(initialState: true);
    private readonly TaskCompletionSource<int> _ended = new();
    private ITraceTarget? _target;
    private volatile bool _isReleased;
    private int _waiting;

    /// <summary>Events that are there and not yet read.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <inheritdoc/>
    public Task<int> Ended => _ended.Task;

    /// <inheritdoc/>
    public void Attach(ITraceTarget target)
    {
        _target = target;
        foreach (EventKind kind in kinds) target.Probes[kind].Attach(Take);
        target.Probes.Brake += Wait;
    }

    /// <inheritdoc/>
    public void SetTarget(int processId)
    {
    }

    /// <inheritdoc/>
    public int? Detach()
    {
        foreach (EventKind kind in kinds) _target!.Probes[kind].Detach(Take);
        _target!.Probes.Brake -= Wait;
        Release();
        _channel.Writer.TryComplete();
        return null;
    }

    /// <summary>Holds nobody up any more.</summary>
    public void Release()
    {
        _isReleased = true;
        _gate.Set();
    }

    /// <inheritdoc/>
    public async IAsyncEnumerator<SandboxEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        try
        {
            await foreach (SandboxEvent e in _channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (Interlocked.Decrement(ref _waiting) == Capacity / 2) _gate.Set();
                yield return e;
            }
        }
        finally
        {
            Release();
            sandbox.Detach(this);
        }
    }

    private void Take(in KernelEvent e)
    {
        // Counted first: the reader may have taken it before this goes on.
        if (Interlocked.Increment(ref _waiting) == Capacity && !_isReleased) _gate.Reset();
        _channel.Writer.TryWrite(new SandboxEvent(e));
    }

    // The reader may have caught up between the count and the reset: then nobody would open the gate.
    private void Wait()
    {
        while (!_isReleased && Volatile.Read(ref _waiting) > Capacity / 2 && !_gate.IsSet) _gate.Wait(TimeSpan.FromMilliseconds(10));
    }
}
