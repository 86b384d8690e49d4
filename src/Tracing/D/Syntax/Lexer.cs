using System.Globalization;
using System.Text;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Syntax;

/// <summary>
/// Tokens of D. Outside of clauses a token may be a probe description, which is read by <see cref="TakeProbeDescription"/>;
/// everywhere else <see cref="Take"/> gives the tokens of C, with D's additions.
/// </summary>
internal sealed class Lexer(string text, ScriptArguments arguments, TypeTable types)
{
    private readonly string _text = text.StartsWith("#!", StringComparison.Ordinal) ? "// " + text[2..] : text;
    private int _at, _line = 1;
    private Token? _peeked;
    private (int At, int Line) _before;

    /// <summary>The #pragma lines, as they come.</summary>
    public event Action<string, int>? Pragma;

    /// <summary>Whether a slash may end a predicate.</summary>
    public bool InPredicate { get; set; }

    public int Line => _peeked?.Line ?? _line;

    public Token Peek()
    {
        if (_peeked == null)
        {
            _before = (_at, _line);
            _peeked = Read();
        }
        return _peeked.Value;
    }

    public Token Take()
    {
        Token token = Peek();
        _peeked = null;
        return token;
    }

    /// <summary>A point to come back to.</summary>
    public (int At, int Line) Mark() => _peeked != null ? _before : (_at, _line);

    /// <summary>Comes back to a point.</summary>
    public void Return((int At, int Line) mark)
    {
        _peeked = null;
        (_at, _line) = mark;
    }

    /// <summary>The word of a probe description that comes next; empty when none does. It is not taken yet.</summary>
    public string PeekWord()
    {
        Return(Mark());
        SkipBlanks();
        int end = _at;
        while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || "-$:_.?*\\[]!`".Contains(_text[end], StringComparison.Ordinal))) end++;
        return _text[_at..end];
    }

    /// <summary>Takes a probe description; macro variables in it are replaced as text.</summary>
    public string TakeProbeDescription()
    {
        string word = PeekWord();
        _at += word.Length;
        if (!word.Contains('$', StringComparison.Ordinal)) return word;
        var result = new StringBuilder();
        for (int i = 0; i < word.Length; i++)
        {
            if (word[i] != '$')
            {
                result.Append(word[i]);
                continue;
            }
            int start = i + 1;
            if (start < word.Length && word[start] == '$') start++;
            int end = start;
            if (end < word.Length && char.IsAsciiDigit(word[end]))
            {
                while (end < word.Length && char.IsAsciiDigit(word[end])) end++;
            }
            else
            {
                while (end < word.Length && (char.IsAsciiLetter(word[end]) || word[end] == '_')) end++;
            }
            result.Append(arguments.Resolve(word[start..end], _line) ?? "0");
            i = end - 1;
        }
        return result.ToString();
    }

    private void SkipBlanks()
    {
        for (; _at < _text.Length;)
        {
            char c = _text[_at];
            if (c == '\n')
            {
                _line++;
                _at++;
            }
            else if (char.IsWhiteSpace(c) || c == '\0') _at++;
            else if (c == '#' && IsLineStart()) ControlLine();
            else if (c == '/' && _at + 1 < _text.Length && _text[_at + 1] == '*')
            {
                int end = _text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                if (end < 0) throw new DCompileException("D_SYNTAX", _line, "end-of-file encountered before matching */");
                _line += _text.AsSpan(_at, end - _at).Count('\n');
                _at = end + 2;
            }
            else if (c == '/' && _at + 1 < _text.Length && _text[_at + 1] == '/') SkipLine();
            else return;
        }
    }

    private void SkipLine()
    {
        while (_at < _text.Length && _text[_at] != '\n') _at++;
    }

    private bool IsLineStart()
    {
        int i = _at - 1;
        while (i >= 0 && _text[i] != '\n' && char.IsWhiteSpace(_text[i])) i--;
        return i < 0 || _text[i] == '\n';
    }

    private void ControlLine()
    {
        int start = _at + 1;
        SkipLine();
        string line = _text[start.._at].Trim();
        if (line.StartsWith("pragma", StringComparison.Ordinal)) Pragma?.Invoke(line["pragma".Length..].Trim(), _line);
        else if (line.StartsWith("line", StringComparison.Ordinal) || (line.Length > 0 && char.IsAsciiDigit(line[0])))
        {
            string digits = new([.. line.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(char.IsAsciiDigit)]);
            if (int.TryParse(digits, CultureInfo.InvariantCulture, out int number)) _line = number - 1;
        }
        else if (line.Length > 0 && !line.StartsWith('!') && !line.StartsWith("ident", StringComparison.Ordinal) && !line.StartsWith("error", StringComparison.Ordinal))
        {
            throw new DCompileException("D_PRAGCTL_INVAL", _line, $"invalid control directive: #{line.Split(' ', '\t')[0]}");
        }
        else if (line.StartsWith("error", StringComparison.Ordinal)) throw new DCompileException("D_PRAGERR", _line, "#error: " + line[5..].Trim());
    }

    private Token Read()
    {
        SkipBlanks();
        if (_at >= _text.Length) return new(TokenKind.End, "", _line);
        char c = _text[_at];
        if (char.IsAsciiDigit(c)) return Integer();
        if (char.IsAsciiLetter(c) || c is '_' or '`') return new(TokenKind.Name, Word(), _line);
        switch (c)
        {
            case '@':
                _at++;
                return new(TokenKind.Aggregation, Word() is { Length: > 0 } name ? name : "_", _line);
            case '"' or '\'':
                return Quoted(c);
            case '$':
                return Macro();
            case '/' when InPredicate && EndsPredicate():
                _at++;
                return new(TokenKind.PredicateEnd, "/", _line);
        }
        foreach (string op in Operators)
        {
            if (string.CompareOrdinal(_text, _at, op, 0, op.Length) != 0) continue;
            _at += op.Length;
            return new(TokenKind.Operator, op, _line);
        }
        throw new DCompileException("D_SYNTAX", _line, $"syntax error near \"{c}\"");
    }

    private string Word()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '`')) _at++;
        return _text[start.._at];
    }

    private bool EndsPredicate()
    {
        (int at, int line) = (_at, _line);
        _at++;
        SkipBlanks();
        bool ends = _at >= _text.Length || _text[_at] is '{' or ';' or '/';
        (_at, _line) = (at, line);
        return ends;
    }

    private Token Integer()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_')) _at++;
        return Integer(_text[start.._at]);
    }

    private Token Integer(string word)
    {
        string digits = word.TrimEnd('u', 'U', 'l', 'L');
        string suffix = word[digits.Length..].ToLowerInvariant();
        bool hex = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase), octal = !hex && digits.Length > 1 && digits[0] == '0';
        if (hex) digits = digits[2..];
        UInt128 value = 0;
        uint radix = hex ? 16u : octal ? 8u : 10u;
        foreach (char d in digits)
        {
            uint digit = char.IsAsciiDigit(d) ? (uint)(d - '0') : char.IsAsciiHexDigit(d) ? (uint)(char.ToLowerInvariant(d) - 'a' + 10) : 99;
            if (digit >= radix) throw new DCompileException("D_INT_DIGIT", _line, $"invalid digit '{d}' in {(hex ? "hexadecimal" : octal ? "octal" : "decimal")} constant");
            value = (value * radix) + digit;
            if (value > ulong.MaxValue) throw new DCompileException("D_INT_OFLOW", _line, $"integer constant {word} cannot be represented in any built-in integral type");
        }
        if (digits.Length == 0) throw new DCompileException("D_INT_DIGIT", _line, $"invalid integer constant {word}");
        if (suffix is not ("" or "u" or "l" or "ul" or "lu" or "ll" or "ull" or "llu")) throw new DCompileException("D_INT_DIGIT", _line, $"invalid suffix in constant {word}");
        int longs = suffix.Count(ch => ch == 'l');
        bool mayBeUnsigned = hex || octal || suffix.Contains('u', StringComparison.Ordinal), mustBeUnsigned = suffix.Contains('u', StringComparison.Ordinal);
        CType type =
            longs == 0 && !mustBeUnsigned && value <= int.MaxValue ? types.Int :
            longs == 0 && mayBeUnsigned && value <= uint.MaxValue ? types.UnsignedInt :
            longs <= 1 && !mustBeUnsigned && value <= long.MaxValue ? types.Long :
            longs <= 1 && (mayBeUnsigned || longs == 0) && mayBeUnsigned ? types.UnsignedLong :
            !mustBeUnsigned && value <= long.MaxValue ? types.LongLong : types.UnsignedLongLong;
        return new(TokenKind.Integer, word, _line) { Number = (ulong)value, Type = type };
    }

    private Token Macro()
    {
        int line = _line;
        _at++;
        bool quoted = _at < _text.Length && _text[_at] == '$';
        if (quoted) _at++;
        int start = _at;
        if (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at])) _at++;
        }
        else Word();
        string name = _text[start.._at];
        if (name.Length == 0) throw new DCompileException("D_SYNTAX", line, "syntax error near \"$\"");
        if (name == "target" && !quoted) return new(TokenKind.Macro, name, line);
        string? value = arguments.Resolve(name, line);
        if (quoted) return new(TokenKind.Text, value ?? "", line);
        if (value == null) return new(TokenKind.Integer, "0", line) { Type = types.Int };
        if (value.Length > 0 && (char.IsAsciiDigit(value[0]) || (value[0] is '-' or '+' && value.Length > 1 && char.IsAsciiDigit(value[1]))))
        {
            bool negative = value[0] == '-';
            Token number = Integer(value.TrimStart('-', '+'));
            return negative ? number with { Number = 0 - number.Number, Type = number.Type!.Size < 8 ? types.Int : types.Long } : number;
        }
        bool isName = value.Length > 0 && !char.IsAsciiDigit(value[0]) && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '`');
        if (isName) return new(TokenKind.Name, value, line);
        return new(TokenKind.Text, value.Length > 1 && value[0] == '"' && value[^1] == '"' ? Unescape(value[1..^1], '"') : value, line);
    }

    private Token Quoted(char quote)
    {
        int start = ++_at;
        while (_at < _text.Length && _text[_at] != quote && _text[_at] != '\n') _at += _text[_at] == '\\' ? 2 : 1;
        string what = quote == '"' ? "string" : "character";
        if (_at >= _text.Length) throw new DCompileException(quote == '"' ? "D_STR_NL" : "D_CHR_NL", _line, $"end-of-file encountered before end of {what} constant");
        if (_text[_at] == '\n') throw new DCompileException(quote == '"' ? "D_STR_NL" : "D_CHR_NL", _line, $"newline encountered in {what} constant");
        string body = Unescape(_text[start.._at], quote);
        _at++;
        if (quote == '"') return new(TokenKind.Text, body, _line);
        if (body.Length == 0) throw new DCompileException("D_CHR_NULL", _line, "empty character constant");
        if (body.Length > 8) throw new DCompileException("D_CHR_OFLOW", _line, "character constant is too long");
        ulong packed = body.Length == 1 ? (ulong)(sbyte)body[0] : body.Aggregate(0UL, (n, ch) => (n << 8) | (byte)ch);
        return new(TokenKind.Integer, body, _line) { Number = packed, Type = body.Length > 4 ? types.UnsignedLong : types.Int };
    }

    /// <summary>C's escapes; an unknown one keeps its backslash.</summary>
    private static string Unescape(string text, char quote)
    {
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var result = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 >= text.Length)
            {
                result.Append(text[i]);
                continue;
            }
            char c = text[++i];
            int known = "abfnrtv\"\\'".IndexOf(c, StringComparison.Ordinal);
            if (known >= 0 && (c != '\'' || quote == '\'')) result.Append("\a\b\f\n\r\t\v\"\\'"[known]);
            else if (c is >= '0' and <= '7')
            {
                int value = 0, end = Math.Min(i + 3, text.Length);
                for (; i < end && text[i] is >= '0' and <= '7'; i++) value = (value * 8) + text[i] - '0';
                i--;
                result.Append((char)(byte)value);
            }
            else if (c == 'x' && i + 1 < text.Length && char.IsAsciiHexDigit(text[i + 1]))
            {
                int value = 0;
                for (i++; i < text.Length && char.IsAsciiHexDigit(text[i]); i++) value = (value << 4) | Convert.ToInt32(text[i].ToString(), 16);
                i--;
                result.Append((char)(byte)value);
            }
            else if (c == '\n') continue;
            else result.Append('\\').Append(c);
        }
        return result.ToString();
    }

    private static string[] Operators =>
    [
        "<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "^^", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
        "+", "-", "*", "/", "%", "&", "|", "^", "~", "!", "<", ">", "=", "?", ":", ",", ";", ".", "(", ")", "[", "]", "{", "}",
    ];
}
