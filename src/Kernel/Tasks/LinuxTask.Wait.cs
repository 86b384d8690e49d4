using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Probes;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>
/// Waiting for children. Protocol: look through the children of all threads of the process; reap the first zombie, or report
/// the first stop or continue that was asked for; when there is none, sleep on the process's queue, which every change of a
/// child wakes, and look again. What is looked for, and the looking, are in <see cref="WaitRequest"/>.
/// </summary>
public sealed partial class LinuxTask
{
    /// <summary>wait4 and waitid. Answers None with <see cref="WaitRequest.Id"/> (0 with WNOHANG when nothing has happened), or an error.</summary>
    [KernelFunction("kernel/exit.c", "long do_wait(struct wait_opts *wo = request)")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    internal async ValueTask<Errno> WaitForChildAsync(WaitRequest request)
    {
        if (Kernel.Watches(EventKind.WaitBlocked)) Kernel.Fire(Kernel.Probes.WaitBlocked, request.AskedFor);
        if (request.TryFind() || (request.Options & WaitOptions.NoHang) != 0) return request.Error;
        Errno error = await Group.ChildWaiters.WaitAsync(this, request, static r => r.TryFind(), WaitMode.Interruptible);
        return error != Errno.None ? error : request.Error;
    }
}
