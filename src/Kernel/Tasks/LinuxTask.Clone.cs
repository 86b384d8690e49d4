using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Namespaces;
using Kennel.Probes;
using Kennel.Signals;
using Kennel.Syscalls;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>
/// Birth. Protocol: check that the flags go together and the limits allow one more; take numbers; copy or share each part of
/// the parent as its flag says; only when nothing can fail any more, link the child to its relatives, and wake it. The child
/// starts a loop of its own over a copy of the registers, with 0 in RAX; it inherits no frame of the parent's.
/// </summary>
/// <remarks>
/// Not inherited: pending signals, timers, the robust list, CPU time, locks. Linux: kernel/fork.c, kernel_clone and copy_process.
/// </remarks>
public sealed partial class LinuxTask
{
    /// <summary>fork, vfork, clone and clone3. Answers the child's id as the caller's namespace numbers it.</summary>
    [KernelFunction("kernel/fork.c", "pid_t kernel_clone(struct kernel_clone_args *args = (object)arguments)")]
    [KernelFunction("kernel/fork.c", "long _do_fork(unsigned long clone_flags = (ulong)arguments.Flags, unsigned long stack_start = arguments.StackPointer, unsigned long stack_size = 0L, int *parent_tidptr = arguments.ParentTid, int *child_tidptr = arguments.ChildTid, unsigned long tls = arguments.ThreadPointer)")]
    [KernelFunction("kernel/fork.c", "long do_fork(unsigned long clone_flags = (ulong)arguments.Flags, unsigned long stack_start = arguments.StackPointer, unsigned long stack_size = 0L, int *parent_tidptr = arguments.ParentTid, int *child_tidptr = arguments.ChildTid)")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    internal async ValueTask<SyscallResult> CloneAsync(CloneArguments arguments)
    {
        Errno error = CopyProcess(arguments, out LinuxTask? child);
        if (error != Errno.None) return error;
        int id = child!.Numbers.In(Numbers.Owner).Value;
        if (arguments.Has(CloneFlags.CLONE_PARENT_SETTID)) _ = new UserPtr<int>(arguments.ParentTid).TryWrite(Memory, id);
        Completion? vfork = arguments.Has(CloneFlags.CLONE_VFORK) ? child.VforkDone = new Completion() : null;
        child.WakeUpNew();
        if (vfork != null && await vfork.WaitAsync(this, WaitMode.Killable) != Errno.None) child.VforkDone = null;
        return id;
    }

    [KernelFunction("kernel/fork.c", "struct task_struct *copy_process(struct pid *pid = null, int trace = 0L, int node = -1L, struct kernel_clone_args *args = (object)a)", Result = "child")]
    internal Errno CopyProcess(in CloneArguments a, out LinuxTask? child)
    {
        child = null;
        Errno error = CheckFlags(a);
        if (error == Errno.None) error = CheckLimits();
        if (error != Errno.None) return error;
        // A fork that a signal meets is made again after the signal, so that a group signal finds parent and child, or neither.
        if (HasPendingSignal) return Errno.ERESTARTNOINTR;

        error = CopyNamespaces(a, out NamespaceSet namespaces);
        if (error != Errno.None) return error;
        error = TakeNumbers(namespaces.PidForChildren, a.WantedIds, out PidNumbers? numbers);
        if (error != Errno.None) return error;

        bool isThread = a.Has(CloneFlags.CLONE_THREAD);
        ThreadGroup group = isThread ? Group : Group.Fork();
        child = new LinuxTask(Kernel, numbers!, group, namespaces, Credential);
        error = CopyMemory(child, a);
        if (error == Errno.None && a.Has(CloneFlags.CLONE_PIDFD)) error = GivePidFd(child, a.PidFd);
        if (error != Errno.None)
        {
            child.AbandonBirth();
            child = null;
            return error;
        }
        CopyShared(child, a);
        CopyState(child, a);
        Kernel.Tasks.Attach(child, a.Has(CloneFlags.CLONE_PARENT) || isThread ? RealParent! : this);
        if (Kernel.Watches(EventKind.ThreadCreated)) Kernel.Fire(Kernel.Probes.ThreadCreated, target: child);
        if (!isThread && Kernel.Watches(EventKind.ProcessCreated)) Kernel.Fire(Kernel.Probes.ProcessCreated, target: child);
        return Errno.None;
    }

    // Which flags need which others, in Linux's order.
    private Errno CheckFlags(in CloneArguments a)
    {
        const CloneFlags Unknown = CloneFlags.CLONE_NEWUSER | CloneFlags.CLONE_NEWNET | CloneFlags.CLONE_NEWIPC | CloneFlags.CLONE_NEWCGROUP
            | CloneFlags.CLONE_NEWTIME | CloneFlags.CLONE_INTO_CGROUP;
        if (a.Has(CloneFlags.CLONE_PIDFD) && a.Has(CloneFlags.CLONE_PARENT_SETTID) && a.PidFd == a.ParentTid) return Errno.EINVAL;
        if (a.Has(CloneFlags.CLONE_NEWNS) && a.Has(CloneFlags.CLONE_FS)) return Errno.EINVAL;
        if (a.Has(CloneFlags.CLONE_THREAD) && !a.Has(CloneFlags.CLONE_SIGHAND)) return Errno.EINVAL;
        if (a.Has(CloneFlags.CLONE_SIGHAND) && !a.Has(CloneFlags.CLONE_VM)) return Errno.EINVAL;
        if (a.Has(CloneFlags.CLONE_PARENT) && Group.IsNamespaceInit) return Errno.EINVAL;
        if (a.Has(CloneFlags.CLONE_THREAD) && (a.Has(CloneFlags.CLONE_NEWPID) || Namespaces.PidForChildren != Numbers.Owner)) return Errno.EINVAL;
        if (a.Has(CloneFlags.CLONE_PIDFD) && a.Has(CloneFlags.CLONE_DETACHED)) return Errno.EINVAL;
        // As a kernel that was built without these namespaces.
        CloneFlags unknown = a.Flags & Unknown;
        if (unknown == CloneFlags.None) return Errno.None;
        Kernel.Log.WriteOnce($"{this}: clone with {unknown} is not supported");
        return unknown == CloneFlags.CLONE_NEWUSER || Credential.Has(Capability.SysAdmin) ? Errno.EINVAL : Errno.EPERM;
    }

    private Errno CheckLimits()
    {
        if ((ulong)Kernel.Users[Credential.Uid].Tasks >= Group.Limits.Soft(Resource.Processes) && Credential.Uid != 0
            && !Credential.Has(Capability.SysResource) && !Credential.Has(Capability.SysAdmin)) return Errno.EAGAIN;
        return Kernel.Tasks.Count >= Kernel.Options.TaskLimit ? Errno.EAGAIN : Errno.None;
    }

    // Linux: kernel/nsproxy.c, copy_namespaces.
    [KernelFunction("kernel/nsproxy.c", "int copy_namespaces(unsigned long flags = (ulong)a.Flags, struct task_struct *tsk = this)")]
    internal Errno CopyNamespaces(in CloneArguments a, out NamespaceSet namespaces)
    {
        const CloneFlags New = CloneFlags.CLONE_NEWNS | CloneFlags.CLONE_NEWUTS | CloneFlags.CLONE_NEWPID;
        namespaces = Namespaces;
        if ((a.Flags & New) == 0) return Errno.None;
        return Credential.Has(Capability.SysAdmin) ? Namespaces.Copy(a.Flags, out namespaces) : Errno.EPERM;
    }

    [KernelFunction("kernel/pid.c", "struct pid *alloc_pid(struct pid_namespace *ns = space)", Result = "numbers")]
    internal Errno TakeNumbers(PidNamespace space, int[]? wanted, out PidNumbers? numbers)
    {
        numbers = null;
        if (wanted is not { Length: > 0 }) return space.Allocate([], out numbers);
        if (wanted.Length > space.Level + 1) return Errno.EINVAL;
        bool allowed = Credential.Has(Capability.SysAdmin) || Credential.Has(Capability.CheckpointRestore);
        return allowed ? space.Allocate(wanted, out numbers) : Errno.EPERM;
    }

    [KernelFunction("kernel/fork.c", "int copy_mm(unsigned long clone_flags = (ulong)a.Flags, struct task_struct *tsk = child)")]
    internal Errno CopyMemory(LinuxTask child, in CloneArguments a)
    {
        if (Memory == null) return Errno.None;
        child.Memory = a.Has(CloneFlags.CLONE_VM) ? Memory.Share() : Memory.Fork();
        return child.Memory == null ? Errno.ENOMEM : Errno.None;
    }

    [KernelFunction("kernel/fork.c", "int copy_files(unsigned long clone_flags = (ulong)a.Flags, struct task_struct *tsk = child)")]
    [KernelFunction("kernel/fork.c", "int copy_fs(unsigned long clone_flags = (ulong)a.Flags, struct task_struct *tsk = child)")]
    [KernelFunction("kernel/fork.c", "int copy_sighand(unsigned long clone_flags = (ulong)a.Flags, struct task_struct *tsk = child)")]
    internal void CopyShared(LinuxTask child, in CloneArguments a)
    {
        child.Files = a.Has(CloneFlags.CLONE_FILES) ? Files?.Share() : Files?.Clone();
        child.Fs = a.Has(CloneFlags.CLONE_FS) ? Fs : Fs?.Clone();
        child.Handlers = a.Has(CloneFlags.CLONE_SIGHAND) ? Handlers!.Share() : Handlers!.Clone();
        if (a.Has(CloneFlags.CLONE_CLEAR_SIGHAND)) child.Handlers.Reset();
        CopySemaphoreUndos(child, a);
    }

    [KernelFunction("arch/x86/kernel/process.c", "int copy_thread(struct task_struct *p = child, struct kernel_clone_args *args = (object)a)")]
    internal unsafe void CopyState(LinuxTask child, in CloneArguments a)
    {
        CpuState* registers = child.Cpu;
        *registers = *Cpu;
        registers->R[CpuState.Rax] = 0;
        registers->Retired = 0;
        if (a.StackPointer != 0) registers->R[CpuState.Rsp] = a.StackPointer;
        if (a.Has(CloneFlags.CLONE_SETTLS)) registers->R[CpuState.FsBase] = a.ThreadPointer;

        child.Comm = Comm;
        child.InheritCall(this);
        child.Flags = (Flags & ~(TaskFlags.SuperPrivileges | TaskFlags.Idle | TaskFlags.KernelThread)) | TaskFlags.ForkedNotExeced;
        child.StartTime = Kernel.Time.Now();
        child.Blocked = Blocked;
        child.Personality = Personality;
        child.TimerSlack = TimerSlack;
        child.IoPriority = IoPriority;
        child.Scheduling = Scheduling.Fork();
        child.ExitSignal = a.Has(CloneFlags.CLONE_THREAD) ? -1 : a.Has(CloneFlags.CLONE_PARENT) ? Group.Leader.ExitSignal : a.ExitSignal;
        bool sameParent = a.Has(CloneFlags.CLONE_PARENT) || a.Has(CloneFlags.CLONE_THREAD);
        child.ExecId = ExecId;
        child.ParentExecId = sameParent ? ParentExecId : ExecId;
        child.SetChildTid = a.Has(CloneFlags.CLONE_CHILD_SETTID) ? a.ChildTid : 0;
        child.ClearChildTid = a.Has(CloneFlags.CLONE_CHILD_CLEARTID) ? a.ChildTid : 0;
        bool ownStack = a.Has(CloneFlags.CLONE_VM) && !a.Has(CloneFlags.CLONE_VFORK);
        child.AlternateStack = ownStack ? AlternateStack.None : AlternateStack;
        if (!a.Has(CloneFlags.CLONE_VM)) child.InheritRseq(this);
    }

    // Linux: pidfd_prepare; the descriptor is there before the child is.
    private Errno GivePidFd(LinuxTask child, ulong address)
    {
        var file = new PidFile(child, OpenFlags.ReadWrite);
        Errno error = Files!.Install(file, closeOnExec: true, Group.Limits.OpenFiles, out Fd fd);
        if (error != Errno.None) return error;
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, fd.Value);
        if (Memory!.CopyOut(address, bytes)) return Errno.None;
        Files.Close(fd);
        return Errno.EFAULT;
    }

    // Undoes a birth that failed before anybody knew of it.
    private void AbandonBirth()
    {
        Memory?.Release();
        Memory = null;
        State = TaskState.Dead;
        PidNamespace.FreeIfUnused(Numbers);
        FreeNative();
    }
}
