using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Kennel.Waiting;

/// <summary>What an async method of the kernel's answers, once it does, and who waits for that.</summary>
internal class KernelMethodBox<TResult> : IValueTaskSource<TResult>, IValueTaskSource
{
    private Action<object?>? _continuation; // KernelMethod.Ended: it has ended, and nobody had been waiting
    private object? _state;
    private TResult _result = default!;
    private ExceptionDispatchInfo? _problem;

    /// <summary>Changes when it serves another call.</summary>
    public short Version { get; private set; }

    public void SetResult(TResult result)
    {
        _result = result;
        End();
    }

    public void SetException(Exception problem)
    {
        _problem = ExceptionDispatchInfo.Capture(problem);
        End();
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        Check(token);
        if (!ReferenceEquals(Volatile.Read(ref _continuation), KernelMethod.Ended)) return ValueTaskSourceStatus.Pending;
        return _problem == null ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Faulted;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        Check(token);
        _state = state;
        Action<object?>? before = Interlocked.CompareExchange(ref _continuation, continuation, null);
        if (before == null) return;
        if (!ReferenceEquals(before, KernelMethod.Ended)) throw new InvalidOperationException("An answer of the kernel's is awaited twice.");
        continuation(state); // it has ended meanwhile, on another thread
    }

    public TResult GetResult(short token)
    {
        Check(token);
        if (!ReferenceEquals(_continuation, KernelMethod.Ended)) throw new InvalidOperationException("An answer of the kernel's is asked for too early.");
        TResult result = _result;
        ExceptionDispatchInfo? problem = _problem;
        _result = default!;
        _problem = null;
        _state = null;
        _continuation = null;
        Version++;
        GiveBack();
        problem?.Throw();
        return result;
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    /// <summary>Makes it serve another call, if it can.</summary>
    protected virtual void GiveBack()
    {
    }

    private void Check(short token)
    {
        if (token != Version) throw new InvalidOperationException("An answer of the kernel's is awaited twice.");
    }

    private void End()
    {
        Action<object?>? continuation = Interlocked.Exchange(ref _continuation, KernelMethod.Ended);
        continuation?.Invoke(_state);
    }
}

/// <summary>A method that sleeps, or has slept.</summary>
internal sealed class ParkedMethod<TResult, TMethod> : KernelMethodBox<TResult> where TMethod : IAsyncStateMachine
{
    // One that has ended, to be used again. A cache: nothing is in it that a sandbox could tell.
    private static readonly StrongBox<ParkedMethod<TResult, TMethod>?> s_spare = new();

    private ParkedMethod() => GoOn = MoveNext;

    public TMethod Method = default!;

    /// <summary>Goes on with it.</summary>
    public Action GoOn { get; }

    public static ParkedMethod<TResult, TMethod> Take() => Interlocked.Exchange(ref s_spare.Value, null) ?? new ParkedMethod<TResult, TMethod>();

    protected override void GiveBack()
    {
        Method = default!; // what it knew can be freed
        Volatile.Write(ref s_spare.Value, this);
    }

    private void MoveNext() => Method.MoveNext();
}

internal static class KernelMethod
{
    /// <summary>Stands where a continuation does once there is none to wait for.</summary>
    public static readonly Action<object?> Ended = static _ => { };
}
