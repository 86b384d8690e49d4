using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>execve and execveat: names, arguments and environment are copied in here, the rest is LinuxTask.Exec.</summary>
public static class ExecSyscalls
{
    private const int EmptyPath = 0x1000, NoFollow = 0x100;

    // Linux: MAX_ARG_STRLEN, and the greatest number of strings.
    private const int StringLimit = 32 * 4096, CountLimit = 0x7fffffff / 8;

    [Syscall(59, "execve")]
    public static ValueTask<SyscallResult> Exec(LinuxTask current, UserString path, UserPtr<ulong> args, UserPtr<ulong> env) =>
        ExecAt(current, Fd.WorkingDirectory, path, args, env, 0);

    [Syscall(322, "execveat")]
    public static async ValueTask<SyscallResult> ExecAt(
        LinuxTask current, Fd directory, UserString path, UserPtr<ulong> args, UserPtr<ulong> env, int flags)
    {
        if ((flags & ~(EmptyPath | NoFollow)) != 0) return Errno.EINVAL;
        Errno error = path.TryReadPath(current.Memory, out string name);
        if (error != Errno.None) return error;
        current.NoteExec(name);
        SyscallResult result = await RunAsync(current, directory, name, args, env, flags);
        return result.IsError ? current.NoteExecFailed(name, result.Error) : result;
    }

    [KernelFunction("fs/exec.c", "int do_execveat_common(int fd = directory, struct filename *filename = name, unsigned long argv = args.Address, unsigned long envp = env.Address, int flags)")]
    [KernelFunction("fs/exec.c", "int do_execve(struct filename *filename = name, unsigned long argv = args.Address, unsigned long envp = env.Address)")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    internal static async ValueTask<SyscallResult> RunAsync(
        LinuxTask current, Fd directory, string name, UserPtr<ulong> args, UserPtr<ulong> env, int flags)
    {
        WalkFlags walk = (flags & NoFollow) != 0 ? WalkFlags.None : WalkFlags.Follow;
        if ((flags & EmptyPath) != 0) walk |= WalkFlags.AllowEmpty;
        Errno error = current.FindExecutable(directory, name, walk, out VfsPath file);
        if (error != Errno.None) return error;
        ulong room = Math.Max(current.Group.Limits.Soft(Resource.Stack) / 4, 32 * 4096);
        error = CopyStrings(current, args, ref room, out List<byte[]> argv);
        if (error != Errno.None) return error;
        error = CopyStrings(current, env, ref room, out List<byte[]> envp);
        if (error != Errno.None) return error;
        if (argv.Count == 0)
        {
            current.Kernel.Log.WriteOnce($"process '{current.Comm}' launched '{name}' with NULL argv: empty string added");
            argv.Add([]);
        }
        // Linux: the name of a program that was opened already goes by its descriptor.
        bool byDescriptor = directory != Fd.WorkingDirectory && !name.StartsWith('/');
        if (byDescriptor) name = name.Length == 0 ? $"/dev/fd/{directory.Value}" : $"/dev/fd/{directory.Value}/{name}";
        return await current.ExecAsync(file, name, argv, envp, byDescriptor && current.Files!.IsCloseOnExec(directory));
    }

    // A null pointer counts as no strings at all, as Linux has it. E2BIG from a quarter of the stack limit on.
    private static Errno CopyStrings(LinuxTask current, UserPtr<ulong> pointers, ref ulong room, out List<byte[]> strings)
    {
        strings = [];
        if (pointers.IsNull) return Errno.None;
        while (strings.Count < CountLimit)
        {
            if (!pointers[strings.Count].TryRead(current.Memory, out ulong address)) return Errno.EFAULT;
            if (address == 0) return Errno.None;
            Errno error = new UserString(address).TryRead(current.Memory, StringLimit, out string text);
            if (error != Errno.None) return error == Errno.ENAMETOOLONG ? Errno.E2BIG : error;
            ulong size = (ulong)text.Length + 1 + sizeof(ulong);
            if (size > room) return Errno.E2BIG;
            room -= size;
            strings.Add(StringBytes.Of(text));
        }
        return Errno.E2BIG;
    }
}
