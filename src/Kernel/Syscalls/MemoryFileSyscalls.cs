using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Files in memory (man 2 memfd_create).</summary>
public static class MemoryFileSyscalls
{
    private const int LongestName = 249; // NAME_MAX less "memfd:"

    [Syscall(319, "memfd_create")]
    public static SyscallResult Create(LinuxTask current, UserString name, MemoryFileFlags flags)
    {
        const MemoryFileFlags known = MemoryFileFlags.MFD_CLOEXEC | MemoryFileFlags.MFD_ALLOW_SEALING | MemoryFileFlags.MFD_NOEXEC_SEAL
            | MemoryFileFlags.MFD_EXEC;
        const MemoryFileFlags either = MemoryFileFlags.MFD_NOEXEC_SEAL | MemoryFileFlags.MFD_EXEC;
        if ((flags & ~known) != 0 || (flags & either) == either) return Errno.EINVAL; // huge pages are among the unknown
        Errno e = name.TryRead(current.Memory, LongestName + 1, out string text);
        if (e != Errno.None) return e == Errno.ENAMETOOLONG ? Errno.EINVAL : e;

        bool noExecute = (flags & MemoryFileFlags.MFD_NOEXEC_SEAL) != 0;
        FileSeals seals = noExecute ? FileSeals.Execute : FileSeals.None;
        if ((flags & (MemoryFileFlags.MFD_ALLOW_SEALING | MemoryFileFlags.MFD_NOEXEC_SEAL)) == 0) seals |= FileSeals.Seal;
        OpenFile file = MemoryFile.Create(current, text, noExecute ? 0x1b6u : 0x1ff, seals);
        return Descriptors.Install(current, file, (flags & MemoryFileFlags.MFD_CLOEXEC) != 0);
    }
}
