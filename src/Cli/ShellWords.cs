using System.Text;

namespace Kennel.Cli;

/// <summary>Splits a command as a shell does, and quotes its words: blanks, quotes and backslashes, and nothing else of a shell's language.</summary>
internal static class ShellWords
{
    public static IReadOnlyList<string> Split(string line)
    {
        List<string> words = [];
        StringBuilder? word = null;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            switch (c)
            {
                case ' ' or '\t' or '\n':
                    if (word != null) words.Add(word.ToString());
                    word = null;
                    break;
                case '\'':
                    int end = line.IndexOf('\'', i + 1);
                    if (end < 0) throw Unclosed(line);
                    (word ??= new()).Append(line, i + 1, end - i - 1);
                    i = end;
                    break;
                case '"':
                    i = Quoted(line, i + 1, word ??= new());
                    break;
                case '\\' when i + 1 < line.Length:
                    (word ??= new()).Append(line[++i]);
                    break;
                default:
                    (word ??= new()).Append(c);
                    break;
            }
        }
        if (word != null) words.Add(word.ToString());
        return words;
    }

    /// <summary>A word as a shell has to be given it.</summary>
    public static string Quote(string word)
    {
        bool isPlain = word.Length > 0 && word.All(static c => char.IsAsciiLetterOrDigit(c) || "_-./,:=@%+".Contains(c));
        return isPlain ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    // Between double quotes a backslash escapes only what would be special there.
    private static int Quoted(string line, int i, StringBuilder word)
    {
        for (; i < line.Length; i++)
        {
            if (line[i] == '"') return i;
            if (line[i] == '\\' && i + 1 < line.Length && line[i + 1] is '"' or '\\' or '$' or '`') i++;
            word.Append(line[i]);
        }
        throw Unclosed(line);
    }

    private static SandboxException Unclosed(string line) => new($"a quote is not closed in: {line}");
}
