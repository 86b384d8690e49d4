using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Memory;
using Kennel.Signals;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>prctl (man 2 prctl).</summary>
public static class PrctlSyscalls
{
    private enum Option
    {
        SetParentDeathSignal = 1,
        GetParentDeathSignal = 2,
        GetDumpable = 3,
        SetDumpable = 4,
        GetKeepCapabilities = 7,
        SetKeepCapabilities = 8,
        SetName = 15,
        GetName = 16,
        GetSeccomp = 21,
        SetSeccomp = 22,
        ReadBounding = 23,
        DropBounding = 24,
        GetSecureBits = 27,
        GetTsc = 25,
        SetTsc = 26,
        SetSecureBits = 28,
        SetTimerSlack = 29,
        GetTimerSlack = 30,
        DisablePerfEvents = 31,
        EnablePerfEvents = 32,
        GetMemoryErrorPolicy = 34,
        SetMemory = 35,
        SetSubreaper = 36,
        GetSubreaper = 37,
        SetNoNewPrivileges = 38,
        GetNoNewPrivileges = 39,
        GetTidAddress = 40,
        SetHugePagesDisabled = 41,
        GetHugePagesDisabled = 42,
        Ambient = 47,
        SetNamedArea = 0x53564d41,
    }

    /// <remarks>Linux: kernel/sys.c, prctl; security/commoncap.c, cap_task_prctl.</remarks>
    [Syscall(157, "prctl")]
    public static SyscallResult Control(LinuxTask current, int option, ulong arg2, ulong arg3, ulong arg4, ulong arg5)
    {
        Credential c = current.Credential;
        switch ((Option)option)
        {
            case Option.SetParentDeathSignal:
                if (arg2 > SignalSet.Count) return Errno.EINVAL;
                current.ParentDeathSignal = (Signal)arg2;
                return 0;
            case Option.GetParentDeathSignal:
                return new UserPtr<int>(arg2).TryWrite(current.Memory, (int)current.ParentDeathSignal) ? 0 : Errno.EFAULT;
            case Option.GetDumpable:
                return current.Group.Dumpable;
            case Option.SetDumpable:
                if (arg2 > 1) return Errno.EINVAL;
                current.Group.Dumpable = (int)arg2;
                return 0;
            case Option.SetName:
                return SetName(current, arg2);
            case Option.GetName:
                return GetName(current, arg2);
            case Option.SetTimerSlack:
                current.TimerSlack = (long)arg2 <= 0 ? 50_000 : (long)arg2;
                return 0;
            case Option.GetTimerSlack:
                return current.TimerSlack;
            case Option.SetSubreaper:
                current.Group.IsSubreaper = arg2 != 0;
                if (arg2 != 0) current.Group.MarkDescendants();
                return 0;
            case Option.GetSubreaper:
                return new UserPtr<int>(arg2).TryWrite(current.Memory, current.Group.IsSubreaper ? 1 : 0) ? 0 : Errno.EFAULT;
            case Option.SetNoNewPrivileges:
                if (arg2 != 1 || (arg3 | arg4 | arg5) != 0) return Errno.EINVAL;
                current.Credential = c with { NoNewPrivileges = true };
                return 0;
            case Option.GetNoNewPrivileges:
                return (arg2 | arg3 | arg4 | arg5) != 0 ? Errno.EINVAL : c.NoNewPrivileges ? 1 : 0;
            case Option.GetTidAddress:
                return new UserPtr<ulong>(arg2).TryWrite(current.Memory, current.ClearChildTid) ? 0 : Errno.EFAULT;
            case Option.GetTsc:
                return new UserPtr<int>(arg2).TryWrite(current.Memory, 1) ? 0 : Errno.EFAULT;
            case Option.SetTsc:
                return arg2 == 1 ? 0 : Errno.EINVAL; // the counter is always there
            case Option.GetMemoryErrorPolicy:
                return (arg2 | arg3 | arg4 | arg5) != 0 ? Errno.EINVAL : 2; // PR_MCE_KILL_DEFAULT
            case Option.GetSeccomp:
            case Option.DisablePerfEvents:
            case Option.EnablePerfEvents:
                return 0;
            case Option.SetHugePagesDisabled:
                return (arg3 | arg4 | arg5) != 0 ? Errno.EINVAL : 0;
            case Option.GetHugePagesDisabled:
                return (arg2 | arg3 | arg4 | arg5) != 0 ? Errno.EINVAL : 0;
            case Option.GetKeepCapabilities:
            case Option.SetKeepCapabilities:
            case Option.ReadBounding:
            case Option.DropBounding:
            case Option.GetSecureBits:
            case Option.SetSecureBits:
            case Option.Ambient:
                return ControlCapabilities(current, (Option)option, arg2, arg3, arg4, arg5);
            default:
                // As a kernel that was built without the feature.
                if ((Option)option is not Option.SetNamedArea) current.Kernel.Log.WriteOnce($"{current}: prctl option {option} is not supported");
                return Errno.EINVAL;
        }
    }

    private static SyscallResult ControlCapabilities(LinuxTask current, Option option, ulong arg2, ulong arg3, ulong arg4, ulong arg5)
    {
        Credential c = current.Credential;
        bool isKnown = arg2 < 64 && (Capabilities.All >> (int)arg2 & 1) != 0;
        switch (option)
        {
            case Option.GetKeepCapabilities:
                return (c.SecureBits & SecureBits.KeepCapabilities) != 0 ? 1 : 0;
            case Option.SetKeepCapabilities:
                if (arg2 > 1) return Errno.EINVAL;
                if ((c.SecureBits & SecureBits.KeepCapabilitiesLocked) != 0) return Errno.EPERM;
                current.Credential = c with { SecureBits = (c.SecureBits & ~SecureBits.KeepCapabilities) | (arg2 != 0 ? SecureBits.KeepCapabilities : 0) };
                return 0;
            case Option.ReadBounding:
                return isKnown ? (int)(c.Bounding >> (int)arg2 & 1) : Errno.EINVAL;
            case Option.DropBounding:
                if (!c.Has(Capability.Setpcap)) return Errno.EPERM;
                if (!isKnown) return Errno.EINVAL;
                current.Credential = c with { Bounding = c.Bounding & ~(1UL << (int)arg2) };
                return 0;
            case Option.GetSecureBits:
                return (int)c.SecureBits;
            case Option.SetSecureBits:
                var wanted = (SecureBits)arg2;
                SecureBits locked = (SecureBits)((uint)(c.SecureBits & SecureBits.Locks) >> 1) | (c.SecureBits & SecureBits.Locks);
                bool breaksLock = ((wanted ^ c.SecureBits) & locked) != 0;
                if (breaksLock || (arg2 & ~(ulong)SecureBits.All) != 0 || !c.Has(Capability.Setpcap)) return Errno.EPERM;
                current.Credential = c with { SecureBits = wanted };
                return 0;
            default:
                return ControlAmbient(current, arg2, arg3, arg4, arg5);
        }
    }

    private static SyscallResult ControlAmbient(LinuxTask current, ulong what, ulong capability, ulong arg4, ulong arg5)
    {
        const ulong IsSet = 1, Raise = 2, Lower = 3, ClearAll = 4;
        Credential c = current.Credential;
        if ((arg4 | arg5) != 0) return Errno.EINVAL;
        if (what == ClearAll)
        {
            if (capability != 0) return Errno.EINVAL;
            current.Credential = c with { Ambient = 0 };
            return 0;
        }
        if (capability >= 64 || (Capabilities.All >> (int)capability & 1) == 0) return Errno.EINVAL;
        ulong bit = 1UL << (int)capability;
        switch (what)
        {
            case IsSet:
                return (c.Ambient & bit) != 0 ? 1 : 0;
            case Raise:
                if ((c.Permitted & c.Inheritable & bit) == 0 || (c.SecureBits & SecureBits.NoAmbientRaise) != 0) return Errno.EPERM;
                current.Credential = c with { Ambient = c.Ambient | bit };
                return 0;
            case Lower:
                current.Credential = c with { Ambient = c.Ambient & ~bit };
                return 0;
            default:
                return Errno.EINVAL;
        }
    }

    private static SyscallResult SetName(LinuxTask current, ulong address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (current.Memory!.CopyInPartial(address, bytes[..15]) is var read && read < 15 && bytes[..read].IndexOf((byte)0) < 0) return Errno.EFAULT;
        current.Comm = System.Text.Encoding.Latin1.GetString(bytes[..bytes.IndexOf((byte)0)]);
        return 0;
    }

    private static SyscallResult GetName(LinuxTask current, ulong address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        System.Text.Encoding.Latin1.GetBytes(current.Comm, bytes);
        return current.Memory!.CopyOut(address, bytes) ? 0 : Errno.EFAULT;
    }
}
