using System.Globalization;

namespace Kennel.Tracing.D.Syntax;

/// <summary>The integer expression behind #if.</summary>
internal sealed class PreprocessorExpression
{
    private static string[][] Levels =>
        [["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<=", ">=", "<", ">"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]];

    private readonly List<string> _tokens = [];
    private readonly string[][] _levels = Levels;
    private readonly int _line;
    private int _next;

    private PreprocessorExpression(List<PpToken> tokens, int line)
    {
        _line = line;
        List<PpToken> solid = [.. tokens.Where(t => !t.IsBlank)];
        for (int i = 0; i < solid.Count; i++)
        {
            string two = i + 1 < solid.Count ? solid[i].Text + solid[i + 1].Text : "";
            bool pair = two is "||" or "&&" or "==" or "!=" or "<=" or ">=" or "<<" or ">>";
            _tokens.Add(pair ? two : solid[i].Text);
            if (pair) i++;
        }
    }

    private string Token => _next < _tokens.Count ? _tokens[_next] : "";

    public static long Evaluate(List<PpToken> tokens, int line)
    {
        var expression = new PreprocessorExpression(tokens, line);
        long value = expression.Conditional();
        return expression._next == expression._tokens.Count ? value : throw expression.Bad();
    }

    private long Conditional()
    {
        long condition = Binary(0);
        if (Token != "?") return condition;
        _next++;
        long yes = Conditional();
        if (Token != ":") throw Bad();
        _next++;
        long no = Conditional();
        return condition != 0 ? yes : no;
    }

    private long Binary(int level)
    {
        if (level == _levels.Length) return Unary();
        long left = Binary(level + 1);
        while (_levels[level].Contains(Token))
        {
            string op = _tokens[_next++];
            long right = Binary(level + 1);
            left = op switch
            {
                "||" => left != 0 || right != 0 ? 1 : 0,
                "&&" => left != 0 && right != 0 ? 1 : 0,
                "|" => left | right,
                "^" => left ^ right,
                "&" => left & right,
                "==" => left == right ? 1 : 0,
                "!=" => left != right ? 1 : 0,
                "<" => left < right ? 1 : 0,
                ">" => left > right ? 1 : 0,
                "<=" => left <= right ? 1 : 0,
                ">=" => left >= right ? 1 : 0,
                "<<" => left << (int)right,
                ">>" => left >> (int)right,
                "+" => left + right,
                "-" => left - right,
                "*" => left * right,
                _ when right == 0 => 0,
                "/" => right == -1 ? -left : left / right,
                _ => right == -1 ? 0 : left % right,
            };
        }
        return left;
    }

    private long Unary()
    {
        string token = Token;
        _next++;
        switch (token)
        {
            case "!": return Unary() == 0 ? 1 : 0;
            case "-": return -Unary();
            case "+": return Unary();
            case "~": return ~Unary();
            case "(":
                long value = Conditional();
                if (Token != ")") throw Bad();
                _next++;
                return value;
            case "": throw Bad();
        }
        if (char.IsAsciiLetter(token[0]) || token[0] == '_')
        {
            // An unknown name is 0; one that looks like a call takes its arguments along.
            if (Token != "(") return 0;
            for (int depth = 0; _next < _tokens.Count; _next++)
            {
                depth += Token == "(" ? 1 : Token == ")" ? -1 : 0;
                if (depth == 0) break;
            }
            _next++;
            return 0;
        }
        if (token.Length == 3 && token[0] == '\'') return token[1];
        string digits = token.TrimEnd('u', 'U', 'l', 'L');
        bool hex = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (long.TryParse(hex ? digits[2..] : digits, hex ? NumberStyles.HexNumber : NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return !hex && digits.Length > 1 && digits[0] == '0' && digits.All(c => c is >= '0' and <= '7') ? Convert.ToInt64(digits, 8) : number;
        }
        throw Bad();
    }

    private DCompileException Bad() => new("D_SYNTAX", _line, "invalid expression in #if");
}
