using System.Text;

namespace Kennel.Tracing.Stap.Syntax;

/// <summary>Cuts a script into tokens. What is no token becomes junk that says what is wrong, for whoever meets it.</summary>
internal sealed class StapLexer(StapSource source, IReadOnlyList<string> arguments, HashSet<int>? usedArguments = null)
{
    private static readonly HashSet<string> _keywords =
    [
        "probe", "global", "private", "function", "if", "else", "for", "foreach", "in", "limit", "return", "delete", "while", "break",
        "continue", "next", "string", "long", "try", "catch",
    ];

    // Longest first.
    private static readonly string[] _operators =
    [
        "<<<", "<<=", ">>=", "||", "&&", "++", "--", "->", "<<", ">>", "<=", ">=", "==", "!=", "!~", "=~", "+=", "-=", "*=", "/=", "%=",
        "&=", "^=", "|=", ".=", "%(", "%?", "%:", "%)",
    ];

    private readonly string _text = source.Text;
    private readonly List<StapToken> _tokens = [];
    private int _at;
    private int _line = 1;

    /// <summary>All tokens, an End token last.</summary>
    public List<StapToken> Run()
    {
        // Linux: the first line may name the interpreter.
        if (_text.StartsWith("#!", StringComparison.Ordinal)) SkipLine();
        while (true)
        {
            SkipBlanks();
            if (_at >= _text.Length) break;
            Scan();
        }
        _tokens.Add(Make(TokenKind.End, "", _at, _line));
        return _tokens;
    }

    private void Scan()
    {
        int start = _at;
        int line = _line;
        char c = _text[_at];
        if (char.IsAsciiLetter(c) || c is '_' or '$' or '@') ScanWord(start, line);
        else if (char.IsAsciiDigit(c)) ScanNumber(start, line);
        else if (c == '"') ScanString(start, line);
        else if (Ahead("%{")) ScanEmbedded(start, line);
        else ScanOperator(start, line);
    }

    private void ScanWord(int start, int line)
    {
        char first = _text[_at++];
        if (first is '$' or '@' && _at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '#'))
        {
            ScanArgument(first, start, line);
            return;
        }
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '$')) _at++;
        string word = _text[start.._at];
        _tokens.Add(Make(_keywords.Contains(word) ? TokenKind.Keyword : TokenKind.Identifier, word, start, line));
    }

    // $1: the argument's text, to be read as part of the script; @1: as a string.
    private void ScanArgument(char kind, int start, int line)
    {
        if (_text[_at] == '#')
        {
            _at++;
            _tokens.Add(Make(kind == '$' ? TokenKind.Number : TokenKind.String, arguments.Count.ToString(), start, line));
            return;
        }
        int digits = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at])) _at++;
        string name = _text[start.._at];
        if (!int.TryParse(_text.AsSpan(digits, _at - digits), out int index) || index < 1 || index > arguments.Count)
        {
            string range = arguments.Count == 0 ? "[none given]" : $"[1-{arguments.Count}]";
            _tokens.Add(new StapToken(TokenKind.Junk, name, source, start, line, Column(start)) { Problem = $"command line argument out of range {range}" });
            return;
        }
        usedArguments?.Add(index);
        string value = arguments[index - 1];
        if (kind == '@')
        {
            _tokens.Add(Make(TokenKind.String, value, start, line));
            return;
        }
        List<StapToken> inner = new StapLexer(new StapSource(source.Name, value), []).Run();
        foreach (StapToken token in inner.SkipLast(1)) _tokens.Add(Make(token.Kind, token.Text, start, line));
    }

    private void ScanNumber(int start, int line)
    {
        _at++;
        while (_at < _text.Length && char.IsAsciiLetterOrDigit(_text[_at])) _at++;
        string text = _text[start.._at];
        _tokens.Add(Make(TokenKind.Number, text, start, line));
    }

    private void ScanString(int start, int line)
    {
        _at++;
        var value = new StringBuilder();
        while (true)
        {
            if (_at >= _text.Length || _text[_at] == '\n')
            {
                _tokens.Add(new StapToken(TokenKind.Junk, value.ToString(), source, start, line, Column(start))
                {
                    Problem = "Could not find matching closing quote",
                });
                return;
            }
            char c = _text[_at++];
            if (c == '"') break;
            if (c == '\\') ScanEscape(value);
            else value.Append(c);
        }
        _tokens.Add(Make(TokenKind.String, value.ToString(), start, line));
    }

    private void ScanEscape(StringBuilder value)
    {
        if (_at >= _text.Length) return;
        char c = _text[_at++];
        switch (c)
        {
            case 'a': value.Append('\a'); break;
            case 'b': value.Append('\b'); break;
            case 'f': value.Append('\f'); break;
            case 'n': value.Append('\n'); break;
            case 'r': value.Append('\r'); break;
            case 't': value.Append('\t'); break;
            case 'v': value.Append('\v'); break;
            case 'x' when _at < _text.Length && char.IsAsciiHexDigit(_text[_at]): value.Append(Digits(16, 2)); break;
            case >= '0' and <= '7':
                _at--;
                value.Append(Digits(8, 3));
                break;
            case '\n': _line++; break;
            default: value.Append(c); break;
        }
    }

    private char Digits(int radix, int most)
    {
        int result = 0;
        for (int i = 0; i < most && _at < _text.Length; i++, _at++)
        {
            int digit = char.IsAsciiHexDigit(_text[_at]) ? Convert.ToInt32(_text[_at].ToString(), 16) : radix;
            if (digit >= radix) break;
            result = result * radix + digit;
        }
        return (char)(result & 255);
    }

    private void ScanEmbedded(int start, int line)
    {
        int end = _text.IndexOf("%}", _at + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            _at = _text.Length;
            _tokens.Add(new StapToken(TokenKind.Junk, "", source, start, line, Column(start)) { Problem = "Could not find matching '%}' to close embedded function block" });
            return;
        }
        StapToken token = Make(TokenKind.EmbeddedCode, _text[(_at + 2)..end], start, line);
        for (; _at < end + 2; _at++)
        {
            if (_text[_at] == '\n') _line++;
        }
        _tokens.Add(token);
    }

    private void ScanOperator(int start, int line)
    {
        foreach (string op in _operators)
        {
            if (!Ahead(op)) continue;
            _at += op.Length;
            _tokens.Add(Make(TokenKind.Operator, op, start, line));
            return;
        }
        char c = _text[_at++];
        if (c is > ' ' and < (char)127) _tokens.Add(Make(TokenKind.Operator, c.ToString(), start, line));
        else _tokens.Add(new StapToken(TokenKind.Junk, c.ToString(), source, start, line, Column(start)) { Problem = "expected a token" });
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (c == '\n')
            {
                _at++;
                _line++;
            }
            else if (c is ' ' or '\t' or '\r' or '\f' or '\v') _at++;
            else if (c == '#' || Ahead("//")) SkipLine();
            else if (Ahead("/*")) SkipComment();
            else return;
        }
    }

    private void SkipLine()
    {
        int end = _text.IndexOf('\n', _at);
        _at = end < 0 ? _text.Length : end;
    }

    private void SkipComment()
    {
        int end = _text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            int start = _at;
            _at = _text.Length;
            _tokens.Add(new StapToken(TokenKind.Junk, "", source, start, _line, Column(start)) { Problem = "unterminated comment" });
            return;
        }
        while (_at < end + 2)
        {
            if (_text[_at++] == '\n') _line++;
        }
    }

    private bool Ahead(string text) => string.CompareOrdinal(_text, _at, text, 0, text.Length) == 0;

    // A token may span lines: its column counts from the line that it begins in.
    private int Column(int offset) => offset == 0 ? 1 : offset - _text.LastIndexOf('\n', Math.Min(offset, _text.Length) - 1);

    private StapToken Make(TokenKind kind, string text, int start, int line) => new(kind, text, source, start, line, Column(start));
}
