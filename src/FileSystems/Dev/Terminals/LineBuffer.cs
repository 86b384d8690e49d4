namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>
/// What was typed and not yet read (Linux: read_buf and read_flags of n_tty_data): bytes, of which some end a line. Behind
/// <see cref="LineEnd"/> lies the line that can still be edited.
/// </summary>
internal sealed class LineBuffer
{
    /// <summary>N_TTY_BUF_SIZE.</summary>
    public const int Size = 4096;

    private const ushort EndsLine = 0x100, IsEndOfFile = 0x200;

    private readonly ushort[] _cells = new ushort[Size];
    private long _tail, _head;

    /// <summary>All bytes in it.</summary>
    public int Count => (int)(_head - _tail);

    /// <summary>Bytes that can still be added.</summary>
    public int Room => Size - Count;

    /// <summary>Position behind the last complete line (Linux: canon_head).</summary>
    public long LineEnd { get; private set; }

    /// <summary>Position behind the last byte (Linux: read_head).</summary>
    public long Head => _head;

    /// <summary>Position of the next byte to read.</summary>
    public long Tail => _tail;

    /// <summary>Whether a complete line waits.</summary>
    public bool HasLine => LineEnd != _tail;

    /// <summary>Bytes of the line that is being typed.</summary>
    public int Editable => (int)(_head - LineEnd);

    /// <summary>The byte at a position between tail and head.</summary>
    public byte this[long position] => (byte)_cells[position & (Size - 1)];

    /// <summary>Adds a byte; it is lost when there is no room.</summary>
    public void Add(byte c)
    {
        if (Room > 0) _cells[_head++ & (Size - 1)] = c;
    }

    /// <summary>Adds the byte that ends the line, or the mark of the end-of-file character, which readers do not get.</summary>
    public void EndLine(byte c, bool endOfFile)
    {
        if (Room == 0) _head--; // the end of a line always fits
        _cells[_head++ & (Size - 1)] = (ushort)(c | EndsLine | (endOfFile ? IsEndOfFile : 0));
        LineEnd = _head;
    }

    /// <summary>Takes the last bytes of the editable line back.</summary>
    public void EraseTo(long position) => _head = Math.Max(position, LineEnd);

    /// <summary>Takes bytes of the first line, with the character that ended it. The end-of-file mark is swallowed.</summary>
    /// <param name="atEnd">Whether the line is used up, so that a read ends here.</param>
    public int TakeLine(Span<byte> destination, out bool atEnd)
    {
        int n = 0;
        atEnd = false;
        while (_tail < LineEnd && !atEnd)
        {
            ushort cell = _cells[_tail & (Size - 1)];
            bool mark = (cell & IsEndOfFile) != 0;
            if (n == destination.Length && !mark) break; // a mark right behind a full buffer goes along (Linux: canon_skip_eof)
            if (!mark) destination[n++] = (byte)cell;
            atEnd = (cell & EndsLine) != 0;
            _tail++;
        }
        return n;
    }

    /// <summary>Takes bytes, whatever they are.</summary>
    public int Take(Span<byte> destination)
    {
        int n = Math.Min(destination.Length, Count);
        for (int i = 0; i < n; i++) destination[i] = (byte)_cells[_tail++ & (Size - 1)];
        if (LineEnd < _tail) LineEnd = _tail;
        return n;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _tail = LineEnd = _head;

    /// <summary>Canonical mode was switched on or off: what is there counts as one line, or as bytes. Linux: n_tty_set_termios.</summary>
    public void ChangeMode(bool canonical)
    {
        for (long i = _tail; i < _head; i++) _cells[i & (Size - 1)] &= 0xff;
        LineEnd = _tail;
        if (!canonical || Count == 0) return;
        _cells[(_head - 1) & (Size - 1)] |= EndsLine;
        LineEnd = _head;
    }

    /// <summary>Bytes that FIONREAD tells in canonical mode: those of complete lines, without end-of-file marks.</summary>
    public int LineBytes
    {
        get
        {
            int n = 0;
            for (long i = _tail; i < LineEnd; i++)
            {
                if ((_cells[i & (Size - 1)] & IsEndOfFile) == 0) n++;
            }
            return n;
        }
    }
}
