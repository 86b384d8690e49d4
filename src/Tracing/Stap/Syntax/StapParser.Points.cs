using System.Text;

namespace Kennel.Tracing.Stap.Syntax;

/// <content>Probe points (man 3 stapprobes).</content>
internal sealed partial class StapParser
{
    /// <summary>Parses the text of one point, such as -l gets.</summary>
    public IReadOnlyList<ProbePoint> ParsePointText()
    {
        var points = new List<ProbePoint>();
        do points.AddRange(ParsePoints());
        while (Accept(","));
        if (Peek.Kind != TokenKind.End) throw Error("expected one of '. , ( ? ! { = +='");
        return points;
    }

    // One, or several by {a,b}.
    private List<ProbePoint> ParsePoints()
    {
        List<List<PointPart>> paths = ParsePaths();
        bool sufficient = false;
        bool optional = false;
        if (Accept("?")) optional = true;
        else if (Accept("!")) optional = sufficient = true;
        Expr? condition = null;
        if (Peek.IsKeyword("if"))
        {
            _at++;
            Expect("(");
            condition = ParseExpression();
            Expect(")");
        }
        StapToken token = Peek;
        if (!(token.Kind == TokenKind.Operator && token.Text is "," or "{" or "=" or "+=" or "}") && token.Kind != TokenKind.End)
            throw Error("expected one of '. , ( ? ! { = +='");
        return [.. paths.Select(p => new ProbePoint(p, optional, sufficient, condition))];
    }

    private List<List<PointPart>> ParsePaths()
    {
        List<List<PointPart>> paths = [[]];
        while (true)
        {
            if (Peek.IsOperator("{"))
            {
                // probe a.{b,c.d}
                _at++;
                var choices = new List<List<PointPart>>();
                do choices.AddRange(ParsePaths());
                while (Accept(","));
                Expect("}");
                paths = [.. paths.SelectMany(p => choices.Select(c => (List<PointPart>)[.. p, .. c]))];
            }
            else
            {
                PointPart part = ParsePart();
                foreach (List<PointPart> path in paths) path.Add(part);
            }
            if (!Accept(".")) return paths;
        }
    }

    private PointPart ParsePart()
    {
        StapToken first = Peek;
        if (!IsNamePiece(first)) throw Error("expected identifier or '*'");
        var name = new StringBuilder();
        int end = first.Offset;
        // Pieces without blanks between them are one name: exec*, *_foo.
        while (IsNamePiece(Peek) && (name.Length == 0 || Peek.Offset == end && Peek.Line == first.Line))
        {
            StapToken piece = Next();
            name.Append(piece.Text);
            end = piece.Offset + piece.Text.Length;
        }
        if (!Accept("(")) return new PointPart(first, name.ToString(), null, 0, false);
        Expr literal = ParseLiteral();
        if (!Peek.IsOperator(")")) throw Error("expected ')'");
        _at++;
        return literal is StringExpr text
            ? new PointPart(first, name.ToString(), text.Value, 0, true)
            : new PointPart(first, name.ToString(), null, ((NumberExpr)literal).Value, true);
    }

    private static bool IsNamePiece(StapToken token) => token.Kind is TokenKind.Identifier
        || token.Kind == TokenKind.Keyword && token.Text != "if"
        || token.IsOperator("*");
}
