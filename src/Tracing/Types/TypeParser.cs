using System.Globalization;

namespace Kennel.Tracing.Types;

/// <summary>Reads a type that is written as an abstract declarator: "struct mm_struct *", "char[16]", "int (*)(void)".</summary>
public sealed class TypeParser
{
    private readonly List<string> _tokens;
    private readonly TypeTable _types;
    private int _next;

    private TypeParser(string text, TypeTable types)
    {
        _tokens = Split(text);
        _types = types;
    }

    private string Token => _next < _tokens.Count ? _tokens[_next] : "";

    /// <summary>The type, or null when the text is none.</summary>
    public static CType? Parse(string text, TypeTable types)
    {
        var parser = new TypeParser(text, types);
        if (parser.Specifier() is not { } specifier) return null;
        CType? type = parser.Declarator(specifier);
        return parser._next == parser._tokens.Count ? type : null;
    }

    private CType? Specifier()
    {
        List<string> words = [];
        CType? named = null;
        for (; ; _next++)
        {
            string token = Token;
            if (Qualifiers.Contains(token)) continue;
            if (IntegerWords.IsWord(token)) words.Add(token);
            else if (token is "struct" or "union" or "enum" && named == null && words.Count == 0)
            {
                _next++;
                if (!IsName(Token)) return null;
                named = _types.Tag(token, Token);
            }
            else if (named == null && words.Count == 0 && IsName(token) && _types.FindName(token) is { } type) named = type;
            else break;
        }
        return named ?? IntegerWords.Combine(words, _types);
    }

    private CType? Declarator(CType type)
    {
        while (Token == "*" || Qualifiers.Contains(Token))
        {
            if (Token == "*") type = _types.PointerTo(type);
            _next++;
        }
        if (Token == "(" && _next + 1 < _tokens.Count && _tokens[_next + 1] is "*" or "(" && Token == "(")
        {
            int inner = ++_next;
            int depth = 1;
            while (depth > 0)
            {
                if (_next >= _tokens.Count) return null;
                depth += Token == "(" ? 1 : Token == ")" ? -1 : 0;
                _next++;
            }
            CType? outer = Suffixes(type);
            if (outer == null) return null;
            int end = _next;
            _next = inner;
            CType? result = Declarator(outer);
            if (result == null || Token != ")") return null;
            _next = end;
            return result;
        }
        if (IsName(Token)) _next++;
        return Suffixes(type);
    }

    private CType? Suffixes(CType type)
    {
        if (Token == "[")
        {
            _next++;
            int count = -1;
            if (Token != "]")
            {
                string digits = Token;
                bool hex = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
                if (!int.TryParse(hex ? digits[2..] : digits, hex ? NumberStyles.HexNumber : NumberStyles.None, CultureInfo.InvariantCulture, out count)) return null;
                _next++;
            }
            if (Token != "]") return null;
            _next++;
            return Suffixes(type) is { } element ? new CArray(element, count) : null;
        }
        if (Token != "(") return type;
        _next++;
        List<CType> parameters = [];
        bool variadic = false;
        while (Token != ")")
        {
            if (Token == "...") (variadic, _next) = (true, _next + 1);
            else if (Specifier() is { } specifier && Declarator(specifier) is { } parameter) parameters.Add(parameter);
            else return null;
            if (Token == ",") _next++;
            else if (Token != ")") return null;
        }
        _next++;
        if (parameters is [CVoid]) parameters.Clear();
        return Suffixes(type) is { } result ? new CFunction(result, parameters, variadic) : null;
    }

    private static bool IsName(string token) => token.Length > 0 && (char.IsAsciiLetter(token[0]) || token[0] == '_');

    private static readonly System.Collections.Frozen.FrozenSet<string> Qualifiers = System.Collections.Frozen.FrozenSet.ToFrozenSet(["const", "volatile", "restrict", "__user", "__restrict", "register", "static", "extern", "userland"]);

    private static List<string> Split(string text)
    {
        List<string> tokens = [];
        for (int i = 0; i < text.Length;)
        {
            int start = i;
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }
            if (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_')
            {
                while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_')) i++;
            }
            else i += text.AsSpan(i).StartsWith("...") ? 3 : 1;
            tokens.Add(text[start..i]);
        }
        return tokens;
    }
}

/// <summary>The words that make up C's own types: "unsigned long int".</summary>
public static class IntegerWords
{
    public static bool IsWord(string word) => word is "void" or "char" or "short" or "int" or "long" or "signed" or "unsigned" or "float" or "double" or "_Bool";

    /// <summary>The type of some words, in any order; null when they do not go together.</summary>
    public static CType? Combine(IReadOnlyCollection<string> words, TypeTable types)
    {
        int longs = words.Count(w => w == "long");
        bool unsigned = words.Contains("unsigned"), signed = words.Contains("signed");
        string rest = string.Join(' ', words.Where(w => w is not ("long" or "unsigned" or "signed" or "int")));
        bool hasInt = words.Contains("int");
        if (words.Count == 0 || longs > 2 || (unsigned && signed) || words.Count(w => w == "int") > 1) return null;
        bool plain = longs == 0 && !unsigned && !signed && !hasInt;
        return rest switch
        {
            "" when longs == 0 => unsigned ? types.UnsignedInt : types.Int,
            "" when longs == 1 => unsigned ? types.UnsignedLong : types.Long,
            "" => unsigned ? types.UnsignedLongLong : types.LongLong,
            "char" when longs == 0 && !hasInt => unsigned ? types.UnsignedChar : signed ? types.SignedChar : types.Char,
            "short" when longs == 0 => unsigned ? types.UnsignedShort : types.Short,
            "void" when plain => types.Void,
            "_Bool" when plain => types.Bool,
            "float" when plain => types.Float,
            "double" when longs == 1 && !unsigned && !signed => types.LongDouble,
            "double" when plain => types.Double,
            _ => null,
        };
    }
}
