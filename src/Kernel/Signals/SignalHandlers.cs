using Kennel.Abi;

namespace Kennel.Signals;

/// <summary>What each signal does (Linux: sighand_struct); shared with CLONE_SIGHAND.</summary>
public sealed class SignalHandlers
{
    private readonly SignalAction[] _actions = new SignalAction[65];

    /// <summary>The action of a signal, 1 to 64.</summary>
    public ref SignalAction this[Signal signal] => ref _actions[(int)signal];

    /// <summary>A copy for a child without CLONE_SIGHAND.</summary>
    public SignalHandlers Clone()
    {
        var copy = new SignalHandlers();
        _actions.CopyTo(copy._actions, 0);
        return copy;
    }
}

/// <summary>struct kernel_sigaction on x86-64: handler, flags, restorer, mask.</summary>
public struct SignalAction
{
    /// <summary>SIG_DFL (0), SIG_IGN (1) or the handler's address.</summary>
    public ulong Handler;
    public ulong Flags;
    public ulong Restorer;
    public ulong Mask;
}
