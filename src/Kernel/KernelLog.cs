namespace Kennel;

/// <summary>The kernel log (printk, dmesg): the last lines, and a sink for all of them.</summary>
public sealed class KernelLog(Func<long> monotonicNanoseconds)
{
    private const int Kept = 4096;

    private readonly Queue<string> _lines = new();
    private readonly HashSet<string> _once = [];

    /// <summary>Gets each line as it is written (<c>--log</c>).</summary>
    public Action<string>? Sink { get; set; }

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Appends a line with its time stamp.</summary>
    public void Write(string text)
    {
        long now = monotonicNanoseconds();
        string line = $"[{now / 1_000_000_000,5}.{now / 1000 % 1_000_000:D6}] {text}";
        if (_lines.Count == Kept) _lines.Dequeue();
        _lines.Enqueue(line);
        Sink?.Invoke(line);
    }

    /// <summary>Appends a line unless the same text was written before: for "not supported" messages.</summary>
    public void WriteOnce(string text)
    {
        if (_once.Count < Kept && _once.Add(text)) Write(text);
    }
}
