using Kennel.Probes;
using Kennel.Tracing.Aggregations;
using Kennel.Tracing.D.Output;

namespace Kennel.Tracing.D.Runtime;

/// <summary>A running script: its variables, and the firing that it is in.</summary>
/// <remarks>guard-note: the kernel lock. Compiled clauses reach into it, hence its fields.</remarks>
internal sealed partial class DRuntime
{
    private static readonly ThreadVariables NoVariables = new(0, 0, 0);

    private readonly Dictionary<ITracedTask, ThreadVariables> _threads = new(ReferenceEqualityComparer.Instance);
    private ThreadVariables? _self;

    internal long[] Numbers = [], ClauseNumbers = [];
    internal string?[] Texts = [], ClauseTexts = [];
    internal KeyedTable<KeyPart>[] Tables = [], ClauseTables = [];
    internal readonly DMemory Memory;
    internal readonly ITraceTarget Target;
    internal readonly IKernelModel Model;
    internal readonly DOptions Options;
    internal readonly DConsumer Consumer;

    // The firing.
    internal readonly long[] Arguments = new long[10];
    internal readonly object?[] ArgumentObjects = new object?[10];
    internal ITracedTask Task;
    internal DProbe Probe = new(0, "", "", "", "");
    internal DClause Clause = new(0);
    internal long Time;
    internal int Cpu;
    internal int Action;
    internal long Error;
    internal bool HasArgumentObjects;
    internal bool InInterrupt;

    /// <summary>The pid of the program that was started; 0 before.</summary>
    internal long TargetPid;

    private (int Numbers, int Texts, int Tables) _selfSizes;

    public DRuntime(ITraceTarget target, DOptions options, DConsumer consumer)
    {
        (Target, Model, Options, Consumer) = (target, target.Model, options, consumer);
        Memory = new DMemory(Model);
        Task = Model.Idle;
        Consumer.Runtime = this;
    }

    /// <summary>Makes room for a program's variables.</summary>
    public void SetSizes(int numbers, int texts, int tables, (int Numbers, int Texts, int Tables) self, (int Numbers, int Texts, int Tables) clause, int memory)
    {
        Numbers = new long[numbers];
        Texts = new string?[texts];
        Tables = [.. Enumerable.Range(0, tables).Select(_ => new KeyedTable<KeyPart>())];
        _selfSizes = self;
        ClauseNumbers = new long[clause.Numbers];
        ClauseTexts = new string?[clause.Texts];
        ClauseTables = [.. Enumerable.Range(0, clause.Tables).Select(_ => new KeyedTable<KeyPart>())];
        Memory.SetDataSize(memory);
    }

    /// <summary>Begins a firing; the provider fills in the arguments first.</summary>
    public void Begin(ITracedTask task, long time, int cpu)
    {
        Task = task;
        Time = time;
        Cpu = cpu;
        _self = null;
        (_tokens, _tokenStarted) = (null, false);
        Memory.Reset();
        if (ClauseNumbers.Length > 0) Array.Clear(ClauseNumbers);
        if (ClauseTexts.Length > 0) Array.Clear(ClauseTexts);
        foreach (KeyedTable<KeyPart> table in ClauseTables) table.Clear();
    }

    /// <summary>Forgets the arguments of the firing before.</summary>
    public void ClearArguments()
    {
        Array.Clear(Arguments);
        if (HasArgumentObjects) Array.Clear(ArgumentObjects);
        HasArgumentObjects = false;
    }

    /// <summary>Forgets a thread that has ended.</summary>
    public void Forget(ITracedTask task) => _threads.Remove(task);

    internal ThreadVariables Self => _self ??= _threads.GetValueOrDefault(Task) ?? NoVariables;

    // Reading makes no variables; writing does.
    internal ThreadVariables OwnSelf
    {
        get
        {
            ThreadVariables self = Self;
            if (!ReferenceEquals(self, NoVariables)) return self;
            _self = new ThreadVariables(_selfSizes.Numbers, _selfSizes.Texts, _selfSizes.Tables);
            _threads[Task] = _self;
            return _self;
        }
    }

    internal long SelfNumber(int slot)
    {
        long[] numbers = Self.Numbers;
        return slot < numbers.Length ? numbers[slot] : 0;
    }

    internal string? SelfText(int slot)
    {
        string?[] texts = Self.Texts;
        return slot < texts.Length ? texts[slot] : null;
    }

    internal KeyedTable<KeyPart> SelfTable(int slot) => OwnSelf.Tables[slot];

    internal long SetSelf(int slot, long value)
    {
        if (value == 0 && ReferenceEquals(Self, NoVariables)) return 0;
        return OwnSelf.Numbers[slot] = value;
    }

    internal string? SetSelf(int slot, string? value) => Loaded(OwnSelf.Texts[slot] = value);

    /// <summary>argN as a number.</summary>
    internal long Argument(int index) => HasArgumentObjects && ArgumentObjects[index] is { } item ? (long)Model.AddressOf(item) : Arguments[index];

    /// <summary>args[N] as an object.</summary>
    internal object? ArgumentObject(int index) => HasArgumentObjects && ArgumentObjects[index] is { } item ? item : Model.ObjectAt((ulong)Arguments[index], out _);

    internal string? ArgumentText(int index) => HasArgumentObjects && ArgumentObjects[index] is string text ? text : Memory.Text(Arguments[index]);

    internal void SetArgument(int index, object? item)
    {
        ArgumentObjects[index] = item;
        HasArgumentObjects = true;
    }

    internal static long GetNumber(KeyedTable<KeyPart>.Entry? entry) => entry == null ? 0 : entry.Value.Number;

    internal static string? GetText(KeyedTable<KeyPart>.Entry? entry) => Loaded(entry?.Value.Item as string);

    internal static bool IsNullText(KeyedTable<KeyPart>.Entry? entry) => IsNull(entry?.Value.Item as string);

    // Storing zero frees an element.
    internal static long SetNumber(KeyedTable<KeyPart> table, KeyPart[] key, long value)
    {
        if (value == 0) table.Remove(key);
        else table.GetOrAdd(key).Value = value;
        return value;
    }

    internal static string? SetText(KeyedTable<KeyPart> table, KeyPart[] key, string? value)
    {
        if (IsNull(value)) table.Remove(key);
        else table.GetOrAdd(key).Value = value;
        return Loaded(value);
    }

    internal static long Divide(long left, long right, bool isSigned)
    {
        if (right == 0) throw new DFault(DFaultCode.DivideByZero);
        if (!isSigned) return (long)((ulong)left / (ulong)right);
        return right == -1 ? -left : left / right;
    }

    internal static long Modulo(long left, long right, bool isSigned)
    {
        if (right == 0) throw new DFault(DFaultCode.DivideByZero);
        if (!isSigned) return (long)((ulong)left % (ulong)right);
        return right == -1 ? 0 : left % right;
    }

    /// <summary>An index into an array of known length.</summary>
    internal static long Bounded(long index, long count) => (ulong)index < (ulong)count ? index : throw new DFault(DFaultCode.BadIndex);

    internal static long ShiftLeft(long left, long right) => right is < 0 or > 63 ? 0 : left << (int)right;

    internal static long ShiftRight(long left, long right, bool isSigned) => right is < 0 or > 63 ? 0 : isSigned ? left >> (int)right : (long)((ulong)left >> (int)right);

    /// <summary>One thread's variables.</summary>
    internal sealed class ThreadVariables(int numbers, int texts, int tables)
    {
        public readonly long[] Numbers = new long[numbers];
        public readonly string?[] Texts = new string?[texts];
        public readonly KeyedTable<KeyPart>[] Tables = [.. Enumerable.Range(0, tables).Select(static _ => new KeyedTable<KeyPart>())];
    }
}
