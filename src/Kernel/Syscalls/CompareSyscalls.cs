using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>kcmp: whether two processes share something (man 2 kcmp).</summary>
public static class CompareSyscalls
{
    private const int File = 0, Memory = 1, FileTable = 2, Fs = 3, Handlers = 4, Io = 5, Sysvsem = 6;

    // Linux scrambles addresses to give an order; here it is the order of hash codes, which do not change while the object lives.
    [Syscall(312, "kcmp")]
    public static SyscallResult Compare(LinuxTask current, int pid1, int pid2, int type, ulong index1, ulong index2)
    {
        LinuxTask? a = current.Find(pid1);
        LinuxTask? b = current.Find(pid2);
        if (a == null || b == null) return Errno.ESRCH;
        if (!current.MayInspect(a) || !current.MayInspect(b)) return Errno.EPERM;
        switch (type)
        {
            case File:
                OpenFile? x = index1 <= int.MaxValue ? a.Files?[new Fd((int)index1)] : null;
                OpenFile? y = index2 <= int.MaxValue ? b.Files?[new Fd((int)index2)] : null;
                return x == null || y == null ? Errno.EBADF : Order(x, y);
            case Memory: return Order(a.Memory, b.Memory);
            case FileTable: return Order(a.Files, b.Files);
            case Fs: return Order(a.Fs, b.Fs);
            case Handlers: return Order(a.Handlers, b.Handlers);
            case Io: return Order(a, b);
            case Sysvsem: return Order(a.Group, b.Group);
            default: return type == 7 ? Errno.EOPNOTSUPP : Errno.EINVAL;
        }
    }

    private static int Order(object? a, object? b)
    {
        if (ReferenceEquals(a, b)) return 0;
        int x = System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(a);
        int y = System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(b);
        return x < y ? 1 : 2;
    }
}
