using Kennel.Memory;

namespace Kennel.Files;

/// <summary>Where the bytes of a read go, or those of a write come from (Linux: iov_iter): pieces of guest memory, or a kernel buffer.</summary>
/// <remarks>A task keeps one for its reads and writes (<see cref="Tasks.LinuxTask"/>), so that a transfer allocates nothing.</remarks>
public sealed class IoIterator
{
    private AddressSpace? _memory;
    private (ulong Address, ulong Length)[] _pieces;
    private Memory<byte> _buffer;
    private int _piece;
    private ulong _done; // in the current piece
    private long _transferred;

    /// <summary>One piece of guest memory.</summary>
    public IoIterator(AddressSpace? memory, ulong address, ulong length)
        : this(memory, [(address, length)])
    {
    }

    /// <summary>Several pieces of guest memory (readv).</summary>
    public IoIterator(AddressSpace? memory, (ulong Address, ulong Length)[] pieces)
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

    /// <summary>Begins anew with one piece of guest memory.</summary>
    internal IoIterator Restart(AddressSpace? memory, ulong address, ulong length)
    {
        if (_pieces.Length != 1) _pieces = new (ulong, ulong)[1];
        _pieces[0] = (address, length);
        _memory = memory;
        _buffer = default;
        _piece = 0;
        _done = 0;
        _transferred = 0;
        Total = (long)length;
        return this;
    }

    /// <summary>Bytes in all.</summary>
    public long Total { get; private set; }

    /// <summary>Where it began in guest memory; 0 for a buffer of the kernel's own.</summary>
    internal ulong Address => _pieces.Length == 0 ? 0 : _pieces[0].Address;

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
            if (_pieces.Length == 0)
            {
                int n = (int)Math.Min(source.Length - copied, Remaining);
                source.Slice(copied, n).CopyTo(_buffer.Span[(int)_transferred..]);
                Advance(n);
                copied += n;
                continue;
            }
            (ulong address, int length) = NextChunk((int)Math.Min(source.Length - copied, Remaining));
            int went = _memory!.CopyOutPartial(address, source.Slice(copied, length));
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
            if (_pieces.Length == 0)
            {
                int n = (int)Math.Min(destination.Length - copied, Remaining);
                _buffer.Span.Slice((int)_transferred, n).CopyTo(destination[copied..]);
                Advance(n);
                copied += n;
                continue;
            }
            (ulong address, int length) = NextChunk((int)Math.Min(destination.Length - copied, Remaining));
            int came = _memory!.CopyInPartial(address, destination.Slice(copied, length));
            Advance(came);
            copied += came;
            if (came < length) break;
        }
        return copied;
    }

    /// <summary>Takes nothing behind the next bytes: what is transferred ends there.</summary>
    public void Truncate(long remaining)
    {
        if (remaining < Remaining) Total = _transferred + remaining;
    }

    /// <summary>Puts zero bytes at the current place. Answers how many went.</summary>
    public long FillZero(long count)
    {
        ReadOnlySpan<byte> zeros = stackalloc byte[512];
        long done = 0;
        while (done < count && Remaining > 0)
        {
            int want = (int)Math.Min(Math.Min(zeros.Length, count - done), Remaining);
            int went = CopyTo(zeros[..want]);
            done += went;
            if (went < want) break;
        }
        return done;
    }

    /// <summary>Goes back by bytes that were taken but not used.</summary>
    public void Revert(long bytes)
    {
        long target = _transferred - bytes;
        _piece = 0;
        _done = 0;
        _transferred = 0;
        if (_pieces.Length == 0) _transferred = target;
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
