using System.Runtime.InteropServices;
using Kennel.Abi;

namespace Kennel.Cli;

/// <summary>Sends on to the guest what the host's user or system sends to Kennel (the default would end Kennel).</summary>
internal sealed class HostSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];

    public HostSignals(SandboxProcess process)
    {
        (int Host, Signal Guest)[] forwarded =
        [
            ((int)PosixSignal.SIGHUP, Signal.SIGHUP), ((int)PosixSignal.SIGINT, Signal.SIGINT), ((int)PosixSignal.SIGQUIT, Signal.SIGQUIT),
            ((int)PosixSignal.SIGTERM, Signal.SIGTERM), (10, Signal.SIGUSR1), (12, Signal.SIGUSR2),
        ];
        foreach ((int host, Signal guest) in forwarded)
        {
            _registrations.Add(PosixSignalRegistration.Create((PosixSignal)host, context =>
            {
                context.Cancel = true;
                process.SignalForegroundGroup(guest);
            }));
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration r in _registrations) r.Dispose();
    }
}
