using Kennel.Probes;
using Kennel.Tracing.Aggregations;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Runtime;

/// <summary>What compiled handlers and native functions work with: the event at hand, the machine, output, limits.</summary>
/// <remarks>guard-note: everything runs inside the kernel lock.</remarks>
internal sealed partial class StapRuntime
{
    public StapRuntime(ITraceTarget target, StapOptions options, StapOutput output)
    {
        Target = target;
        Model = target.Model;
        Options = options;
        Output = output;
        Text = output.Text;
        Task = target.Model.Idle;
        MaximumText = (int)Math.Clamp(options.Limit("MAXSTRINGLEN", 512), 2, 1 << 20) - 1;
        MaximumActions = options.Limit("MAXACTION", 1000);
    }

    public ITraceTarget Target { get; }

    public IKernelModel Model { get; }

    public StapOptions Options { get; }

    public StapOutput Output { get; }

    public int MaximumText { get; }

    public long MaximumActions { get; }

    /// <summary>The record that is being handled.</summary>
    public KernelEvent Event;

    /// <summary>In whose context.</summary>
    public ITracedTask Task;

    public int Cpu;

    /// <summary>The probe that runs.</summary>
    public DerivedProbe? Probe;

    /// <summary>Where output goes: the session's text, or a speculation's.</summary>
    public ByteText Text;

    /// <summary>For strings under construction.</summary>
    public readonly ByteText Scratch = new();

    /// <summary>Statements that the handler may still run.</summary>
    public long ActionsLeft;

    /// <summary>Calls that are open.</summary>
    public int Nesting;

    public int MaximumNesting = 10;

    /// <summary>What is being done, for messages.</summary>
    public StapToken? At;

    /// <summary>What was kept when the function was entered (.return probes).</summary>
    public EntryFrame Frame = EntryFrame.Empty;

    /// <summary>Set by next in a function: the following overload takes over.</summary>
    public bool TriesNext;

    public bool ExitRequested;

    public int TargetProcess;

    /// <summary>What tokenize() has left.</summary>
    public string TokenizeRest = "";

    public Functions.StapIndents Indents { get; } = new();

    public Functions.StapSpeculations Speculations { get; } = new();

    /// <summary>Repeatable: a script's chance is none of the guest's.</summary>
    public Random Random { get; } = new(42);

    public Dictionary<int, string> SyscallNames => field ??= Model.Syscalls.DistinctBy(s => s.Number).ToDictionary(s => s.Number, s => s.Name);

    public void Exit() => ExitRequested = true;

    public void TooManyActions(StapToken at)
    {
        At = at;
        throw new StapLimitError("MAXACTION exceeded");
    }

    /// <summary>next in the last overload.</summary>
    public void NoneLeft(StapToken at)
    {
        TriesNext = false;
        At = at;
        throw new StapError("all functions exhausted");
    }

    public void Enter(StapToken at)
    {
        if (++Nesting <= MaximumNesting) return;
        At = at;
        throw new StapLimitError("MAXNESTING exceeded");
    }

    public long Divide(long left, long right, StapToken at)
    {
        if (right == 0)
        {
            At = at;
            throw new StapError("division by 0");
        }
        return right == -1 ? unchecked(-left) : left / right;
    }

    public long Modulo(long left, long right, StapToken at)
    {
        if (right == 0)
        {
            At = at;
            throw new StapError("division by 0");
        }
        return right == -1 ? 0 : left % right;
    }

    /// <summary>Strings are cut without a word.</summary>
    public string Cut(string text) => text.Length <= MaximumText ? text : text[..MaximumText];

    public string Concatenate(string left, string right) => Cut(string.Concat(left, right));

    public string Take() => Scratch.Take(0, MaximumText);

    public long Figure(Statistics? statistics, string op, StapToken at)
    {
        switch (op)
        {
            case "@count":
                return statistics?.Count ?? 0;
            case "@sum":
                return statistics?.Sum ?? 0;
        }
        if (statistics == null || statistics.Count == 0)
        {
            At = at;
            throw new StapError("empty aggregate");
        }
        return op switch
        {
            "@min" => statistics.Min,
            "@max" => statistics.Max,
            "@avg" => statistics.Average,
            _ => statistics.Variance,
        };
    }

    public string Histogram(Statistics? statistics, bool linear, StapToken at)
    {
        RequireData(statistics, at);
        return linear ? StapHistogramText.Of(statistics!.Linear!) : StapHistogramText.Of(statistics!.Log!);
    }

    /// <summary>@hist_log(x)[i].</summary>
    public long Bucket(Statistics? statistics, bool linear, long bucket, StapToken at)
    {
        RequireData(statistics, at);
        long[] counts = linear ? statistics!.Linear!.Counts : statistics!.Log!.Counts;
        if (bucket >= 0 && bucket < counts.Length) return counts[bucket];
        At = at;
        throw new StapError("histogram index out of range");
    }

    public long[] Buckets(Statistics? statistics, bool linear, StapToken at)
    {
        RequireData(statistics, at);
        return linear ? statistics!.Linear!.Counts : statistics!.Log!.Counts;
    }

    private void RequireData(Statistics? statistics, StapToken at)
    {
        if (statistics is { Count: > 0 }) return;
        At = at;
        throw new StapError("empty aggregate");
    }

    /// <summary>What a message names: the token and its place.</summary>
    public static string Near(StapToken? at) => at == null ? "" : $" near {at}";
}

/// <summary>What @entry keeps.</summary>
internal sealed class EntryFrame(int count)
{
    public static EntryFrame Empty { get; } = new(0);

    private readonly long[] _numbers = new long[count];
    private readonly string?[] _texts = new string?[count];

    public void Set(int index, long value) => _numbers[index] = value;

    public void SetText(int index, string value) => _texts[index] = value;

    public long Number(int index) => index < _numbers.Length ? _numbers[index] : 0;

    public string Text(int index) => index < _texts.Length ? _texts[index] ?? "" : "";
}
