namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>Erasing typed characters.</summary>
internal sealed partial class LineDiscipline
{
    private bool _erasing; // ECHOPRT: inside \erased/

    private enum EraseKind
    {
        Character,
        Word,
        Line,
    }

    // Linux: drivers/tty/n_tty.c, eraser.
    private void Erase(EraseKind kind)
    {
        if (Buffer.Editable == 0) return;
        if (kind == EraseKind.Line && !EraseLineVisibly()) return;
        bool seenWord = false;
        while (Buffer.Editable > 0)
        {
            long at = Buffer.Head;
            byte c;
            do
            {
                c = Buffer[--at];
            }
            while (IsContinuation(c) && at > Buffer.LineEnd);
            if (IsContinuation(c)) break; // half a character: leave it
            if (kind == EraseKind.Word)
            {
                if (IsWordByte(c)) seenWord = true;
                else if (seenWord) break;
            }
            int bytes = (int)(Buffer.Head - at);
            Buffer.EraseTo(at);
            if (_settings.Has(LocalModes.Echo)) ShowErased(kind, c, bytes);
            if (kind == EraseKind.Character) break;
        }
        if (Buffer.Editable == 0 && _settings.Has(LocalModes.Echo)) FinishErasing();
    }

    // Answers whether the kill character erases one by one; otherwise the line is gone already.
    private bool EraseLineVisibly()
    {
        if (!_settings.Has(LocalModes.Echo))
        {
            Buffer.EraseTo(Buffer.LineEnd);
            return false;
        }
        if (_settings.Has(LocalModes.EchoKill) && _settings.Has(LocalModes.EchoKillErase) && _settings.Has(LocalModes.EchoErase)) return true;
        Buffer.EraseTo(Buffer.LineEnd);
        FinishErasing();
        EchoCharacter(_settings[ControlCharacter.Kill]);
        if (_settings.Has(LocalModes.EchoKill)) EchoRaw((byte)'\n'); // a new line after the killed one
        return false;
    }

    private void ShowErased(EraseKind kind, byte c, int bytes)
    {
        if (_settings.Has(LocalModes.EchoPrint))
        {
            if (!_erasing)
            {
                EchoRaw((byte)'\\');
                _erasing = true;
            }
            EchoCharacter(c);
            for (int i = 1; i < bytes; i++) EchoRaw(Buffer[Buffer.Head + i]); // the rest of the character still lies there
        }
        else if (kind == EraseKind.Character && !_settings.Has(LocalModes.EchoErase))
        {
            EchoCharacter(_settings[ControlCharacter.Erase]);
        }
        else if (c == '\t')
        {
            ShowErasedTab();
        }
        else
        {
            if (IsControl(c) && _settings.Has(LocalModes.EchoControl)) EraseColumn();
            if (!IsControl(c) || _settings.Has(LocalModes.EchoControl)) EraseColumn();
        }
    }

    private void EraseColumn()
    {
        EchoRaw((byte)'\b');
        EchoRaw((byte)' ');
        EchoRaw((byte)'\b');
    }

    // The tab filled up to the next stop: how far depends on what stands before it.
    private void ShowErasedTab()
    {
        int width = 0;
        bool afterTab = false;
        for (long i = Buffer.Head - 1; i >= Buffer.LineEnd; i--)
        {
            byte c = Buffer[i];
            if (c == '\t')
            {
                afterTab = true;
                break;
            }
            if (IsControl(c)) width += _settings.Has(LocalModes.EchoControl) ? 2 : 0;
            else if (!IsContinuation(c)) width++;
        }
        Echo(new EchoStep(EchoKind.EraseTab, (byte)(width & 7), !afterTab));
    }

    private void FinishErasing()
    {
        if (!_erasing) return;
        EchoRaw((byte)'/');
        _erasing = false;
    }

    private void Reprint(byte c)
    {
        FinishErasing();
        EchoCharacter(c);
        EchoRaw((byte)'\n');
        for (long i = Buffer.LineEnd; i < Buffer.Head; i++) EchoCharacter(Buffer[i]);
    }

    private static bool IsControl(byte c) => c is < 32 or 127;

    private static bool IsWordByte(byte c) => char.IsAsciiDigit((char)c) || c == '_' || IsUpper(c) || IsLower(c);

    // Letters are those of Latin-1, as in Linux' lib/ctype.c.
    private static bool IsUpper(byte c) => c is (>= (byte)'A' and <= (byte)'Z') or (>= 0xc0 and <= 0xde and not 0xd7);

    private static bool IsLower(byte c) => c is (>= (byte)'a' and <= (byte)'z') or (>= 0xdf and not 0xf7);

    private bool IsContinuation(byte c) => _settings.Has(InputModes.Utf8) && (c & 0xc0) == 0x80;
}
