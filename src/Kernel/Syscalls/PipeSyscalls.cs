using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Making pipes (man 2 pipe).</summary>
public static class PipeSyscalls
{
    [Syscall(22, "pipe")]
    public static SyscallResult MakePipe(LinuxTask current, UserPtr<int> ends) => Pipe2(current, ends, OpenFlags.ReadOnly);

    [Syscall(293, "pipe2")]
    public static SyscallResult Pipe2(LinuxTask current, UserPtr<int> ends, OpenFlags flags)
    {
        if ((flags & ~(OpenFlags.CloseOnExec | OpenFlags.NonBlock | OpenFlags.Direct)) != 0) return Errno.EINVAL;
        (PipeFile reader, PipeFile writer) = Pipes.Create(current, flags & (OpenFlags.NonBlock | OpenFlags.Direct));
        bool closeOnExec = (flags & OpenFlags.CloseOnExec) != 0;
        SyscallResult first = Descriptors.Install(current, reader, closeOnExec);
        if (first.IsError)
        {
            writer.Release();
            return first;
        }
        SyscallResult second = Descriptors.Install(current, writer, closeOnExec);
        if (!second.IsError && ends.TryWrite(current.Memory, [(int)first.Value, (int)second.Value])) return 0;
        current.Files!.Close(new Fd((int)first.Value));
        if (second.IsError) return second;
        current.Files.Close(new Fd((int)second.Value));
        return Errno.EFAULT;
    }
}
