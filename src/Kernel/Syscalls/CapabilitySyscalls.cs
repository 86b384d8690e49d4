using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>capget and capset (man 2 capget). Version 3 has 64-bit sets in two halves; version 1 has the lower halves only.</summary>
public static class CapabilitySyscalls
{
    private const uint Version1 = 0x19980330, Version2 = 0x20071026, Version3 = 0x20080522;

    /// <summary>struct __user_cap_header_struct.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Header
    {
        public uint Version;
        public int Pid;
    }

    /// <remarks>Linux: kernel/capability.c.</remarks>
    [Syscall(125, "capget")]
    public static SyscallResult Get(LinuxTask current, UserPtr<Header> header, UserPtr<uint> data)
    {
        Errno error = CheckVersion(current, header, out Header h, out int words);
        if (error != Errno.None) return data.IsNull && error == Errno.EINVAL ? 0 : error;
        if (h.Pid < 0) return Errno.EINVAL;
        LinuxTask? task = h.Pid == 0 ? current : current.Find(h.Pid);
        if (task == null) return Errno.ESRCH;
        if (data.IsNull) return 0;
        Credential c = task.Credential;
        Span<uint> record = stackalloc uint[6];
        for (int i = 0; i < words; i++)
        {
            record[i * 3] = (uint)(c.Effective >> (32 * i));
            record[(i * 3) + 1] = (uint)(c.Permitted >> (32 * i));
            record[(i * 3) + 2] = (uint)(c.Inheritable >> (32 * i));
        }
        return data.TryWrite(current.Memory, (ReadOnlySpan<uint>)record[..(words * 3)]) ? 0 : Errno.EFAULT;
    }

    [Syscall(126, "capset")]
    public static SyscallResult Set(LinuxTask current, UserPtr<Header> header, UserPtr<uint> data)
    {
        Errno error = CheckVersion(current, header, out Header h, out int words);
        if (error != Errno.None) return error;
        if (h.Pid != 0 && h.Pid != current.Numbers.Innermost) return Errno.EPERM;
        Span<uint> record = stackalloc uint[6];
        record.Clear();
        if (!data.TryRead(current.Memory, record[..(words * 3)])) return Errno.EFAULT;
        ulong effective = (record[0] | ((ulong)record[3] << 32)) & Capabilities.All;
        ulong permitted = (record[1] | ((ulong)record[4] << 32)) & Capabilities.All;
        ulong inheritable = (record[2] | ((ulong)record[5] << 32)) & Capabilities.All;
        Credential c = current.Credential;
        bool mayInherit = c.Has(Capability.Setpcap) || (inheritable & ~(c.Inheritable | c.Permitted)) == 0;
        if (!mayInherit || (inheritable & ~(c.Inheritable | c.Bounding)) != 0) return Errno.EPERM;
        if ((permitted & ~c.Permitted) != 0 || (effective & ~permitted) != 0) return Errno.EPERM;
        current.ChangeCredential(c with
        {
            Effective = effective,
            Permitted = permitted,
            Inheritable = inheritable,
            Ambient = c.Ambient & permitted & inheritable,
        });
        return 0;
    }

    // An unknown version is answered with the one that we like best.
    private static Errno CheckVersion(LinuxTask current, UserPtr<Header> header, out Header h, out int words)
    {
        words = 2;
        if (!header.TryRead(current.Memory, out h)) return Errno.EFAULT;
        if (h.Version == Version1) words = 1;
        if (h.Version is Version1 or Version2 or Version3) return Errno.None;
        return new UserPtr<uint>(header.Address).TryWrite(current.Memory, Version3) ? Errno.EINVAL : Errno.EFAULT;
    }
}
