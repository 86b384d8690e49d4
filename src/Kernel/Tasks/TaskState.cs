namespace Kennel.Tasks;

/// <summary>States of a task; the letters are those of /proc/PID/stat (man 5 proc).</summary>
public enum TaskState
{
    /// <summary>R: on a processor or in a run queue (TASK_RUNNING).</summary>
    Running,

    /// <summary>S: sleeping, any signal wakes it (TASK_INTERRUPTIBLE).</summary>
    Interruptible,

    /// <summary>D: sleeping, only its event wakes it (TASK_UNINTERRUPTIBLE).</summary>
    Uninterruptible,

    /// <summary>D: as before, but a fatal signal wakes it (TASK_KILLABLE).</summary>
    Killable,

    /// <summary>T: stopped by a signal (TASK_STOPPED).</summary>
    Stopped,

    /// <summary>t: stopped by its tracer (TASK_TRACED).</summary>
    Traced,

    /// <summary>Z: has exited and waits to be reaped (EXIT_ZOMBIE).</summary>
    Zombie,

    /// <summary>X: reaped (EXIT_DEAD).</summary>
    Dead,

    /// <summary>Being made; not in any queue yet (TASK_NEW).</summary>
    New,

    /// <summary>I: an idle kernel thread (TASK_IDLE).</summary>
    Idle,

    /// <summary>P: a parked kernel thread (TASK_PARKED).</summary>
    Parked,
}

/// <summary>States as others see them.</summary>
public static class TaskStateLetters
{
    /// <summary>The letter of /proc/PID/stat. Linux: fs/proc/array.c, task_state_array.</summary>
    public static char Letter(this TaskState state) => state switch
    {
        TaskState.Interruptible => 'S',
        TaskState.Uninterruptible or TaskState.Killable or TaskState.New => 'D',
        TaskState.Stopped => 'T',
        TaskState.Traced => 't',
        TaskState.Zombie => 'Z',
        TaskState.Dead => 'X',
        TaskState.Idle => 'I',
        TaskState.Parked => 'P',
        _ => 'R',
    };
}
