using Kennel.Abi;

namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>
/// N_TTY: what becomes of typed bytes on their way to a reader, and of written bytes on their way to the screen (Linux:
/// drivers/tty/n_tty.c). It knows neither tasks nor queues: what it wants done goes through <see cref="ILineEvents"/>.
/// This part: input. Others: LineDiscipline.Edit, LineDiscipline.Echo, LineDiscipline.Output.
/// </summary>
internal sealed partial class LineDiscipline(ILineEvents events)
{
    private Termios _settings = Termios.Default;
    private bool _literalNext;

    /// <summary>Typed and not yet read.</summary>
    public LineBuffer Buffer { get; } = new();

    /// <summary>Whether output is held by the stop character or TCOOFF.</summary>
    public bool IsStopped { get; private set; }

    public bool IsCanonical => _settings.Has(LocalModes.Canonical);

    /// <summary>Linux: n_tty_set_termios.</summary>
    public Termios Settings
    {
        get => _settings;
        set
        {
            LocalModes changed = _settings.Local ^ value.Local;
            _settings = value;
            if ((changed & LocalModes.Canonical) != 0)
            {
                Buffer.ChangeMode(IsCanonical);
                _erasing = false;
                _literalNext = false;
            }
            if (!value.Has(InputModes.StartStop) && IsStopped) Start();
        }
    }

    /// <summary>Whether a read in the present mode finds something. Linux: input_available_p.</summary>
    public bool HasInput(int least) => IsCanonical ? Buffer.HasLine : Buffer.Count >= least;

    /// <summary>
    /// Bytes that <see cref="Receive"/> takes now. A line being typed that has outgrown the buffer goes on being taken, and lost, so
    /// that its end can come.
    /// </summary>
    public int Room
    {
        get
        {
            int room = Buffer.Room - 1;
            if (_settings.Has(InputModes.MarkParity)) room /= 3;
            return room > 0 ? room : IsCanonical && !Buffer.HasLine ? LineBuffer.Size : 0;
        }
    }

    /// <summary>Takes typed bytes. Linux: n_tty_receive_buf_common.</summary>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        foreach (byte c in bytes) Receive(c);
        ShowEchoes();
    }

    /// <summary>Output goes on. Linux: start_tty.</summary>
    public void Start()
    {
        if (!IsStopped) return;
        IsStopped = false;
        ShowEchoes();
        events.OutputStarted();
    }

    /// <summary>Output is held. Linux: stop_tty.</summary>
    public void Stop()
    {
        if (IsStopped) return;
        IsStopped = true;
        events.OutputStopped();
    }

    /// <summary>Forgets typed bytes (tcflush). Linux: n_tty_flush_buffer.</summary>
    public void FlushInput()
    {
        Buffer.Clear();
        _erasing = false;
        _literalNext = false;
        events.InputTaken();
    }

    // Linux: n_tty_receive_char and n_tty_receive_char_special.
    private void Receive(byte c)
    {
        if (_settings.Has(InputModes.Strip)) c &= 0x7f;
        if (_settings.Has(InputModes.ToLower) && _settings.Has(LocalModes.Extended) && IsUpper(c)) c += 32;
        if (_literalNext)
        {
            _literalNext = false;
            ReceivePlain(c, asNewLine: false);
            return;
        }
        if (_settings.Has(InputModes.StartStop))
        {
            if (_settings.Is(c, ControlCharacter.Start))
            {
                Start();
                ShowEchoes();
                return;
            }
            if (_settings.Is(c, ControlCharacter.Stop))
            {
                Stop();
                return;
            }
            if (IsStopped && _settings.Has(InputModes.AnyStarts)) Start();
        }
        if (_settings.Has(LocalModes.Signals) && SignalOf(c) is var signal and not Signal.None)
        {
            ReceiveSignal(c, signal);
            return;
        }
        bool asNewLine = false;
        if (c == '\r')
        {
            if (_settings.Has(InputModes.IgnoreCr)) return;
            asNewLine = _settings.Has(InputModes.CrToNl);
            if (asNewLine) c = (byte)'\n';
        }
        else if (c == '\n' && _settings.Has(InputModes.NlToCr))
        {
            c = (byte)'\r';
        }
        if (!IsCanonical || !ReceiveEditing(c)) ReceivePlain(c, asNewLine);
    }

    private Signal SignalOf(byte c) =>
        _settings.Is(c, ControlCharacter.Interrupt) ? Signal.SIGINT
        : _settings.Is(c, ControlCharacter.Quit) ? Signal.SIGQUIT
        : _settings.Is(c, ControlCharacter.Suspend) ? Signal.SIGTSTP
        : Signal.None;

    // Linux: n_tty_receive_signal_char, isig.
    private void ReceiveSignal(byte c, Signal signal)
    {
        if (!_settings.Has(LocalModes.NoFlush))
        {
            _echoes.Clear();
            FlushInput();
            events.FlushOutput();
        }
        events.SendSignal(signal);
        if (_settings.Has(InputModes.StartStop)) Start();
        if (_settings.Has(LocalModes.Echo)) EchoCharacter(c);
    }

    // Canonical mode's special characters; answers whether it was one.
    private bool ReceiveEditing(byte c)
    {
        bool extended = _settings.Has(LocalModes.Extended), echo = _settings.Has(LocalModes.Echo);
        if (_settings.Is(c, ControlCharacter.Erase)) Erase(EraseKind.Character);
        else if (_settings.Is(c, ControlCharacter.Kill)) Erase(EraseKind.Line);
        else if (extended && _settings.Is(c, ControlCharacter.WordErase)) Erase(EraseKind.Word);
        else if (extended && _settings.Is(c, ControlCharacter.LiteralNext)) BeginLiteral();
        else if (extended && echo && _settings.Is(c, ControlCharacter.Reprint)) Reprint(c);
        else if (c == '\n')
        {
            if (echo || _settings.Has(LocalModes.EchoNewLine)) EchoRaw((byte)'\n');
            EndLine(c, endOfFile: false);
        }
        else if (_settings.Is(c, ControlCharacter.EndOfFile)) EndLine(0, endOfFile: true);
        else if (_settings.Is(c, ControlCharacter.EndOfLine) || (extended && _settings.Is(c, ControlCharacter.EndOfLine2)))
        {
            if (echo)
            {
                MarkLineColumn();
                EchoCharacter(c);
            }
            EndLine(c, endOfFile: false);
        }
        else return false;
        return true;
    }

    private void EndLine(byte c, bool endOfFile)
    {
        Buffer.EndLine(c, endOfFile);
        events.InputArrived();
    }

    private void BeginLiteral()
    {
        _literalNext = true;
        if (!_settings.Has(LocalModes.Echo)) return;
        FinishErasing();
        if (!_settings.Has(LocalModes.EchoControl)) return;
        EchoRaw((byte)'^');
        EchoRaw((byte)'\b');
    }

    private void ReceivePlain(byte c, bool asNewLine)
    {
        if (Buffer.Room <= 1)
        {
            if (_settings.Has(InputModes.BellWhenFull)) PutRaw(7);
            return; // the last place is for the end of the line
        }
        if (_settings.Has(LocalModes.Echo))
        {
            FinishErasing();
            MarkLineColumn();
            if (asNewLine) EchoRaw(c);
            else EchoCharacter(c);
        }
        if (c == 0xff && _settings.Has(InputModes.MarkParity)) Buffer.Add(c);
        Buffer.Add(c);
        if (!IsCanonical) events.InputArrived();
    }
}

/// <summary>What a line discipline wants done by the terminal that it serves.</summary>
internal interface ILineEvents
{
    /// <summary>Bytes for the screen.</summary>
    void Put(ReadOnlySpan<byte> bytes);

    /// <summary>Drop what was written and not yet shown.</summary>
    void FlushOutput();

    /// <summary>A signal for the foreground job.</summary>
    void SendSignal(Signal signal);

    /// <summary>A reader may find something now.</summary>
    void InputArrived();

    /// <summary>There is room for typed bytes again.</summary>
    void InputTaken();

    void OutputStarted();

    void OutputStopped();
}
