namespace Kennel.Loading;

/// <summary>The first line of a script: "#!", the interpreter, and at most one argument (man 2 execve, Interpreter scripts).</summary>
/// <param name="Interpreter">Its path.</param>
/// <param name="Argument">All that follows the path, or null.</param>
/// <param name="IsValid">Whether there is an interpreter at all; ENOEXEC if not.</param>
internal readonly record struct ScriptLine(byte[] Interpreter, byte[]? Argument, bool IsValid)
{
    /// <summary>Reads it out of the first 256 bytes of a file; false when they do not begin with "#!". Linux: fs/binfmt_script.c.</summary>
    public static bool TryParse(ReadOnlySpan<byte> head, out ScriptLine line)
    {
        line = default;
        if (head.Length < 2 || head[0] != '#' || head[1] != '!') return false;
        // A NUL ends the search for the line's end, like that for everything else.
        ReadOnlySpan<byte> text = head[2..];
        int end = text.IndexOfAny((byte)'\n', (byte)0);
        bool hasNewLine = end >= 0 && text[end] == '\n';
        if (!hasNewLine && IsNameCut(text)) return true;
        text = hasNewLine ? text[..end] : text[..^1];
        text = text.TrimEnd(" \t"u8).TrimStart(" \t"u8);
        int nameEnd = text.IndexOfAny((byte)' ', (byte)'\t', (byte)0);
        ReadOnlySpan<byte> name = nameEnd < 0 ? text : text[..nameEnd];
        if (text.Length == 0) return true;
        byte[]? argument = null;
        if (nameEnd >= 0 && text[nameEnd] != 0)
        {
            ReadOnlySpan<byte> rest = text[nameEnd..].TrimStart(" \t"u8);
            int nul = rest.IndexOf((byte)0);
            if (rest.Length > 0) argument = (nul < 0 ? rest : rest[..nul]).ToArray();
        }
        line = new ScriptLine(name.ToArray(), argument, true);
        return true;
    }

    // Without a line's end within the 256 bytes, the name counts only if it certainly ends within them.
    private static bool IsNameCut(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> rest = text.TrimStart(" \t"u8);
        return rest.Length == 0 || rest.IndexOfAny((byte)' ', (byte)'\t', (byte)0) < 0;
    }
}
