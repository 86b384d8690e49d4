using Kennel.Memory;

namespace Kennel.Files;

/// <summary>Where the bytes of a read go, or those of a write come from (Linux: iov_iter): pieces of guest memory, or a kernel buffer.</summary>
public sealed class IoIterator
{
    private readonly AddressSpace? _memory;
    private readonly (ulong Address, ulong Length)[] _pieces;
    private readonly Memory<byte> _buffer;
    private int _piece;
    private ulong _done; // in the current piece
    private long _transferred;

    /// <summary>One piece of guest memory.</summary>
    public IoIterator(AddressSpace memory, ulong address, ulong length)
        : this(memory, [(address, length)])
    {
    }

    /// <summary>Several pieces of guest memory (readv).</summary>
    public IoIterator(AddressSpace memory, (ulong Address, ulong Length)[] pieces)
    {
        _memory = memory;
        _pieces = pieces;
        foreach ((_, ulong length) in pieces) Total += (long)length;
    }

    /// <summary>A buffer of the kernel's own (sendfile, internal reads).</summary>
    public IoIterator(Memory<byte> buffer)
    {
        _buffer = buffer;
        _pieces = [];
        Total = buffer.Length;
    }

    /// <summary>Bytes in all.</summary>
    public long Total { get; }

    /// <summary>Bytes still to be transferred.</summary>
    public long Remaining => Total - _transferred;

    /// <summary>Bytes transferred so far.</summary>
    public long Transferred => _transferred;

    /// <summary>Puts bytes at the current place and moves on. Answers how many went; fewer than given means EFAULT or the end.</summary>
    public int CopyTo(ReadOnlySpan<byte> source)
    {
        int copied = 0;
        while (copied < source.Length && Remaining > 0)
        {
            if (_memory == null)
            {
                int n = (int)Math.Min(source.Length - copied, Remaining);
                source.Slice(copied, n).CopyTo(_buffer.Span[(int)_transferred..]);
                Advance(n);
                copied += n;
                continue;
            }
            (ulong address, int length) = NextChunk(source.Length - copied);
            int went = _memory.CopyOutPartial(address, source.Slice(copied, length));
            Advance(went);
            copied += went;
            if (went < length) break;
        }
        return copied;
    }

    /// <summary>Takes bytes from the current place and moves on. Answers how many came; fewer than asked means EFAULT or the end.</summary>
    public int CopyFrom(Span<byte> destination)
    {
        int copied = 0;
        while (copied < destination.Length && Remaining > 0)
        {
            if (_memory == null)
            {
                int n = (int)Math.Min(destination.Length - copied, Remaining);
                _buffer.Span.Slice((int)_transferred, n).CopyTo(destination[copied..]);
                Advance(n);
                copied += n;
                continue;
            }
            (ulong address, int length) = NextChunk(destination.Length - copied);
            int came = _memory.CopyInPartial(address, destination.Slice(copied, length));
            Advance(came);
            copied += came;
            if (came < length) break;
        }
        return copied;
    }

    /// <summary>Goes back by bytes that were taken but not used.</summary>
    public void Revert(long bytes)
    {
        long target = _transferred - bytes;
        _piece = 0;
        _done = 0;
        _transferred = 0;
        if (_memory == null) _transferred = target;
        else while (_transferred < target) Advance((int)Math.Min((long)NextChunk(int.MaxValue).Length, target - _transferred));
    }

    private (ulong Address, int Length) NextChunk(int most)
    {
        while (_pieces[_piece].Length == _done)
        {
            _piece++;
            _done = 0;
        }
        (ulong address, ulong length) = _pieces[_piece];
        return (address + _done, (int)Math.Min(length - _done, (ulong)most));
    }

    private void Advance(int bytes)
    {
        _done += (ulong)bytes;
        _transferred += bytes;
    }
}
