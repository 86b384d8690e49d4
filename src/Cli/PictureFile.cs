using System.Globalization;
using Kennel.Tracing;
using Kennel.Tracing.Timeline;

namespace Kennel.Cli;

/// <summary>A file that a tracer draws a run into.</summary>
internal sealed class PictureFile : IDisposable
{
    // A slow file slows the guest; from here on that is worth a line.
    private static readonly TimeSpan WorthSaying = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly Func<(string? Error, TimeSpan Waited)> _result;

    private PictureFile(string path, FileStream stream, ITracer tracer, Func<(string?, TimeSpan)> result)
    {
        _path = path;
        _stream = stream;
        Tracer = tracer;
        _result = result;
    }

    /// <summary>To be attached to the sandbox.</summary>
    public ITracer Tracer { get; }

    /// <summary>A timeline, in the format that the file's name asks for.</summary>
    public static PictureFile Timeline(string path, TimelineOptions options)
    {
        FileStream stream = Create(path);
        var tracer = new TimelineTracer(stream, TimelineOptions.FormatOf(path), options);
        return new PictureFile(path, stream, tracer, () => (tracer.Error, tracer.Waited));
    }

    /// <summary>A flame graph, in the format that the file's name asks for.</summary>
    public static PictureFile FlameGraph(string path, string title)
    {
        FileStream stream = Create(path);
        var tracer = new FlameGraphTracer(stream, FlameGraphTracer.FormatOf(path), title);
        return new PictureFile(path, stream, tracer, () => (tracer.Error, tracer.Waited));
    }

    /// <summary>Ends the file, once its tracer is detached, and says on standard error what went wrong.</summary>
    public void Dispose()
    {
        (string? error, TimeSpan waited) = _result();
        try
        {
            _stream.Dispose();
        }
        catch (IOException e)
        {
            error ??= e.Message;
        }
        if (error != null) Console.Error.WriteLine($"kennel: {_path} is not whole: {error}");
        else if (waited > WorthSaying) Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kennel: the program waited {waited.TotalSeconds:0.0} s for {_path}"));
    }

    private static FileStream Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new SandboxException($"cannot write {path}: {e.Message}");
        }
    }
}
