using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Namespaces;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>unshare and setns, for the namespaces that exist so far: pid, uts, mount (as a view).</summary>
public static class NamespaceSyscalls
{
    private const CloneFlags Known = CloneFlags.CLONE_FS | CloneFlags.CLONE_FILES | CloneFlags.CLONE_SYSVSEM | CloneFlags.CLONE_THREAD
        | CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_VM | CloneFlags.CLONE_NEWNS | CloneFlags.CLONE_NEWUTS | CloneFlags.CLONE_NEWPID;

    /// <remarks>Linux: kernel/fork.c, ksys_unshare.</remarks>
    [Syscall(272, "unshare")]
    public static SyscallResult Unshare(LinuxTask current, CloneFlags flags)
    {
        const CloneFlags OnlyAlone = CloneFlags.CLONE_THREAD | CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_VM;
        const CloneFlags New = CloneFlags.CLONE_NEWNS | CloneFlags.CLONE_NEWUTS | CloneFlags.CLONE_NEWPID;
        if ((flags & ~Known) != 0)
        {
            current.Kernel.Log.WriteOnce($"{current}: unshare of {flags & ~Known} is not supported");
            return Errno.EINVAL;
        }
        if ((flags & OnlyAlone) != 0 && (current.Group.Threads.Count > 1 || current.Handlers!.IsShared)) return Errno.EINVAL;
        if ((flags & OnlyAlone) != 0 && current.Memory!.Users > 1) return Errno.EINVAL;
        NamespaceSet namespaces = current.Namespaces;
        if ((flags & New) != 0)
        {
            if (!current.Credential.Has(Capability.SysAdmin)) return Errno.EPERM;
            Errno error = namespaces.Copy(flags, out namespaces);
            if (error != Errno.None) return error;
        }
        if ((flags & (CloneFlags.CLONE_FS | CloneFlags.CLONE_NEWNS)) != 0) current.Fs = current.Fs!.Clone();
        if ((flags & CloneFlags.CLONE_FILES) != 0) current.UnshareFiles();
        if ((flags & CloneFlags.CLONE_SYSVSEM) != 0) current.ExitSemaphores();
        current.Namespaces = namespaces;
        return 0;
    }

    [Syscall(308, "setns")]
    public static SyscallResult SetNamespace(LinuxTask current, Fd fd, int type)
    {
        if (current.Files![fd] is null) return Errno.EBADF;
        if (current.Files[fd] is not PidFile file) return Errno.EINVAL; // namespace files come with /proc/PID/ns
        var flags = (CloneFlags)(uint)type;
        const CloneFlags Possible = CloneFlags.CLONE_NEWNS | CloneFlags.CLONE_NEWUTS | CloneFlags.CLONE_NEWPID;
        if (flags == 0 || (flags & ~Possible) != 0) return Errno.EINVAL;
        if (file.Process.HasExited) return Errno.ESRCH;
        if (!current.Credential.Has(Capability.SysAdmin) || !current.MayInspect(file.Process)) return Errno.EPERM;
        NamespaceSet theirs = file.Process.Namespaces;
        NamespaceSet mine = current.Namespaces;
        if ((flags & CloneFlags.CLONE_NEWUTS) != 0) mine = mine with { Uts = theirs.Uts };
        if ((flags & CloneFlags.CLONE_NEWNS) != 0) mine = mine with { Mounts = theirs.Mounts };
        if ((flags & CloneFlags.CLONE_NEWPID) != 0)
        {
            PidNamespace? target = file.Process.Numbers.Owner;
            for (PidNamespace? n = target; n != current.Numbers.Owner; n = n.Parent)
            {
                if (n == null) return Errno.EINVAL; // only into namespaces below one's own
            }
            mine = mine with { PidForChildren = target };
        }
        current.Namespaces = mine;
        return 0;
    }
}
