using Kennel.Abi;
using Kennel.Ipc;
using Kennel.Views;

namespace Kennel.Tasks;

/// <summary>What a task has to do with System V IPC: semaphore operations that its exit undoes.</summary>
public sealed partial class LinuxTask
{
    /// <summary>Null until it first uses SEM_UNDO.</summary>
    internal SemaphoreUndoList? SemaphoreUndos { get; set; }

    // Linux: ipc/sem.c, copy_semundo.
    private void CopySemaphoreUndos(LinuxTask child, in CloneArguments a)
    {
        if (a.Has(CloneFlags.CLONE_SYSVSEM)) child.SemaphoreUndos = (SemaphoreUndos ??= new SemaphoreUndoList()).Share();
    }

    /// <summary>At exit, and for unshare(CLONE_SYSVSEM). Linux: ipc/sem.c, exit_sem.</summary>
    [KernelFunction("ipc/sem.c", "void exit_sem(struct task_struct *tsk = this)")]
    internal void ExitSemaphores()
    {
        SemaphoreUndos?.Release(Group.Leader.Numbers);
        SemaphoreUndos = null;
    }
}
