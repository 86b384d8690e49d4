namespace Kennel.Tracing.D;

/// <summary>A mistake in a script.</summary>
/// <param name="tag">D's name of the mistake: D_SYNTAX.</param>
/// <param name="line">The line; 0 for none.</param>
/// <param name="text">What is wrong.</param>
public sealed class DCompileException(string tag, int line, string text) : Exception(text)
{
    public string Tag { get; } = tag;

    public int Line { get; } = line;

    /// <summary>What comes behind "failed to compile script FILE: ".</summary>
    public string Describe(bool withTag)
    {
        string text = Line == 0 ? Message : $"line {Line}: {Message}";
        return withTag ? $"[{Tag}] {text}" : text;
    }
}
