namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>Bytes, first in, first out; grows as needed.</summary>
internal sealed class ByteQueue
{
    private byte[] _bytes = new byte[4096];
    private int _start;

    public int Count { get; private set; }

    /// <summary>Bytes ever added and not taken back.</summary>
    public long Written { get; private set; }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_start + Count + bytes.Length > _bytes.Length) MakeRoom(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_start + Count));
        Count += bytes.Length;
        Written += bytes.Length;
    }

    public int Take(Span<byte> destination)
    {
        int n = Math.Min(destination.Length, Count);
        _bytes.AsSpan(_start, n).CopyTo(destination);
        _start = (Count -= n) == 0 ? 0 : _start + n;
        return n;
    }

    /// <summary>The first bytes, without taking them.</summary>
    public ReadOnlySpan<byte> Peek => _bytes.AsSpan(_start, Count);

    /// <summary>Takes back what was added since <see cref="Written"/> had this value, as far as it is still here.</summary>
    public void TruncateTo(long written)
    {
        int n = (int)Math.Clamp(Written - written, 0, Count);
        Count -= n;
        Written -= n;
    }

    public void Clear() => TruncateTo(0);

    private void MakeRoom(int more)
    {
        byte[] target = Count + more <= _bytes.Length / 2 ? _bytes : new byte[Math.Max(_bytes.Length * 2, Count + more)];
        _bytes.AsSpan(_start, Count).CopyTo(target);
        _bytes = target;
        _start = 0;
    }
}
