namespace Kennel.Tracing.Stap.Syntax;

/// <content>Names: variables, calls, @ operations, target variables.</content>
internal sealed partial class StapParser
{
    private Expr ParseSymbol()
    {
        StapToken token = Peek;
        if (token.Text[0] == '@') return ParseOperation();
        _at++;
        if (token.Text[0] == '$') return ParseTarget(token);
        if (Peek.IsOperator("("))
        {
            if (ParsePrint(token) is { } print) return print;
            _at++;
            List<Expr> arguments = ParseArguments();
            return new CallExpr(token, token.Text, arguments);
        }
        if (!Peek.IsOperator("[")) return new NameExpr(token, token.Text);
        _at++;
        return new IndexExpr(token, token.Text, ParseKeys());
    }

    private static TargetExpr ParseTarget(StapToken token)
    {
        string name = token.Text.TrimEnd('$');
        int pretty = token.Text.Length - name.Length;
        IReadOnlyList<Step> steps = pretty > 0 && name.Length > 0 ? [new Step(token, null, null, pretty)] : [];
        return new TargetExpr(token, TargetKind.Variable, name.Length == 0 ? token.Text : name, null, null, steps, false);
    }

    // Behind (, up to ).
    private List<Expr> ParseArguments()
    {
        var arguments = new List<Expr>();
        if (Accept(")")) return arguments;
        while (true)
        {
            arguments.Add(ParseExpression());
            if (Accept(")")) return arguments;
            if (!Accept(",")) throw Error("expected ',' or ')'");
        }
    }

    private PrintExpr? ParsePrint(StapToken token)
    {
        bool text = token.Text[0] == 's';
        PrintKind? kind = (text ? token.Text[1..] : token.Text) switch
        {
            "print" => PrintKind.Print,
            "printf" => PrintKind.Printf,
            "printd" => PrintKind.Printd,
            "println" => PrintKind.Println,
            "printdln" => PrintKind.Printdln,
            "print_char" when !text => PrintKind.Char,
            _ => null,
        };
        if (kind == null) return null;
        Expect("(");
        FormatString? format = null;
        StringExpr? delimiter = null;
        bool more = false;
        if (kind is PrintKind.Printf or PrintKind.Printd or PrintKind.Printdln)
        {
            if (Peek.Kind != TokenKind.String) throw Error(kind == PrintKind.Printf ? "expected format string" : "expected literal delimiter string");
            var literal = (StringExpr)ParseLiteral();
            if (kind == PrintKind.Printf) format = FormatString.Parse(literal);
            else delimiter = literal;
            more = Accept(",");
        }
        List<Expr> arguments = more || kind is PrintKind.Print or PrintKind.Println or PrintKind.Char ? ParseArguments() : [];
        if (!more && kind is not (PrintKind.Print or PrintKind.Println or PrintKind.Char))
        {
            if (kind != PrintKind.Printf) throw Error("expected ','");
            if (!Accept(")")) throw Error("expected ',' or ')'");
        }
        if (arguments.Count == 0 && kind is PrintKind.Print or PrintKind.Char && arguments.Count == 0) throw Error("expected expression");
        return new PrintExpr(token, kind.Value, text, format, delimiter, arguments);
    }

    private Expr ParseOperation()
    {
        StapToken token = Peek;
        switch (token.Text)
        {
            case "@count" or "@sum" or "@min" or "@max" or "@avg" or "@variance" or "@hist_log" or "@hist_linear":
                return ParseStatistic(true);
            case "@cast":
                return ParseCast();
            case "@var":
                return ParseVar();
            case "@defined":
                _at++;
                Expect("(");
                Expr operand = ParseExpression();
                Expect(")");
                return new DefinedExpr(token, operand);
            case "@choose_defined":
                _at++;
                Expect("(");
                Expr first = ParseExpression();
                Expect(",");
                Expr second = ParseExpression();
                Expect(")");
                return new ChooseDefinedExpr(token, first, second);
            case "@entry":
                _at++;
                Expect("(");
                Expr value = ParseExpression();
                Expect(")");
                return new EntryExpr(token, value);
            case "@const":
                _at++;
                Expect("(");
                StapToken text = Peek;
                if (text.Kind != TokenKind.String) throw Error("expected constant name");
                string name = ((StringExpr)ParseLiteral()).Value;
                Expect(")");
                return new ForeignExpr(token, "@const", name);
            case "@kderef" or "@uderef" or "@kregister" or "@uregister":
                // Size and address; or a register's number in DWARF.
                _at++;
                Expect("(");
                return new CallExpr(token, "__" + token.Text[1..], ParseArguments());
            case "@perf":
                _at++;
                Expect("(");
                string counter = ((StringExpr)ParseLiteral()).Value;
                Expect(")");
                return new ForeignExpr(token, "@perf", counter);
            default:
                throw Error("unknown or unterminated macro invocation");
        }
    }

    private TargetExpr ParseCast()
    {
        StapToken token = Next();
        Expect("(");
        Expr operand = ParseExpression();
        Expect(",");
        if (Peek.Kind != TokenKind.String) throw Error("expected string");
        string type = ((StringExpr)ParseLiteral()).Value;
        if (Accept(","))
        {
            if (Peek.Kind != TokenKind.String) throw Error("expected string");
            ParseLiteral();
        }
        Expect(")");
        return new TargetExpr(token, TargetKind.Cast, "", operand, type, [], false);
    }

    private TargetExpr ParseVar()
    {
        StapToken token = Next();
        Expect("(");
        if (Peek.Kind != TokenKind.String) throw Error("expected string");
        string name = ((StringExpr)ParseLiteral()).Value;
        if (Accept(",")) ParseLiteral();
        Expect(")");
        return new TargetExpr(token, TargetKind.Global, name.Split('@')[0], null, null, [], false);
    }

    private Expr ParseStatistic(bool mayIndex)
    {
        StapToken token = Next();
        Expect("(");
        Expr operand = ParseExpression();
        bool linear = token.Text == "@hist_linear";
        long[] bounds = [0, 0, 0];
        if (linear)
        {
            for (int i = 0; i < 3; i++)
            {
                Expect(",");
                bounds[i] = ParseNumber();
            }
        }
        if (token.Text is not ("@hist_log" or "@hist_linear"))
        {
            long parameter = token.Text == "@variance" && Accept(",") ? ParseNumber() : 0;
            Expect(")");
            return new StatExpr(token, token.Text, operand, parameter);
        }
        Expect(")");
        Expr? bucket = null;
        if (mayIndex && Accept("["))
        {
            bucket = ParseExpression();
            Expect("]");
        }
        return new HistogramExpr(token, linear, operand, bounds[0], bounds[1], bounds[2], bucket);
    }

    private long ParseNumber()
    {
        StapToken at = Peek;
        return ParseLiteral() is NumberExpr number ? number.Value : throw Error("expected number", at);
    }
}
