namespace Kennel.Tracing.Stap.Syntax;

/// <content>Statements.</content>
internal sealed partial class StapParser
{
    private BlockStmt ParseBlock()
    {
        StapToken open = Expect("{");
        var statements = new List<Stmt>();
        while (!Peek.IsOperator("}"))
        {
            if (Peek.Kind == TokenKind.End) throw Error("expected '}'");
            statements.Add(Nested(ParseStatement));
        }
        _at++;
        return new BlockStmt(open, statements);
    }

    private Stmt ParseStatement()
    {
        _operators = 0;
        StapToken token = Peek;
        if (token.Problem != null) throw Error(token.Problem);
        if (token.IsOperator(";"))
        {
            _at++;
            return new EmptyStmt(token);
        }
        if (token.IsOperator("{")) return ParseBlock();
        if (token.Kind == TokenKind.Keyword) return ParseKeywordStatement(token);
        if (token.Kind == TokenKind.EmbeddedCode)
        {
            RequireGuru(token);
            _at++;
            return new ExprStmt(token, new ForeignExpr(token, "embedded C", token.Text));
        }
        Expr value = ParseExpression();
        Accept(";");
        return new ExprStmt(value.At, value);
    }

    private Stmt ParseKeywordStatement(StapToken token)
    {
        _at++;
        switch (token.Text)
        {
            case "if":
                return ParseIf(token);
            case "for":
                return ParseFor(token);
            case "foreach":
                return ParseForeach(token);
            case "while":
                Expect("(");
                Expr condition = ParseExpression();
                Expect(")");
                return new ForStmt(token, null, condition, null, Nested(ParseStatement));
            case "return":
                if (!_inFunction) throw Error("found 'return' not in function context", token);
                return ParseReturn(token);
            case "delete":
                return new DeleteStmt(token, ParseExpression());
            case "break":
                return new JumpStmt(token, JumpKind.Break);
            case "continue":
                return new JumpStmt(token, JumpKind.Continue);
            case "next":
                return new JumpStmt(token, JumpKind.Next);
            case "try":
                return ParseTry(token);
            default:
                _at--;
                throw Error("expected statement", token);
        }
    }

    private IfStmt ParseIf(StapToken start)
    {
        Expect("(");
        Expr condition = ParseExpression();
        Expect(")");
        Stmt then = Nested(ParseStatement);
        Stmt? otherwise = null;
        // A lone ; before else belongs to the branch.
        int mark = _at;
        while (Peek.IsOperator(";")) _at++;
        if (Peek.IsKeyword("else"))
        {
            _at++;
            otherwise = Nested(ParseStatement);
        }
        else _at = mark;
        return new IfStmt(start, condition, then, otherwise);
    }

    private ForStmt ParseFor(StapToken start)
    {
        Expect("(");
        Expr? first = Peek.IsOperator(";") ? null : ParseExpression();
        Expect(";");
        Expr? condition = Peek.IsOperator(";") ? null : ParseExpression();
        Expect(";");
        Expr? step = Peek.IsOperator(")") ? null : ParseExpression();
        Expect(")");
        return new ForStmt(start, first, condition, step, Nested(ParseStatement));
    }

    private ReturnStmt ParseReturn(StapToken start)
    {
        StapToken next = Peek;
        bool nothing = next.IsOperator(";") || next.IsOperator("}") || next.Kind == TokenKind.Keyword || next.Kind == TokenKind.End;
        return new ReturnStmt(start, nothing ? null : ParseExpression());
    }

    private TryStmt ParseTry(StapToken start)
    {
        BlockStmt body = ParseBlock();
        if (!Peek.IsKeyword("catch")) throw Error("expected 'catch'");
        _at++;
        NameExpr? message = null;
        if (Accept("("))
        {
            StapToken name = Next();
            if (name.Kind != TokenKind.Identifier) throw Error("expected identifier", name);
            message = new NameExpr(name, name.Text);
            Expect(")");
        }
        return new TryStmt(start, body, message, ParseBlock());
    }

    private ForeachStmt ParseForeach(StapToken start)
    {
        Expect("(");
        NameExpr? value = null;
        if (Peek.Kind == TokenKind.Identifier && _tokens[_at + 1].IsOperator("="))
        {
            value = ParseName();
            _at++;
        }
        var keys = new List<NameExpr>();
        int direction = 0;
        int column = 0;
        bool bracket = Accept("[");
        do
        {
            keys.Add(ParseName());
            int sign = ParseSign();
            if (sign == 0) continue;
            if (direction != 0) throw Error("multiple sort directives");
            direction = sign;
            column = keys.Count;
        }
        while (bracket && Accept(","));
        if (bracket && !Accept("]")) throw Error("expected ',' or ']'");
        if (!Peek.IsKeyword("in")) throw Error("expected 'in'");
        _at++;
        (NameExpr? array, HistogramExpr? histogram, IReadOnlyList<Expr?>? slice) = ParseIterated();
        string? figure = null;
        if (Peek.Kind == TokenKind.Identifier && Peek.Text is "@count" or "@sum" or "@min" or "@max" or "@avg" or "@variance")
        {
            figure = Next().Text;
            if (!Peek.IsOperator("+") && !Peek.IsOperator("-")) throw Error("expected sort directive");
        }
        int last = ParseSign();
        if (last != 0)
        {
            if (direction != 0) throw Error("multiple sort directives");
            direction = last;
            column = 0;
        }
        Expr? limit = null;
        if (Peek.IsKeyword("limit"))
        {
            _at++;
            limit = ParseExpression();
        }
        Expect(")");
        return new ForeachStmt(start)
        {
            Keys = keys,
            Value = value,
            Array = array,
            Histogram = histogram,
            Slice = slice,
            Direction = direction,
            SortColumn = column,
            SortFigure = figure,
            Limit = limit,
            Body = Nested(ParseStatement),
        };
    }

    private (NameExpr? Array, HistogramExpr? Histogram, IReadOnlyList<Expr?>? Slice) ParseIterated()
    {
        if (Peek.Kind == TokenKind.Identifier && Peek.Text is "@hist_log" or "@hist_linear") return (null, (HistogramExpr)ParseStatistic(false), null);
        NameExpr array = ParseName();
        return Accept("[") ? (array, null, ParseKeys()) : (array, null, null);
    }

    private int ParseSign() => Accept("+") ? 1 : Accept("-") ? -1 : 0;

    private NameExpr ParseName()
    {
        StapToken name = Next();
        if (name.Kind != TokenKind.Identifier || name.Text[0] is '$' or '@') throw Error("expected identifier", name);
        return new NameExpr(name, name.Text);
    }
}
