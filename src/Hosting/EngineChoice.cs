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

    /// <summary>The same for the guest's processor.</summary>
    public const string LevelVariable = "KENNEL_CPU_LEVEL";

    private const string Interpreter = "interpreter", Translator = "translator";

    /// <summary>What makes the engine.</summary>
    /// <param name="name">As in the options.</param>
    /// <param name="level">As in the options.</param>
    /// <param name="counts">Whether runs must be repeatable: instructions are counted exactly.</param>
    /// <exception cref="SandboxException">There is no engine of that name, or it has no such processor.</exception>
    public static Func<FramePool, ProcessorSet, IExecutionEngine> For(string? name, string? level, bool counts)
    {
        string? wanted = name ?? ValueOf(Variable);
        switch (level ?? ValueOf(LevelVariable))
        {
            case null or "v2":
                return For(wanted, counts);
            case "v3":
                return V3(wanted, counts);
            case { } other:
                throw new SandboxException($"there is no processor level {other}: use v2 or v3");
        }
    }

    private static string? ValueOf(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static Func<FramePool, ProcessorSet, IExecutionEngine> V3(string? name, bool counts)
    {
        if (name is not (null or Translator)) throw new SandboxException($"a processor of level v3 needs the translator: leave out the engine {name}");
        if (!TranslatorEngine.HostHasV3) throw new SandboxException("a processor of level v3 needs a host that is one: use v2");
        return (frames, processors) => TranslatorEngine.TryCreate(frames, processors, counts, CpuLevel.V3)
            ?? throw new SandboxException("a processor of level v3 needs the translator, and that an x64 Linux host that lets code be made: use v2");
    }

    private static Func<FramePool, ProcessorSet, IExecutionEngine> For(string? wanted, bool counts)
    {
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
