using System.Buffers;
using System.Diagnostics;

namespace Kennel.Tracing.Timeline;

/// <summary>
/// The file that a timeline goes to, through a buffer. A file that cannot be written must not hurt the guest: the first error is
/// kept, and the rest thrown away.
/// </summary>
internal sealed class TimelineOutput(Stream stream) : IBufferWriter<byte>
{
    private const int FlushAt = 1 << 17;

    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushAt);
    private long _ticks;

    /// <summary>Why the file is not whole; null when it is.</summary>
    public string? Error { get; private set; }

    /// <summary>Bytes written.</summary>
    public long Length { get; private set; }

    /// <summary>How long the guest waited for the file.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(0, _ticks);

    public void Advance(int count) => _buffer.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);

    /// <summary>Lets a full buffer go. Nobody may hold a part of it then that was not advanced over.</summary>
    public void Commit()
    {
        if (_buffer.WrittenCount >= FlushAt) Flush();
    }

    /// <summary>Writes what is left.</summary>
    public void Flush()
    {
        long begin = Stopwatch.GetTimestamp();
        try
        {
            if (Error == null)
            {
                stream.Write(_buffer.WrittenSpan);
                stream.Flush();
                Length += _buffer.WrittenCount;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Error = e.Message;
        }
        _buffer.ResetWrittenCount();
        _ticks += Stopwatch.GetTimestamp() - begin;
    }
}
