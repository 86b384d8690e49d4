namespace Kennel.Tracing.Timeline;

/// <summary>The file formats of a timeline.</summary>
public enum TimelineFormat
{
    /// <summary>The trace event format (JSON) that ui.perfetto.dev and chrome://tracing open.</summary>
    ChromeTrace,

    /// <summary>One page that shows it without a network.</summary>
    Page,
}

/// <summary>What a timeline shows beside the states of threads.</summary>
public sealed record TimelineOptions
{
    /// <summary>The command, for the title.</summary>
    public string Title { get; init; } = "";

    /// <summary>Show each system call.</summary>
    public bool SystemCalls { get; init; }

    /// <summary>Profile samples a second; 0 for none.</summary>
    public int SampleRate { get; init; }

    /// <summary>The format that a file's name asks for.</summary>
    public static TimelineFormat FormatOf(string path) =>
        path.EndsWith(".html", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".htm", StringComparison.OrdinalIgnoreCase)
            ? TimelineFormat.Page : TimelineFormat.ChromeTrace;
}
