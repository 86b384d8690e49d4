using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>User and group ids; the rules are in <see cref="CredentialChange"/>.</summary>
public static class CredentialSyscalls
{
    private const int MostGroups = 65536;

    [Syscall(102, "getuid")]
    public static SyscallResult GetUid(LinuxTask current) => (long)current.Credential.Uid;

    [Syscall(104, "getgid")]
    public static SyscallResult GetGid(LinuxTask current) => (long)current.Credential.Gid;

    [Syscall(107, "geteuid")]
    public static SyscallResult GetEffectiveUid(LinuxTask current) => (long)current.Credential.EffectiveUid;

    [Syscall(108, "getegid")]
    public static SyscallResult GetEffectiveGid(LinuxTask current) => (long)current.Credential.EffectiveGid;

    [Syscall(105, "setuid")]
    public static SyscallResult SetUid(LinuxTask current, uint uid) => Change(current, CredentialChange.SetUid(current.Credential, uid));

    [Syscall(106, "setgid")]
    public static SyscallResult SetGid(LinuxTask current, uint gid) => Change(current, CredentialChange.SetGid(current.Credential, gid));

    [Syscall(113, "setreuid")]
    public static SyscallResult SetRealUid(LinuxTask current, uint real, uint effective) =>
        Change(current, CredentialChange.SetRealUid(current.Credential, real, effective));

    [Syscall(114, "setregid")]
    public static SyscallResult SetRealGid(LinuxTask current, uint real, uint effective) =>
        Change(current, CredentialChange.SetRealGid(current.Credential, real, effective));

    [Syscall(117, "setresuid")]
    public static SyscallResult SetAllUids(LinuxTask current, uint real, uint effective, uint saved) =>
        Change(current, CredentialChange.SetAllUids(current.Credential, real, effective, saved));

    [Syscall(119, "setresgid")]
    public static SyscallResult SetAllGids(LinuxTask current, uint real, uint effective, uint saved) =>
        Change(current, CredentialChange.SetAllGids(current.Credential, real, effective, saved));

    [Syscall(118, "getresuid")]
    public static SyscallResult GetAllUids(LinuxTask current, UserPtr<uint> real, UserPtr<uint> effective, UserPtr<uint> saved)
    {
        Credential c = current.Credential;
        bool written = real.TryWrite(current.Memory, c.Uid) && effective.TryWrite(current.Memory, c.EffectiveUid)
            && saved.TryWrite(current.Memory, c.SavedUid);
        return written ? 0 : Errno.EFAULT;
    }

    [Syscall(120, "getresgid")]
    public static SyscallResult GetAllGids(LinuxTask current, UserPtr<uint> real, UserPtr<uint> effective, UserPtr<uint> saved)
    {
        Credential c = current.Credential;
        bool written = real.TryWrite(current.Memory, c.Gid) && effective.TryWrite(current.Memory, c.EffectiveGid)
            && saved.TryWrite(current.Memory, c.SavedGid);
        return written ? 0 : Errno.EFAULT;
    }

    /// <summary>Answers the old value, also when it may not be changed.</summary>
    [Syscall(122, "setfsuid")]
    public static SyscallResult SetFsUid(LinuxTask current, uint uid)
    {
        Credential old = current.Credential;
        Change(current, CredentialChange.SetFsUid(old, uid));
        return (long)old.FsUid;
    }

    /// <inheritdoc cref="SetFsUid"/>
    [Syscall(123, "setfsgid")]
    public static SyscallResult SetFsGid(LinuxTask current, uint gid)
    {
        Credential old = current.Credential;
        Change(current, CredentialChange.SetFsGid(old, gid));
        return (long)old.FsGid;
    }

    [Syscall(115, "getgroups")]
    public static SyscallResult GetGroups(LinuxTask current, int size, UserPtr<uint> list)
    {
        IReadOnlyList<uint> groups = current.Credential.Groups;
        if (size < 0) return Errno.EINVAL;
        if (size == 0) return groups.Count;
        if (groups.Count > size) return Errno.EINVAL;
        return list.TryWrite(current.Memory, (ReadOnlySpan<uint>)groups.ToArray()) ? groups.Count : Errno.EFAULT;
    }

    [Syscall(116, "setgroups")]
    public static SyscallResult SetGroups(LinuxTask current, int size, UserPtr<uint> list)
    {
        if (!current.Credential.Has(Capability.Setgid)) return Errno.EPERM;
        if ((uint)size > MostGroups) return Errno.EINVAL;
        uint[] groups = new uint[size];
        if (!list.TryRead(current.Memory, groups)) return Errno.EFAULT;
        Array.Sort(groups);
        current.Credential = current.Credential with { Groups = groups };
        return 0;
    }

    private static SyscallResult Change(LinuxTask current, Credential? changed)
    {
        if (changed == null) return Errno.EPERM;
        current.ChangeCredential(changed);
        return 0;
    }
}
