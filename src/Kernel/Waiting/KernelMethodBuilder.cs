using System.Runtime.CompilerServices;

namespace Kennel.Waiting;

/// <summary>
/// Builds the kernel's async methods that programs sleep in all the time:
/// <c>[AsyncMethodBuilder(typeof(KernelMethodBuilder&lt;&gt;))]</c>. Nothing of it is left to compile when a program runs: the virtual
/// methods of the framework's builders, being generics of another assembly, are not compiled ahead of time for state machines of ours,
/// and each took a tenth of a millisecond the first time.
/// </summary>
/// <remarks>
/// Simpler than the framework's, too: continuations run at once, where the method ends; no context goes with them. A method that sleeps
/// takes the <see cref="KernelMethodBox{TResult}"/> of one that has ended. The answer may be awaited once.
/// </remarks>
/// <typeparam name="TResult">What the method answers.</typeparam>
public struct KernelMethodBuilder<TResult>
{
    private KernelMethodBox<TResult>? _box; // none until it sleeps, or fails
    private TResult _result;

    public static KernelMethodBuilder<TResult> Create() => default;

    public readonly ValueTask<TResult> Task => _box == null ? new ValueTask<TResult>(_result) : new ValueTask<TResult>(_box, _box.Version);

    internal readonly ValueTask WithoutResult => _box == null ? default : new ValueTask(_box, _box.Version);

    public readonly void Start<TMethod>(ref TMethod method) where TMethod : IAsyncStateMachine => method.MoveNext();

    public readonly void SetStateMachine(IAsyncStateMachine method)
    {
    }

    public void SetResult(TResult result)
    {
        if (_box == null) _result = result;
        else _box.SetResult(result);
    }

    public void SetException(Exception problem)
    {
        _box ??= new KernelMethodBox<TResult>();
        _box.SetException(problem);
    }

    public void AwaitOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod method)
        where TAwaiter : INotifyCompletion where TMethod : IAsyncStateMachine => awaiter.OnCompleted(Park(ref method));

    public void AwaitUnsafeOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod method)
        where TAwaiter : ICriticalNotifyCompletion where TMethod : IAsyncStateMachine => awaiter.UnsafeOnCompleted(Park(ref method));

    // This builder is a part of the method's state: it has to know the box before that is copied there.
    private Action Park<TMethod>(ref TMethod method) where TMethod : IAsyncStateMachine
    {
        if (_box is ParkedMethod<TResult, TMethod> parked) return parked.GoOn;
        parked = ParkedMethod<TResult, TMethod>.Take();
        _box = parked;
        parked.Method = method;
        return parked.GoOn;
    }
}

/// <summary>The same for methods that answer nothing.</summary>
public struct KernelMethodBuilder
{
    private KernelMethodBuilder<bool> _builder;

    public static KernelMethodBuilder Create() => default;

    public readonly ValueTask Task => _builder.WithoutResult;

    public readonly void Start<TMethod>(ref TMethod method) where TMethod : IAsyncStateMachine => method.MoveNext();

    public readonly void SetStateMachine(IAsyncStateMachine method)
    {
    }

    public void SetResult() => _builder.SetResult(true);

    public void SetException(Exception problem) => _builder.SetException(problem);

    public void AwaitOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod method)
        where TAwaiter : INotifyCompletion where TMethod : IAsyncStateMachine => _builder.AwaitOnCompleted(ref awaiter, ref method);

    public void AwaitUnsafeOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod method)
        where TAwaiter : ICriticalNotifyCompletion where TMethod : IAsyncStateMachine => _builder.AwaitUnsafeOnCompleted(ref awaiter, ref method);
}
