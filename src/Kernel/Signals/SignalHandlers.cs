using Kennel.Abi;
using Kennel.Files;
using Kennel.Waiting;

namespace Kennel.Signals;

/// <summary>What each signal does (Linux: sighand_struct); shared with CLONE_SIGHAND.</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed class SignalHandlers
{
    private SignalAction[] _actions;
    private bool _sharesActions; // with a relative after fork: copied before a change
    private int _users = 1;
    private WaitQueue? _listeners;

    /// <summary>The action of a signal, 1 to 64.</summary>
    public ref readonly SignalAction this[Signal signal] => ref _actions[(int)signal];

    /// <summary>The same, for changing it.</summary>
    public ref SignalAction Change(Signal signal)
    {
        if (_sharesActions) (_actions, _sharesActions) = ((SignalAction[])_actions.Clone(), false);
        return ref _actions[(int)signal];
    }

    /// <summary>Whether another thread group's tasks use it too, or other threads of the same one.</summary>
    public bool IsShared => _users > 1;

    /// <summary>Everything at its default.</summary>
    public SignalHandlers()
        : this(new SignalAction[SignalSet.Count + 1])
    {
    }

    private SignalHandlers(SignalAction[] actions) => _actions = actions;

    /// <summary>A copy for a child without CLONE_SIGHAND. The table itself is copied by whoever first changes it.</summary>
    public SignalHandlers Clone()
    {
        _sharesActions = true;
        return new SignalHandlers(_actions) { _sharesActions = true };
    }

    /// <summary>Readers and pollers of signalfd descriptors (Linux: signalfd_wqh).</summary>
    internal WaitQueue Listeners => _listeners ??= new WaitQueue();

    internal void NotifyListeners() => _listeners?.WakeAll((int)PollEvents.In);

    internal SignalHandlers Share()
    {
        _users++;
        return this;
    }

    internal void Release() => _users--;

    /// <summary>What exec leaves: handlers become defaults, ignored signals stay ignored. With <paramref name="force"/>,
    /// these become defaults too (CLONE_CLEAR_SIGHAND leaves ignored ones). Linux: kernel/signal.c, flush_signal_handlers.</summary>
    internal void Reset(bool force = false)
    {
        SignalAction[] before = _actions;
        if (_sharesActions) (_actions, _sharesActions) = (new SignalAction[before.Length], false);
        for (int i = 1; i < before.Length; i++)
        {
            bool ignored = !force && before[i].IsIgnored;
            _actions[i] = new SignalAction { Handler = ignored ? SignalAction.Ignore : SignalAction.Default };
        }
    }

    /// <summary>What kernel threads have: nothing gets through.</summary>
    internal void IgnoreAll()
    {
        for (int i = 1; i < _actions.Length; i++) Change((Signal)i) = new SignalAction { Handler = SignalAction.Ignore };
    }
}

/// <summary>struct kernel_sigaction on x86-64: handler, flags, restorer, mask.</summary>
public struct SignalAction
{
    /// <summary>SIG_DFL and SIG_IGN.</summary>
    public const ulong Default = 0, Ignore = 1;

    /// <summary>SIG_DFL (0), SIG_IGN (1) or the handler's address.</summary>
    public ulong Handler;
    public ulong Flags;
    public ulong Restorer;
    public ulong Mask;

    public readonly bool IsDefault => Handler == Default;

    public readonly bool IsIgnored => Handler == Ignore;

    /// <summary>Whether a flag is set.</summary>
    public readonly bool Has(SignalActionFlags flag) => (Flags & (ulong)flag) != 0;
}

/// <summary>SA_* (man 2 sigaction).</summary>
[Flags]
public enum SignalActionFlags : ulong
{
    NoChildStop = 1,
    NoChildWait = 2,
    SigInfo = 4,
    Unsupported = 0x400,
    ExposeTagBits = 0x800,
    Restorer = 0x04000000,
    OnStack = 0x08000000,
    Restart = 0x10000000,
    NoDefer = 0x40000000,
    ResetHandler = 0x80000000,
}
