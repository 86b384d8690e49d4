namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>
/// Showing what is typed. Echoes are collected while a batch of typed bytes is looked at, and shown behind it, unless output is
/// stopped: then they wait. A signal character throws them away. Linux: echo_buf of n_tty_data, process_echoes.
/// </summary>
internal sealed partial class LineDiscipline
{
    private const int MostEchoes = 4096;

    private readonly Queue<EchoStep> _echoes = new();

    private enum EchoKind : byte
    {
        /// <summary>A byte as it is, through output processing.</summary>
        Raw,

        /// <summary>A control character as ^X.</summary>
        Control,

        /// <summary>Back over a tab, given the columns before it.</summary>
        EraseTab,

        /// <summary>The line being typed begins here.</summary>
        MarkColumn,
    }

    private readonly record struct EchoStep(EchoKind Kind, byte Value = 0, bool FromLineStart = false);

    /// <summary>Shows what was collected, unless output is stopped.</summary>
    public void ShowEchoes()
    {
        while (!IsStopped && _echoes.TryDequeue(out EchoStep step)) Show(step);
    }

    // Control characters show as ^X. Linux: echo_char.
    private void EchoCharacter(byte c)
    {
        bool asControl = _settings.Has(LocalModes.EchoControl) && IsControl(c) && c != '\t';
        Echo(new EchoStep(asControl ? EchoKind.Control : EchoKind.Raw, c));
    }

    private void EchoRaw(byte c) => Echo(new EchoStep(EchoKind.Raw, c));

    private void MarkLineColumn()
    {
        if (Buffer.Editable == 0) Echo(new EchoStep(EchoKind.MarkColumn));
    }

    private void Echo(EchoStep step)
    {
        if (_echoes.Count < MostEchoes) _echoes.Enqueue(step);
    }

    private void Show(EchoStep step)
    {
        switch (step.Kind)
        {
            case EchoKind.Raw when step.Value == 0xff: // Linux: ECHO_OP_START, which goes past output processing
                PutRaw(step.Value);
                _column++;
                break;
            case EchoKind.Raw when ProcessesOutput:
                PutProcessed(step.Value);
                break;
            case EchoKind.Raw:
                PutRaw(step.Value);
                break;
            case EchoKind.Control:
                PutRaw((byte)'^');
                PutRaw((byte)(step.Value ^ 0x40));
                _column += 2;
                break;
            case EchoKind.MarkColumn:
                _lineColumn = _column;
                break;
            case EchoKind.EraseTab:
                int width = step.Value + (step.FromLineStart ? _lineColumn : 0);
                for (int back = 8 - (width & 7); back > 0; back--)
                {
                    PutRaw((byte)'\b');
                    if (_column > 0) _column--;
                }
                break;
        }
    }
}
