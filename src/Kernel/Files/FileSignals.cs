using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>Signals that file operations send to the calling task.</summary>
public static class FileSignals
{
    /// <summary>SIGPIPE: it writes where nobody reads.</summary>
    public static void BrokenPipe(LinuxTask current) => SendToSelf(current, Signal.SIGPIPE);

    /// <summary>A signal as the thread would send it to itself. Linux: send_sig with priv 0.</summary>
    public static void SendToSelf(LinuxTask current, Signal signal)
    {
        int pid = current.Group.Leader.Numbers.In(current.Numbers.Owner).Value;
        current.Send(SignalInfo.FromUser(signal, SignalCode.User, pid, current.Credential.Uid));
    }
}
