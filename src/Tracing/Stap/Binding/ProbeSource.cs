namespace Kennel.Tracing.Stap.Binding;

/// <summary>When a probe fires.</summary>
internal enum SourceKind
{
    Begin,
    End,
    Error,
    Never,
    Timer,
    Profile,
    Event,
    Syscall,
    SyscallReturn,
    Function,
    FunctionReturn,
    Task,
    UserFunction,
    UserReturn,
}

/// <summary>Where a $variable's value comes from.</summary>
internal enum TargetOrigin
{
    /// <summary>An argument of a kernel function.</summary>
    Argument,

    /// <summary>A raw argument A0..A5 of the record.</summary>
    Raw,

    Result,
    Number,
    Data,
    Text,
    Target,
    TargetProcessId,
    TargetThreadId,

    /// <summary>The current task.</summary>
    Self,

    /// <summary>The current task's mm.</summary>
    AddressSpace,

    /// <summary>A register of the guest.</summary>
    Register,

    /// <summary>A word on the guest's stack, behind the return address.</summary>
    Stack,

    /// <summary>Where a marker says.</summary>
    Operand,
}

/// <summary>A $variable of an event.</summary>
/// <param name="Name">Its name without $.</param>
/// <param name="Type">Its C type.</param>
/// <param name="Origin">Where the value comes from.</param>
/// <param name="Index">Which argument.</param>
internal sealed record TargetVariable(string Name, string Type, TargetOrigin Origin, int Index = 0)
{
    /// <summary>Where a marker's argument lies.</summary>
    public Probes.GuestOperand? Operand { get; init; }
}

/// <summary>What a probe point stands for once it is resolved.</summary>
internal sealed class ProbeSource
{
    public required SourceKind Kind { get; init; }

    /// <summary>As pp() shows it.</summary>
    public required string Name { get; init; }

    /// <summary>The kind of record (Event).</summary>
    public Kennel.Probes.EventKind Event { get; init; }

    /// <summary>A system call, a function's id, the priority of begin, a process id.</summary>
    public long Number { get; init; }

    /// <summary>The period of timers, nanoseconds.</summary>
    public long Period { get; init; }

    /// <summary>Added to or taken from the period, at random.</summary>
    public long Jitter { get; init; }

    /// <summary>A program's path, or a process filter.</summary>
    public string? Path { get; init; }

    public long Offset { get; init; }

    /// <summary>probefunc().</summary>
    public string? Function { get; init; }

    public bool IsReturn { get; init; }

    /// <summary>Each so-manieth event only (perf.sw.*).</summary>
    public long Every { get; init; } = 1;

    /// <summary>The error that attaching ends with; 0 for none.</summary>
    public int Refusal { get; init; }

    /// <summary>$$provider of a marker.</summary>
    public string? Provider { get; init; }

    /// <summary>$$name of a tracepoint or marker.</summary>
    public string? Tracepoint { get; init; }

    public IReadOnlyList<TargetVariable> Variables
    {
        get => field ??= FindVariables?.Invoke() ?? [];
        init;
    }

    /// <summary>Finds the variables when a script first asks for one.</summary>
    public Func<IReadOnlyList<TargetVariable>>? FindVariables { get; init; }

    /// <summary>Whether $$parms and the like make sense here.</summary>
    public bool HasParameters => Kind is SourceKind.Function or SourceKind.FunctionReturn or SourceKind.Syscall or SourceKind.SyscallReturn;

    public IEnumerable<TargetVariable> Parameters => Variables.Where(v => v.Name != "return");

    public TargetVariable? Find(string name) => Variables.FirstOrDefault(v => v.Name == name);
}
