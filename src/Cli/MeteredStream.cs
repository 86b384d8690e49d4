using System.Diagnostics;
using System.Globalization;

namespace Kennel.Cli;

/// <summary>A stream to write to that knows how long it has kept its writer waiting, and goes on without a file that fails.</summary>
internal sealed class MeteredStream(Stream inner) : Stream
{
    private static readonly TimeSpan WorthSaying = TimeSpan.FromSeconds(1);

    private long _ticks;
    private string? _error;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>What is to be said at the end: that the file is not whole, or that the program waited for it; null when there is nothing to say.</summary>
    public string? Report(string path)
    {
        if (_error != null) return $"kennel: {path} is not whole: {_error}";
        TimeSpan waited = Stopwatch.GetElapsedTime(0, _ticks);
        return waited > WorthSaying ? string.Create(CultureInfo.InvariantCulture, $"kennel: the program waited {waited.TotalSeconds:0.0} s for {path}") : null;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_error != null) return;
        long begun = Stopwatch.GetTimestamp();
        try
        {
            inner.Write(buffer);
        }
        catch (IOException e)
        {
            _error = e.Message;
        }
        _ticks += Stopwatch.GetTimestamp() - begun;
    }

    public override void Flush()
    {
        if (_error == null) inner.Flush();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
