namespace Kennel.Tracing.Stap.Syntax;

/// <content>Expressions, from the loosest operator to the tightest.</content>
internal sealed partial class StapParser
{
    private static readonly string[][] _levels =
    [
        ["||"], ["&&"], ["|"], ["^"], ["&"],
    ];

    private Expr ParseExpression() => Nested(ParseAssignment);

    private Expr ParseAssignment()
    {
        Expr left = ParseTernary();
        StapToken op = Peek;
        if (op.Kind != TokenKind.Operator
            || op.Text is not ("=" or "<<<" or "+=" or "-=" or "*=" or "/=" or "%=" or "<<=" or ">>=" or "&=" or "^=" or "|=" or ".=")) return left;
        _at++;
        return new AssignExpr(op, op.Text, left, ParseExpression());
    }

    private Expr ParseTernary()
    {
        Expr condition = ParseLevel(0);
        if (!Peek.IsOperator("?")) return condition;
        StapToken op = Next();
        Expr then = ParseExpression();
        if (!Accept(":")) throw Error("expected ':'");
        return new ConditionalExpr(op, condition, then, Nested(ParseTernary));
    }

    private Expr ParseLevel(int level)
    {
        if (level == _levels.Length) return ParseIn();
        Expr left = ParseLevel(level + 1);
        while (Peek.Kind == TokenKind.Operator && _levels[level].Contains(Peek.Text))
        {
            StapToken op = Next();
            left = Binary(op, left, ParseLevel(level + 1));
        }
        return left;
    }

    private Expr ParseIn()
    {
        IReadOnlyList<Expr?> keys;
        if (Accept("["))
        {
            keys = ParseKeys();
            if (!Peek.IsKeyword("in")) throw Error("expected 'in'");
        }
        else
        {
            Expr value = ParseComparison();
            if (!Peek.IsKeyword("in")) return value;
            keys = [value];
        }
        StapToken op = Next();
        return new MemberExpr(op, keys, ParseName());
    }

    // Behind [, up to ]; * gives null.
    private List<Expr?> ParseKeys()
    {
        var keys = new List<Expr?>();
        do
        {
            if (Peek.IsOperator("*") && (_tokens[_at + 1].IsOperator(",") || _tokens[_at + 1].IsOperator("]")))
            {
                _at++;
                keys.Add(null);
            }
            else keys.Add(ParseExpression());
        }
        while (Accept(","));
        if (!Accept("]")) throw Error("expected ',' or ']'");
        return keys;
    }

    private Expr ParseComparison()
    {
        Expr left = ParseShift();
        while (Peek.Kind == TokenKind.Operator && Peek.Text is ">" or "<" or "==" or "!=" or "<=" or ">=" or "=~" or "!~")
        {
            StapToken op = Next();
            if (op.Text is "=~" or "!~")
            {
                StapToken pattern = Peek;
                if (pattern.Kind != TokenKind.String) throw Error("expected string literal");
                Count(op);
                left = new RegexExpr(op, op.Text == "!~", left, ((StringExpr)ParseLiteral()).Value);
            }
            else left = Binary(op, left, ParseShift());
        }
        return left;
    }

    private Expr ParseShift()
    {
        Expr left = ParseConcatenation();
        while (Peek.IsOperator("<<") || Peek.IsOperator(">>"))
        {
            StapToken op = Next();
            left = Binary(op, left, ParseConcatenation());
        }
        return left;
    }

    private Expr ParseConcatenation()
    {
        Expr left = ParseSum();
        while (Peek.IsOperator("."))
        {
            StapToken op = Next();
            left = Binary(op, left, ParseSum());
        }
        return left;
    }

    private Expr ParseSum()
    {
        Expr left = ParseProduct();
        while (Peek.IsOperator("+") || Peek.IsOperator("-"))
        {
            StapToken op = Next();
            left = Binary(op, left, ParseProduct());
        }
        return left;
    }

    private Expr ParseProduct()
    {
        Expr left = ParseUnary();
        while (Peek.IsOperator("*") || Peek.IsOperator("/") || Peek.IsOperator("%"))
        {
            StapToken op = Next();
            left = Binary(op, left, ParseUnary());
        }
        return left;
    }

    private BinaryExpr Binary(StapToken op, Expr left, Expr right)
    {
        Count(op);
        return new BinaryExpr(op, op.Text, left, right);
    }

    // a + b + c + … nests to the left, without an end; what walks such trees goes as deep.
    private void Count(StapToken op)
    {
        if (++_operators > MostOperators) throw Error("expression too long", op);
    }

    private Expr ParseUnary()
    {
        StapToken op = Peek;
        if (op.Kind != TokenKind.Operator || op.Text is not ("+" or "-" or "!" or "~")) return ParseStep();
        _at++;
        Expr operand = Nested(ParseUnary);
        if (op.Text == "-" && operand is NumberExpr number && _tokens[_at - 2] == op) return new NumberExpr(op, unchecked(-number.Value));
        return new UnaryExpr(op, op.Text, operand);
    }

    private Expr ParseStep()
    {
        StapToken op = Peek;
        if (op.IsOperator("++") || op.IsOperator("--"))
        {
            _at++;
            return new StepExpr(op, op.Text == "++", true, ParsePostfix());
        }
        Expr value = ParsePostfix();
        op = Peek;
        if (!op.IsOperator("++") && !op.IsOperator("--")) return value;
        _at++;
        return new StepExpr(op, op.Text == "++", false, value);
    }

    // A value, and steps into what it points to.
    private Expr ParsePostfix()
    {
        StapToken first = Peek;
        bool address = Accept("&");
        Expr value = ParseValue();
        if (value is TargetExpr target)
        {
            IReadOnlyList<Step> steps = ParseSteps(true);
            return address || steps.Count > 0 || target.Steps.Count > 0 ? new TargetExpr(target.At, target.Kind, target.Name, target.Operand, target.Type, [.. target.Steps, .. steps], address) : target;
        }
        if (Peek.IsOperator("->")) return new TargetExpr(Peek, TargetKind.Expression, "", value, null, ParseSteps(true), address);
        if (address) throw Error("expected target symbol expression after '&'", first);
        return value;
    }

    private List<Step> ParseSteps(bool brackets)
    {
        var steps = new List<Step>();
        while (true)
        {
            StapToken token = Peek;
            if (Accept("->"))
            {
                StapToken member = Next();
                if (member.Kind is not (TokenKind.Identifier or TokenKind.Keyword)) throw Error("expected identifier", member);
                string name = member.Text.TrimEnd('$');
                int pretty = member.Text.Length - name.Length;
                if (name.Length > 0) steps.Add(new Step(member, name, null, 0));
                if (pretty > 0)
                {
                    steps.Add(new Step(member, null, null, pretty));
                    return steps;
                }
            }
            else if (brackets && Accept("["))
            {
                steps.Add(new Step(token, null, ParseExpression(), 0));
                Expect("]");
            }
            else if (token.Kind == TokenKind.Identifier && token.Text is "$" or "$$")
            {
                _at++;
                steps.Add(new Step(token, null, null, token.Text.Length));
                return steps;
            }
            else return steps;
        }
    }

    private Expr ParseValue()
    {
        StapToken token = Peek;
        if (token.Problem != null) throw Error(token.Problem);
        switch (token.Kind)
        {
            case TokenKind.End:
                throw Error("expected value");
            case TokenKind.EmbeddedCode:
                RequireGuru(token);
                _at++;
                return new ForeignExpr(token, "embedded C", token.Text);
            case TokenKind.Operator when token.Text == "(":
                _at++;
                Expr value = ParseExpression();
                if (!Accept(")")) throw Error("expected ')'");
                return value;
            case TokenKind.Identifier:
                return ParseSymbol();
            default:
                return ParseLiteral();
        }
    }

    private Expr ParseLiteral()
    {
        StapToken token = Next();
        if (token.Kind == TokenKind.String)
        {
            string text = token.Text;
            while (Peek.Kind == TokenKind.String) text += Next().Text;
            return new StringExpr(token, text);
        }
        bool negative = token.IsOperator("-");
        StapToken digits = negative ? Next() : token;
        if (digits.Kind != TokenKind.Number)
        {
            _at--;
            throw Error("expected literal string or number", digits);
        }
        if (!StapNumbers.TryParse(digits.Text, out long value)) throw Error("number invalid or out of range", digits);
        return new NumberExpr(token, negative ? unchecked(-value) : value);
    }
}
