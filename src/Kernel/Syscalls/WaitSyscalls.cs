using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Namespaces;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>Waiting for children; the waiting itself is in LinuxTask.Wait.</summary>
public static class WaitSyscalls
{
    private const WaitOptions Wait4Known = WaitOptions.NoHang | WaitOptions.Stopped | WaitOptions.Continued | WaitOptions.NoThread
        | WaitOptions.All | WaitOptions.Clone;

    private const WaitOptions States = WaitOptions.Exited | WaitOptions.Stopped | WaitOptions.Continued;

    private const int All = 0, ByPid = 1, ByGroup = 2, ByPidFd = 3;

    /// <remarks>Linux: kernel/exit.c, kernel_wait4.</remarks>
    [Syscall(61, "wait4")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    public static async ValueTask<SyscallResult> Wait4(
        LinuxTask current, int pid, UserPtr<int> status, int options, UserPtr<ResourceUsageRecord> usage)
    {
        var flags = (WaitOptions)(uint)options;
        if ((flags & ~Wait4Known) != 0) return Errno.EINVAL;
        if (pid == int.MinValue) return Errno.ESRCH;
        PidNamespace view = current.Numbers.Owner;
        var request = new WaitRequest(current)
        {
            Options = flags | WaitOptions.Exited,
            Target = pid == -1 ? WaitTarget.Any : pid > 0 ? WaitTarget.Process : WaitTarget.Group,
            Process = pid > 0 ? view.Find(pid) : null,
            AskedFor = pid,
            Group = pid == 0 ? current.Group.ProcessGroup : pid < -1 ? view.Find(-pid)?.ProcessGroup : null,
        };
        Errno error = await current.WaitForChildAsync(request);
        if (error != Errno.None) return error;
        if (request.Id == 0) return 0;
        if (!status.IsNull && !status.TryWrite(current.Memory, request.Status.Value)) return Errno.EFAULT;
        if (!usage.IsNull && !usage.TryWrite(current.Memory, request.Usage)) return Errno.EFAULT;
        return request.Id;
    }

    /// <remarks>Linux: kernel/exit.c, kernel_waitid_prepare.</remarks>
    [Syscall(247, "waitid")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    public static async ValueTask<SyscallResult> WaitId(
        LinuxTask current, int type, int id, UserPtr<SignalInfo> info, int options, UserPtr<ResourceUsageRecord> usage)
    {
        var flags = (WaitOptions)(uint)options;
        if ((flags & ~(Wait4Known | States | WaitOptions.Keep)) != 0 || (flags & States) == 0) return Errno.EINVAL;
        Errno error = Decode(current, type, id, ref flags, out WaitRequest? request);
        if (error == Errno.None) error = await current.WaitForChildAsync(request!);
        if (error != Errno.None) return error;
        if (request!.Id != 0 && !usage.IsNull && !usage.TryWrite(current.Memory, request.Usage)) return Errno.EFAULT;
        if (info.IsNull) return 0;
        SignalInfo result = default;
        if (request.Id != 0)
        {
            result = SignalInfo.FromUser(Signal.SIGCHLD, request.Code, request.Id, request.Uid);
            result.Status = StatusOf(request);
        }
        // Only the first 32 bytes: Linux leaves the rest of the struct alone.
        return WriteInfo(current, info, result) ? 0 : Errno.EFAULT;
    }

    private static Errno Decode(LinuxTask current, int type, int id, ref WaitOptions flags, out WaitRequest? request)
    {
        request = null;
        PidNamespace view = current.Numbers.Owner;
        PidNumbers? process = null;
        ProcessGroup? group = null;
        switch (type)
        {
            case All:
                break;
            case ByPid:
                if (id <= 0) return Errno.EINVAL;
                process = view.Find(id);
                break;
            case ByGroup:
                if (id < 0) return Errno.EINVAL;
                group = id == 0 ? current.Group.ProcessGroup : view.Find(id)?.ProcessGroup;
                break;
            case ByPidFd:
                if (id < 0) return Errno.EINVAL;
                OpenFile? file = current.Files![new Fd(id)];
                if (file is not PidFile pidFile) return Errno.EBADF;
                process = pidFile.Process.Numbers;
                if (file.IsNonBlocking && (flags & WaitOptions.NoHang) == 0) return WaitNonBlocking(current, process, flags, out request);
                break;
            default:
                return Errno.EINVAL;
        }
        request = new WaitRequest(current)
        {
            Options = flags,
            Target = type switch { All => WaitTarget.Any, ByGroup => WaitTarget.Group, _ => WaitTarget.Process },
            Process = process,
            Group = group,
            AskedFor = type switch { All => -1, ByGroup => -id, _ => process?.In(view).Value ?? id },
        };
        return Errno.None;
    }

    // A non-blocking pidfd answers EAGAIN instead of sleeping (man 2 pidfd_open, PIDFD_NONBLOCK).
    private static Errno WaitNonBlocking(LinuxTask current, PidNumbers process, WaitOptions flags, out WaitRequest? request)
    {
        request = new WaitRequest(current) { Options = flags | WaitOptions.NoHang | WaitOptions.Keep, Target = WaitTarget.Process, Process = process };
        if (!request.TryFind()) return Errno.EAGAIN;
        Errno error = request.Error;
        request = new WaitRequest(current) { Options = flags | WaitOptions.NoHang, Target = WaitTarget.Process, Process = process };
        return error;
    }

    private static int StatusOf(WaitRequest request) => request.Code switch
    {
        SignalCode.ChildExited => request.Status.ExitCode,
        SignalCode.ChildStopped => (int)request.Status.StopSignal,
        SignalCode.ChildContinued => (int)Signal.SIGCONT,
        _ => (int)request.Status.TerminationSignal,
    };

    private static bool WriteInfo(LinuxTask current, UserPtr<SignalInfo> target, in SignalInfo info) =>
        new UserPtr<int>(target.Address).TryWrite(current.Memory, (ReadOnlySpan<int>)[info.Number, 0, info.Code])
        && new UserPtr<int>(target.Address + 16).TryWrite(current.Memory, (ReadOnlySpan<int>)[info.Pid, (int)info.Uid, info.Status]);
}
