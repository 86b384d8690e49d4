namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>Written bytes on their way to the screen (OPOST), and the column where the cursor stands.</summary>
internal sealed partial class LineDiscipline
{
    private int _column; // where the cursor stands
    private int _lineColumn; // where the line being typed began (Linux: canon_column)

    /// <summary>Whether written bytes are changed on their way.</summary>
    public bool ProcessesOutput => _settings.Has(OutputModes.Process);

    /// <summary>Shows written bytes, at most one byte becoming <see cref="MostPerByte"/>.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (!ProcessesOutput)
        {
            events.Put(bytes);
            return;
        }
        while (bytes.Length > 0)
        {
            int plain = PlainRun(bytes);
            if (plain > 0)
            {
                events.Put(bytes[..plain]);
                bytes = bytes[plain..];
                continue;
            }
            PutProcessed(bytes[0]);
            bytes = bytes[1..];
        }
    }

    /// <summary>What one written byte becomes at most: a tab in spaces.</summary>
    public const int MostPerByte = 8;

    // Bytes up to the next one that is changed or moves the cursor otherwise. Linux: process_output_block.
    private int PlainRun(ReadOnlySpan<byte> bytes)
    {
        if (_settings.Has(OutputModes.ToUpper)) return 0;
        int n = 0;
        while (n < bytes.Length && !IsControl(bytes[n]))
        {
            if (!IsContinuation(bytes[n])) _column++;
            n++;
        }
        return n;
    }

    // Linux: drivers/tty/n_tty.c, do_output_char.
    private void PutProcessed(byte c)
    {
        switch (c)
        {
            case (byte)'\n':
                if (_settings.Has(OutputModes.NlReturns)) _column = 0;
                if (_settings.Has(OutputModes.NlToCrNl))
                {
                    _column = 0;
                    events.Put("\r\n"u8);
                    _lineColumn = _column;
                    return;
                }
                _lineColumn = _column;
                break;
            case (byte)'\r':
                if (_settings.Has(OutputModes.NoCrAtColumn0) && _column == 0) return;
                if (_settings.Has(OutputModes.CrToNl))
                {
                    c = (byte)'\n';
                    if (!_settings.Has(OutputModes.NlReturns)) break;
                }
                _column = _lineColumn = 0;
                break;
            case (byte)'\t':
                int spaces = 8 - (_column & 7);
                _column += spaces;
                if ((_settings.Output & OutputModes.ExpandTabs) != OutputModes.ExpandTabs) break;
                events.Put("        "u8[..spaces]);
                return;
            case (byte)'\b':
                if (_column > 0) _column--;
                break;
            default:
                if (IsControl(c)) break;
                if (_settings.Has(OutputModes.ToUpper) && IsLower(c)) c -= 32;
                if (!IsContinuation(c)) _column++;
                break;
        }
        PutRaw(c);
    }

    private void PutRaw(byte c) => events.Put([c]);
}
