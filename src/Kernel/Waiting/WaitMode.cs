namespace Kennel.Waiting;

/// <summary>What may end a sleep before its condition holds.</summary>
public enum WaitMode
{
    /// <summary>Any signal that is not blocked (TASK_INTERRUPTIBLE): the sleep answers ERESTARTSYS.</summary>
    Interruptible,

    /// <summary>Only a fatal signal (TASK_KILLABLE): the sleep answers ERESTARTSYS and the task is about to die.</summary>
    Killable,

    /// <summary>Nothing (TASK_UNINTERRUPTIBLE).</summary>
    Uninterruptible,

    /// <summary>Stopped by a signal: only a fatal one ends it, and SIGCONT makes the condition true (TASK_STOPPED).</summary>
    Stopped,
}
