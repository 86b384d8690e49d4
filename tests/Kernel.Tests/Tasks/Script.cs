using Kennel.Machine;

namespace Kennel.Tests.Tasks;

/// <summary>
/// A guest program for <see cref="ScriptedMachine"/>: steps that stand for instructions, the instruction pointer is the step's index
/// (from 0x400000). Because all state is in registers and guest memory, fork and signals work on it as on real code.
/// </summary>
internal sealed class Script
{
    public const ulong Base = 0x400000;

    private readonly List<Func<Guest, StopReason?>> _steps = [];
    private readonly Dictionary<string, ulong> _labels = [];

    public int Count => _steps.Count;

    public Func<Guest, StopReason?> this[ulong rip] => _steps[(int)(rip - Base)];

    public bool Contains(ulong rip) => rip - Base < (ulong)_steps.Count;

    public ulong AddressOf(string label) => _labels[label];

    public Script Label(string name)
    {
        _labels.Add(name, Base + (ulong)_steps.Count);
        return this;
    }

    public Script Do(Action<Guest> action) => Step(g =>
    {
        action(g);
        return null;
    });

    /// <summary>A system call; its result is in RAX afterwards.</summary>
    public Script Call(int number, params Argument[] arguments)
    {
        Do(g => g.SetArguments(number, arguments)); // a step of its own, so that a call made again is made with the registers it finds
        Step(static _ => StopReason.SystemCall);
        return Step(static _ => throw new InvalidOperationException("the second byte of a system call"));
    }

    public Script Jump(string label) => Do(g => g.Rip = _labels[label]);

    public Script JumpIf(Func<Guest, bool> condition, string label) => Do(g =>
    {
        if (condition(g)) g.Rip = _labels[label];
    });

    /// <summary>Child code goes where fork answered 0.</summary>
    public Script IfChild(string label) => JumpIf(static g => g.Rax == 0, label);

    public Script Note(string text) => Do(g => g.Machine.Trace.Add(text));

    public Script NoteResult(string what) => Do(g => g.Machine.Trace.Add($"{what} {(long)g.Rax}"));

    public Script Exit(int code) => Call(231, code);

    /// <summary>Returns from a function or handler.</summary>
    public Script Return() => Do(g =>
    {
        g.Rip = g.Load(g.Rsp);
        g.Rsp += 8;
    });

    /// <summary>The restorer that handlers return to.</summary>
    public Script Restorer() => Label("restorer").Call(15);

    /// <summary>Installs a handler at a label.</summary>
    public Script Handle(int signal, string handler, ulong flags = 0, ulong mask = 0) => Do(g =>
    {
        ulong address = ScriptedMachine.Data + 0xf00;
        g.Store(address, handler is "SIG_IGN" ? 1 : handler is "SIG_DFL" ? 0 : _labels[handler]);
        g.Store(address + 8, flags | 0x04000000);
        g.Store(address + 16, handler.StartsWith("SIG_", StringComparison.Ordinal) ? 0 : _labels["restorer"]);
        g.Store(address + 24, mask);
    }).Call(13, signal, ScriptedMachine.Data + 0xf00, 0, 8);

    private Script Step(Func<Guest, StopReason?> step)
    {
        _steps.Add(step);
        return this;
    }
}

/// <summary>An argument of a system call: a number, or something computed when the call is made.</summary>
internal readonly struct Argument
{
    private readonly Func<Guest, ulong> _value;

    private Argument(Func<Guest, ulong> value) => _value = value;

    public ulong Of(Guest guest) => _value(guest);

    public static implicit operator Argument(int value) => new(_ => (ulong)(long)value);

    public static implicit operator Argument(long value) => new(_ => (ulong)value);

    public static implicit operator Argument(ulong value) => new(_ => value);

    public static implicit operator Argument(Func<Guest, ulong> value) => new(value);
}
