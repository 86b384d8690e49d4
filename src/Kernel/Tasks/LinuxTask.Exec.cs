using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Loading;
using Kennel.Machine;
using Kennel.Probes;
using Kennel.Signals;
using Kennel.Syscalls;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>
/// Another program in the same process. Protocol: the loader lays the new program out in an address space of its own, and all
/// that can fail fails there. Then there is no way back: the other threads die and this one becomes the leader; the old memory
/// is let go; descriptors marked so are closed, handlers become defaults; registers start afresh.
/// </summary>
/// <remarks>Linux: fs/exec.c, begin_new_exec and setup_new_exec.</remarks>
public sealed partial class LinuxTask
{
    /// <summary>execve's half that is about the task. Answers an error, or 0 with all registers loaded.</summary>
    /// <param name="file">The file; it may be executed.</param>
    /// <param name="path">Its name.</param>
    /// <param name="pathVanishes">Whether that name leads over a descriptor that exec closes.</param>
    [KernelFunction("fs/exec.c", "int bprm_execve(struct linux_binprm *bprm = path)")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    internal async ValueTask<SyscallResult> ExecAsync(
        VfsPath file, string path, IReadOnlyList<byte[]> args, IReadOnlyList<byte[]> env, bool pathVanishes = false)
    {
        SyscallResult result = await ReplaceProgramAsync(file, path, args, env, pathVanishes);
        if (!result.IsError && Kernel.Watches(EventKind.ExecSucceeded)) Kernel.Fire(Kernel.Probes.ExecSucceeded, text: path);
        return result;
    }

    /// <summary>execve was called, and its path is known.</summary>
    internal void NoteExec(string path)
    {
        if (Kernel.Watches(EventKind.ExecEntered)) Kernel.Fire(Kernel.Probes.ExecEntered, text: path);
    }

    /// <summary>The same call has failed, at whichever step.</summary>
    internal Errno NoteExecFailed(string path, Errno error)
    {
        if (Kernel.Watches(EventKind.ExecFailed)) Kernel.Fire(Kernel.Probes.ExecFailed, (int)error, text: path);
        return error;
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private async ValueTask<SyscallResult> ReplaceProgramAsync(
        VfsPath file, string path, IReadOnlyList<byte[]> args, IReadOnlyList<byte[]> env, bool pathVanishes = false)
    {
        (Errno error, LoadedProgram? program) = await ProgramLoader.LoadAsync(this, file, path, args, env, pathVanishes);
        if (error != Errno.None) return error;
        error = await BecomeOnlyThreadAsync();
        if (error != Errno.None)
        {
            program!.Memory.Release();
            return error;
        }
        if (Memory != null) ReleaseMemory();
        Memory = program!.Memory;
        BeginProgram(program);
        if (program.IsBroken) ForceSignal(SignalInfo.FromKernel(Signal.SIGSEGV), mustDie: true);
        return 0;
    }

    /// <summary>The first program of a process that a host starts. It exits as a shell's child would when the program cannot be run.</summary>
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    internal async ValueTask<Errno> ExecInitialAsync(SpawnRequest request)
    {
        NoteExec(request.Path);
        Errno error = FindExecutable(Fd.WorkingDirectory, request.Path, WalkFlags.Follow, out VfsPath file);
        if (error == Errno.None) error = (await ExecAsync(file, request.Path, request.Args, request.Env)).Error;
        SkipSyscallResult = false;
        if (error == Errno.None)
        {
            request.Executed?.Invoke();
            return error;
        }
        NoteExecFailed(request.Path, error);
        await ExitGroupAsync(WaitStatus.Exited(error == Errno.ENOENT ? 127 : 126).Value);
        return error;
    }

    /// <summary>The file that exec is to run; the loader checks what kind of file it is, and the rights. Linux: fs/exec.c, do_open_execat.</summary>
    [KernelFunction("fs/exec.c", "struct file *do_open_execat(int fd = directory, struct filename *name = path, int flags = (long)flags)", Result = "file.Dentry")]
    internal Errno FindExecutable(Fd directory, string path, WalkFlags flags, out VfsPath file)
    {
        Errno error = PathWalk.Resolve(this, directory, path, flags, out file);
        return error == Errno.None && file.Inode.Type == FileType.SymbolicLink ? Errno.ELOOP : error;
    }

    /// <summary>A name as long as comm may be: 15 bytes.</summary>
    internal static string Truncate(string name) => name.Length > 15 ? name[..15] : name;

    [KernelFunction("fs/exec.c", "int begin_new_exec(struct linux_binprm *bprm = program)")]
    [KernelFunction("fs/exec.c", "void setup_new_exec(struct linux_binprm *bprm = program)")]
    internal unsafe void BeginProgram(LoadedProgram program)
    {
        Comm = program.Comm;
        Group.Arguments = program.Arguments;
        Flags &= ~TaskFlags.ForkedNotExeced;
        Group.HasExeced = true;
        Group.Dumpable = program.IsSecure ? 0 : 1;
        Group.Timers.OnExec();
        ChangeCredential(program.Credential with { SecureBits = program.Credential.SecureBits & ~SecureBits.KeepCapabilities });
        if (program.IsSecure) ParentDeathSignal = Signal.None;
        UnshareHandlers();
        Handlers!.Reset();
        UnshareFiles();
        Files?.CloseOnExec();
        AlternateStack = AlternateStack with { Address = 0, Size = 0 };
        RobustList = 0;
        RestartBlock = null;
        ResetRseq();
        ExecId++;
        ExitSignal = (int)Signal.SIGCHLD;
        Cpu->Reset();
        Cpu->Rip = program.Entry;
        Cpu->R[CpuState.Rsp] = program.StackPointer;
        SkipSyscallResult = true;
    }

    [KernelFunction("fs/exec.c", "int unshare_sighand(struct task_struct *me = this)")]
    internal void UnshareHandlers()
    {
        if (!Handlers!.IsShared) return;
        SignalHandlers own = Handlers.Clone();
        Handlers.Release();
        Handlers = own;
    }

    // Linux: fs/exec.c, de_thread.
    [KernelFunction("fs/exec.c", "int de_thread(struct task_struct *tsk = this)")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    internal async ValueTask<Errno> BecomeOnlyThreadAsync()
    {
        ThreadGroup group = Group;
        if (group.Threads.Count == 1) return Errno.None;
        if (group.IsGroupExiting || group.ExecTask != null) return Errno.EAGAIN;
        group.ExecTask = this;
        group.KillThreads(except: this);
        Errno error = await group.ChildWaiters.WaitAsync(this, this, static t => t.IsAloneButForLeader, WaitMode.Killable);
        group.ExecTask = null;
        if (error != Errno.None) return Errno.EAGAIN;
        if (!IsGroupLeader) TakeOverLeadership();
        return Errno.None;
    }

    // All other threads are released; a leader that is not us has at least died.
    private bool IsAloneButForLeader =>
        Group.Threads.Count == 1 || (!IsGroupLeader && Group.Threads.Count == 2 && Group.Leader.State == TaskState.Zombie);

    // The process keeps its id whoever runs exec: leader and thread exchange theirs, and the old leader vanishes.
    private void TakeOverLeadership()
    {
        LinuxTask leader = Group.Leader;
        (Numbers, leader.Numbers) = (leader.Numbers, Numbers);
        Numbers.Task = this;
        leader.Numbers.Task = leader;
        StartTime = leader.StartTime;
        LinuxTask parent = leader.RealParent!;
        leader.LeaveParent();
        Group.Leader = this;
        SetParent(parent);
        Kernel.Tasks.Replace(leader, this);
        if (Numbers.Owner.Reaper == leader) Numbers.Owner.Reaper = this;
        leader.ExitSignal = -1;
        leader.ReleaseZombie();
    }
}
