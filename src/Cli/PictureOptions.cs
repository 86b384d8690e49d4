using System.CommandLine;
using System.CommandLine.Parsing;
using Kennel.Tracing.Timeline;

namespace Kennel.Cli;

/// <summary>The options of every command which runs a program that have pictures made of the run.</summary>
internal sealed class PictureOptions
{
    private const string Calls = "calls", Samples = "samples";

    private readonly Option<string?> _timeline = new("--timeline") { Description = "Draw what all threads did: a page to open in a browser (.html), or a trace for ui.perfetto.dev (any other name)", HelpName = "FILE" };
    private readonly Option<string[]> _with = new("--timeline-with") { Description = "Show in the timeline, too: calls (system calls), samples (stacks, 99 a second)", HelpName = "calls|samples", CustomParser = ParseList };

    private readonly Option<string?> _flames = new("--flamegraph") { Description = "Draw where CPU time went, by 99 samples a second: a picture (.svg), a page (.html), or the stacks as text (.folded)", HelpName = "FILE" };

    public IReadOnlyList<Option> All => [_timeline, _with, _flames];

    /// <summary>Begins the files that the command line asks for.</summary>
    /// <exception cref="SandboxException">One cannot be written.</exception>
    public IReadOnlyList<PictureFile> Open(ParseResult parsed, IReadOnlyList<string> program)
    {
        string title = string.Join(' ', program.Select(ShellWords.Quote));
        string[] with = parsed.GetValue(_with) ?? [];
        string? timeline = parsed.GetValue(_timeline), flames = parsed.GetValue(_flames);
        if (timeline == null && with.Length > 0) throw new SandboxException("--timeline-with needs --timeline FILE");
        var files = new List<PictureFile>();
        try
        {
            if (timeline != null)
            {
                files.Add(PictureFile.Timeline(timeline, new TimelineOptions
                {
                    Title = title,
                    SystemCalls = with.Contains(Calls),
                    SampleRate = with.Contains(Samples) ? FlameGraphTracer.DefaultRate : 0,
                }));
            }
            if (flames != null) files.Add(PictureFile.FlameGraph(flames, title));
            return files;
        }
        catch
        {
            files.ForEach(f => f.Dispose());
            throw;
        }
    }

    private static string[] ParseList(ArgumentResult result)
    {
        string[] words = [.. result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        foreach (string word in words)
        {
            if (word is not (Calls or Samples)) result.AddError($"--timeline-with {word}: expected calls or samples");
        }
        return words;
    }
}
