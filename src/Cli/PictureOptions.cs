using System.CommandLine;
using System.CommandLine.Parsing;
using Kennel.Tracing.Timeline;

namespace Kennel.Cli;

/// <summary>The options of every command which runs a program that have pictures made of the run.</summary>
internal sealed class PictureOptions
{
    private const string Calls = "calls", Samples = "samples";

    /// <summary>Not a divisor of anything that programs do regularly.</summary>
    private const int SamplesPerSecond = 99;

    private readonly Option<string?> _timeline = new("--timeline") { Description = "Draw what all threads did: a page to open in a browser (.html), or a trace for ui.perfetto.dev (any other name)", HelpName = "FILE" };
    private readonly Option<string[]> _with = new("--timeline-with") { Description = "Show in the timeline, too: calls (system calls), samples (stacks, 99 a second)", HelpName = "calls|samples", CustomParser = ParseList };

    public IReadOnlyList<Option> All => [_timeline, _with];

    /// <summary>Begins the files that the command line asks for.</summary>
    /// <exception cref="SandboxException">One cannot be written.</exception>
    public IReadOnlyList<PictureFile> Open(ParseResult parsed, IReadOnlyList<string> program)
    {
        string[] with = parsed.GetValue(_with) ?? [];
        if (parsed.GetValue(_timeline) is not { } path)
        {
            if (with.Length > 0) throw new SandboxException("--timeline-with needs --timeline FILE");
            return [];
        }
        var options = new TimelineOptions
        {
            Title = string.Join(' ', program.Select(ShellWords.Quote)),
            SystemCalls = with.Contains(Calls),
            SampleRate = with.Contains(Samples) ? SamplesPerSecond : 0,
        };
        return [PictureFile.Timeline(path, options)];
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
