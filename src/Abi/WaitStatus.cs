namespace Kennel.Abi;

/// <summary>The status word that wait returns (man 2 wait): exit code, fatal signal, stop or continue.</summary>
public readonly record struct WaitStatus(int Value)
{
    /// <summary>The process went on after SIGCONT.</summary>
    public static readonly WaitStatus Continued = new(0xffff);

    /// <summary>WIFEXITED.</summary>
    public bool HasExited => (Value & 0x7f) == 0;

    /// <summary>WEXITSTATUS, 0 to 255.</summary>
    public int ExitCode => (Value >> 8) & 0xff;

    /// <summary>WIFSIGNALED.</summary>
    public bool WasSignaled => (Value & 0x7f) is not (0 or 0x7f);

    /// <summary>WTERMSIG.</summary>
    public Signal TerminationSignal => (Signal)(Value & 0x7f);

    /// <summary>WCOREDUMP.</summary>
    public bool CoreDumped => (Value & 0x80) != 0;

    /// <summary>WIFSTOPPED.</summary>
    public bool IsStopped => (Value & 0xff) == 0x7f;

    /// <summary>WSTOPSIG.</summary>
    public Signal StopSignal => (Signal)((Value >> 8) & 0xff);

    /// <summary>The word of a process that called exit with <paramref name="code"/>.</summary>
    public static WaitStatus Exited(int code) => new((code & 0xff) << 8);

    /// <summary>The word of a process that a signal ended.</summary>
    public static WaitStatus Killed(Signal signal, bool core) => new((int)signal | (core ? 0x80 : 0));

    /// <summary>The word of a stopped process.</summary>
    public static WaitStatus Stopped(Signal signal) => new(((int)signal << 8) | 0x7f);

    /// <summary>What a shell shows for it: the exit code, or 128 plus the signal.</summary>
    public int ShellCode => HasExited ? ExitCode : 128 + (int)TerminationSignal;
}
