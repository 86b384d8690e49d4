using System.Text;
using Kennel.Probes;

namespace Kennel.Tracing.Timeline;

/// <summary>The formats of counted stacks.</summary>
public enum FlameGraphFormat
{
    Svg,

    /// <summary>A page around the SVG.</summary>
    Page,

    /// <summary>The stacks themselves, for other programs.</summary>
    Folded,
}

/// <summary>Samples what runs, and draws a flame graph of it in the end.</summary>
/// <param name="stream">Takes the file; stays open.</param>
/// <param name="format">How.</param>
/// <param name="title">The heading.</param>
/// <param name="rate">Samples a second of each busy processor.</param>
public sealed class FlameGraphTracer(Stream stream, FlameGraphFormat format, string title, int rate = FlameGraphTracer.DefaultRate) : ITracer
{
    /// <summary>Not a divisor of anything that programs do regularly.</summary>
    public const int DefaultRate = 99;

    private readonly FoldedStacks _stacks = new();
    private readonly TaskCompletionSource<int> _ended = new();
    private readonly TimelineOutput _output = new(stream);
    private StackSampler? _sampler;

    /// <summary>Never by itself.</summary>
    public Task<int> Ended => _ended.Task;

    /// <summary>Why the file is not whole; null when it is.</summary>
    public string? Error => _output.Error;

    /// <summary>How long the guest has waited for the file.</summary>
    public TimeSpan Waited => _output.Waited;

    /// <summary>The format that a file's name asks for.</summary>
    public static FlameGraphFormat FormatOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".HTML" or ".HTM" => FlameGraphFormat.Page,
        ".FOLDED" or ".TXT" => FlameGraphFormat.Folded,
        _ => FlameGraphFormat.Svg,
    };

    /// <inheritdoc/>
    public void Attach(ITraceTarget target)
    {
        if (_sampler != null) throw new InvalidOperationException("a flame graph serves one machine, once");
        _sampler = new StackSampler(target, rate, (task, stack) => _stacks.Add($"{StackSampler.Clean(task.Name)};{stack}"));
    }

    /// <inheritdoc/>
    public void SetTarget(int processId)
    {
        // All processes are sampled alike.
    }

    /// <inheritdoc/>
    public int? Detach()
    {
        if (_sampler == null) return null;
        _sampler.Dispose();
        var text = new StringWriter();
        if (format == FlameGraphFormat.Folded) _stacks.WriteTo(text);
        else text.Write(FlameGraph.Draw(_stacks, title, asPage: format == FlameGraphFormat.Page));
        Encoding.UTF8.GetBytes(text.ToString(), _output);
        _output.Flush();
        return null;
    }
}
