using System.Globalization;
using System.Text;

namespace Kennel.Tracing.Stap.Syntax;

[Flags]
internal enum FormatFlags
{
    None = 0,
    Zero = 1,
    Plus = 2,
    Space = 4,
    Left = 8,
    Alternate = 16,
}

/// <summary>A piece of a format: literal text, or a conversion.</summary>
/// <param name="Conversion">The letter; 0 for literal text.</param>
/// <param name="Literal">The text, for literals.</param>
/// <param name="Flags">Flags.</param>
/// <param name="Width">Its width; -1 none.</param>
/// <param name="Precision">Its precision; -1 none.</param>
/// <param name="DynamicWidth">*: from an argument.</param>
/// <param name="DynamicPrecision">.*: from an argument.</param>
internal sealed record FormatPiece(char Conversion, string Literal, FormatFlags Flags, int Width, int Precision, bool DynamicWidth, bool DynamicPrecision)
{
    public bool IsLiteral => Conversion == '\0';

    public static FormatPiece Plain(char conversion) => new(conversion, "", FormatFlags.None, -1, -1, false, false);
}

/// <summary>A format of printf, cut into pieces.</summary>
internal sealed class FormatString(IReadOnlyList<FormatPiece> pieces, string text)
{
    /// <summary>As it is written.</summary>
    public string Text => text;

    public IReadOnlyList<FormatPiece> Pieces => pieces;

    /// <summary>The types of its arguments, in order.</summary>
    public IEnumerable<StapType> ArgumentTypes()
    {
        foreach (FormatPiece piece in pieces.Where(p => !p.IsLiteral))
        {
            if (piece.DynamicWidth) yield return StapType.Long;
            if (piece.DynamicPrecision) yield return StapType.Long;
            yield return piece.Conversion == 's' ? StapType.String : StapType.Long;
        }
    }

    public static FormatString Parse(StringExpr source)
    {
        string text = source.Value;
        var pieces = new List<FormatPiece>();
        var literal = new StringBuilder();
        for (int i = 0; i < text.Length;)
        {
            if (text[i] != '%')
            {
                literal.Append(text[i++]);
                continue;
            }
            if (++i >= text.Length) throw new StapSyntaxException("invalid or missing conversion specifier", source.At);
            if (text[i] == '%')
            {
                literal.Append('%');
                i++;
                continue;
            }
            if (literal.Length > 0) pieces.Add(Literal(literal));
            pieces.Add(Conversion(source, text, ref i));
        }
        if (literal.Length > 0) pieces.Add(Literal(literal));
        return new FormatString(pieces, text);
    }

    private static FormatPiece Literal(StringBuilder literal)
    {
        string text = literal.ToString();
        literal.Clear();
        return new FormatPiece('\0', text, FormatFlags.None, -1, -1, false, false);
    }

    private static FormatPiece Conversion(StringExpr source, string text, ref int i)
    {
        FormatFlags flags = FormatFlags.None;
        for (; i < text.Length; i++)
        {
            FormatFlags flag = text[i] switch
            {
                '0' => FormatFlags.Zero,
                '+' => FormatFlags.Plus,
                '-' => FormatFlags.Left,
                ' ' => FormatFlags.Space,
                '#' => FormatFlags.Alternate,
                _ => FormatFlags.None,
            };
            if (flag == FormatFlags.None) break;
            flags |= flag;
        }
        int width = Number(source, text, ref i, out bool dynamicWidth);
        int precision = -1;
        bool dynamicPrecision = false;
        if (i < text.Length && text[i] == '.')
        {
            i++;
            precision = Number(source, text, ref i, out dynamicPrecision);
            if (precision < 0) precision = 0;
        }
        while (i < text.Length && text[i] == 'l') i++;
        if (i >= text.Length) throw new StapSyntaxException("invalid or missing conversion specifier", source.At);
        char c = text[i++];
        if (c == 'i') c = 'd';
        if (!"duxXocspbmM".Contains(c)) throw new StapSyntaxException("invalid or missing conversion specifier", source.At);
        if (c == 'b' && !dynamicWidth && width is not (-1 or 1 or 2 or 4 or 8)) throw new StapSyntaxException("invalid width for %b: 1, 2, 4 or 8", source.At);
        return new FormatPiece(c, "", flags, width, precision, dynamicWidth, dynamicPrecision);
    }

    private static int Number(StringExpr source, string text, ref int i, out bool dynamic)
    {
        dynamic = i < text.Length && text[i] == '*';
        if (dynamic)
        {
            i++;
            return -1;
        }
        int start = i;
        while (i < text.Length && char.IsAsciiDigit(text[i])) i++;
        if (i == start) return -1;
        if (!int.TryParse(text.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value > 1 << 20)
            throw new StapSyntaxException("invalid or missing conversion specifier", source.At);
        return value;
    }
}
