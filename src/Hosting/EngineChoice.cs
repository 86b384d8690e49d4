using Kennel.Cpu.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;

namespace Kennel;

/// <summary>
/// Which execution engine a sandbox gets: the one that its options name, or the environment; else the translator, or, where the host cannot
/// (no x64 Linux, no FSGSBASE, no memory that can be executed), the interpreter.
/// </summary>
internal static class EngineChoice
{
    /// <summary>Names the engine of sandboxes whose options name none, for all of a test run as well.</summary>
    public const string Variable = "KENNEL_ENGINE";

    private const string Interpreter = "interpreter", Translator = "translator";

    /// <summary>What makes the engine.</summary>
    /// <param name="name">As in the options.</param>
    /// <param name="counts">Whether runs must be repeatable: instructions are counted exactly.</param>
    /// <exception cref="SandboxException">There is no engine of that name.</exception>
    public static Func<FramePool, ProcessorSet, IExecutionEngine> For(string? name, bool counts)
    {
        string? wanted = name ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value ? value : null);
        return wanted switch
        {
            null => (frames, processors) => TranslatorEngine.TryCreate(frames, processors, counts) ?? (IExecutionEngine)new InterpreterEngine(frames, processors),
            Interpreter => static (frames, processors) => new InterpreterEngine(frames, processors),
            Translator => (frames, processors) => TranslatorEngine.TryCreate(frames, processors, counts)
                ?? throw new SandboxException("the translator needs an x64 Linux host that lets code be made: use interpreter"),
            _ => throw new SandboxException($"there is no engine named {wanted}: use interpreter or translator"),
        };
    }
}
