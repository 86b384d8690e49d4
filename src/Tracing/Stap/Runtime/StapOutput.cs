namespace Kennel.Tracing.Stap.Runtime;

/// <summary>A session's output: one stream, written in larger pieces, and standard error for messages.</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
internal sealed class StapOutput(Stream output, TextWriter errors)
{
    private const int Full = 1 << 15;
    private const long Interval = 100_000_000;

    private long _flushed;

    public ByteText Text { get; } = new();

    /// <summary>Behind each handler: writes what has gathered when it is much, or old.</summary>
    public void Settle(long now)
    {
        if (Text.Length == 0) return;
        if (Text.Length < Full && now - _flushed < Interval) return;
        _flushed = now;
        Flush();
    }

    public void Flush()
    {
        if (Text.Length == 0) return;
        try
        {
            output.Write(Text.Span);
            output.Flush();
        }
        catch (IOException)
        {
            // Nobody reads any more: the script runs on, as with a closed pipe.
        }
        Text.Clear();
    }

    public void Message(string text)
    {
        Flush();
        errors.WriteLine(StapStrings.To(text));
        errors.Flush();
    }
}
