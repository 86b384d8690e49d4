using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Kennel.Tracing.D.Output;

/// <summary>Where a script's output goes: a stream, written in large pieces, and now and then when little comes.</summary>
internal sealed class DOutput : IDisposable
{
    private const int PieceSize = 64 << 10;
    private static readonly TimeSpan Rate = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private readonly Stream _standard;
    private readonly TextWriter _errors;
    private readonly Timer _timer;
    private Stream _stream;
    private bool _broken;
    private TimeSpan _waited;

    public DOutput(Stream standard, TextWriter errors)
    {
        (_standard, _stream, _errors) = (standard, standard, errors);
        _timer = new Timer(_ => Flush(), null, Rate, Rate);
    }

    public void Write(string text)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            _text.Append(text);
            if (_text.Length >= PieceSize) Flush();
        }
        _waited += Stopwatch.GetElapsedTime(start);
    }

    public void Write(StringBuilder text) => Write(text.ToString());

    /// <summary>Says so when the guest had to wait for whoever reads the output: nothing is dropped instead.</summary>
    public void SayWaited()
    {
        if (_waited > TimeSpan.FromSeconds(1)) WriteError(string.Create(CultureInfo.InvariantCulture, $"dtrace: the program waited {_waited.TotalSeconds:F1} s for the output to be written"));
    }

    /// <summary>A message, behind all that was written so far.</summary>
    public void WriteError(string line)
    {
        lock (_lock)
        {
            Flush();
            _errors.Write(line + "\n");
            _errors.Flush();
        }
    }

    public void Flush()
    {
        lock (_lock)
        {
            if (_text.Length == 0 || _broken) return;
            try
            {
                _stream.Write(Encoding.Latin1.GetBytes(_text.ToString()));
                _stream.Flush();
            }
            catch (IOException)
            {
                // Nobody reads any more (EPIPE): the session goes on, as dtrace's does.
                _broken = true;
            }
            _text.Clear();
        }
    }

    /// <summary>freopen(): goes on in another file; an empty name goes back to the standard output.</summary>
    public void Reopen(string path)
    {
        lock (_lock)
        {
            Flush();
            if (!ReferenceEquals(_stream, _standard)) _stream.Dispose();
            _stream = path.Length == 0 ? _standard : new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        }
    }

    /// <summary>ftruncate(): empties the file that is written.</summary>
    public void Truncate()
    {
        lock (_lock)
        {
            Flush();
            if (_stream.CanSeek)
            {
                _stream.SetLength(0);
                _stream.Position = 0;
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Flush();
        if (!ReferenceEquals(_stream, _standard)) _stream.Dispose();
    }
}
