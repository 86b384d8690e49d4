using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Syntax;

/// <summary>Expressions: C's, with ^^, aggregations, and functions of D.</summary>
internal sealed partial class Parser
{
    private static string[][] BinaryLevels =>
        [["||"], ["^^"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", "<=", ">", ">="], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]];

    private readonly string[][] _levels = BinaryLevels;

    private Node Expression()
    {
        Node left = Assignment();
        while (lexer.Peek().Is(","))
        {
            int line = lexer.Take().Line;
            left = new CommaNode(line, left, Assignment());
        }
        return left;
    }

    private Node Assignment()
    {
        Deeper();
        Node left = Conditional();
        Token token = lexer.Peek();
        if (token.Kind == TokenKind.Operator && token.Text is "=" or "+=" or "-=" or "*=" or "/=" or "%=" or "&=" or "|=" or "^=" or "<<=" or ">>=")
        {
            lexer.Take();
            left = new AssignNode(token.Line, token.Text, left, Assignment());
        }
        _depth--;
        return left;
    }

    private Node Conditional()
    {
        Node condition = Binary(0);
        if (!lexer.Peek().Is("?")) return condition;
        int line = lexer.Take().Line;
        Deeper();
        // Between ? and : no predicate can end.
        bool inPredicate = lexer.InPredicate;
        Node yes = Expression();
        Expect(":");
        Node no = Assignment();
        lexer.InPredicate = inPredicate;
        _depth--;
        return new ConditionalNode(line, condition, yes, no);
    }

    private Node Binary(int level)
    {
        if (level == _levels.Length) return Unary();
        Node left = Binary(level + 1);
        while (lexer.Peek() is { Kind: TokenKind.Operator } token && Array.IndexOf(_levels[level], token.Text) >= 0)
        {
            lexer.Take();
            left = new BinaryNode(token.Line, token.Text, left, Binary(level + 1));
        }
        return left;
    }

    private Node Unary()
    {
        Deeper();
        Token token = lexer.Peek();
        Node result;
        if (token.Kind == TokenKind.Operator && token.Text is "!" or "~" or "-" or "+" or "*" or "&")
        {
            lexer.Take();
            result = new UnaryNode(token.Line, token.Text, Unary());
        }
        else if (token.Kind == TokenKind.Operator && token.Text is "++" or "--")
        {
            lexer.Take();
            result = new StepNode(token.Line, Unary(), token.Text == "++" ? 1 : -1, false);
        }
        else if (token.IsName("sizeof")) result = Sizeof();
        else if (token.Is("(") && TryCast(out CType? type))
        {
            result = new CastNode(token.Line, type, Unary());
        }
        else result = Postfix(Primary());
        _depth--;
        return result;
    }

    private bool TryCast([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CType? type)
    {
        (int At, int Line) mark = lexer.Mark();
        lexer.Take();
        type = null;
        if (!StartsType(lexer.Peek()))
        {
            lexer.Return(mark);
            return false;
        }
        type = TypeName();
        Expect(")");
        return true;
    }

    private Node Sizeof()
    {
        int line = lexer.Take().Line;
        (int At, int Line) mark = lexer.Mark();
        if (lexer.Peek().Is("("))
        {
            lexer.Take();
            if (StartsType(lexer.Peek()))
            {
                CType type = TypeName();
                Expect(")");
                return new SizeofTypeNode(line, type);
            }
            lexer.Return(mark);
        }
        return new SizeofNode(line, Unary());
    }

    private Node Primary()
    {
        Token token = lexer.Take();
        switch (token.Kind)
        {
            case TokenKind.Integer:
                return new IntegerNode(token.Line, (long)token.Number, token.Type!);
            case TokenKind.Text:
                // Adjacent strings are one: macros make them.
                string text = token.Text;
                while (lexer.Peek().Kind == TokenKind.Text) text += lexer.Take().Text;
                return new TextNode(token.Line, text);
            case TokenKind.Macro:
                return new TargetNode(token.Line);
            case TokenKind.Aggregation:
                return new AggregationNode(token.Line, token.Text, lexer.Peek().Is("[") ? Keys() : []);
            case TokenKind.Name:
                return Name(token);
        }
        if (!token.Is("(")) throw Unexpected(token);
        bool inPredicate = lexer.InPredicate;
        lexer.InPredicate = false;
        Node inner = Expression();
        Token close = lexer.Take();
        lexer.InPredicate = inPredicate;
        return close.Is(")") ? inner : throw Unexpected(close);
    }

    private Node Name(Token token)
    {
        int line = token.Line;
        int tick = token.Text.LastIndexOf('`');
        if (tick >= 0) return new ExternalNode(line, token.Text[..tick], token.Text[(tick + 1)..]);
        switch (token.Text)
        {
            case "self" or "this":
                if (!lexer.Peek().Is("->")) throw Unexpected(lexer.Peek());
                lexer.Take();
                return new NameNode(line, token.Text == "self" ? Scope.Thread : Scope.Clause, ExpectName());
            case "offsetof":
                Expect("(");
                CType outer = TypeName();
                Expect(",");
                string member = ExpectName();
                Expect(")");
                return new OffsetofNode(line, outer, member);
            case "xlate":
                Expect("<");
                CType type = TypeName();
                Expect(">");
                Expect("(");
                Node operand = Expression();
                Expect(")");
                return new TranslateNode(line, type, operand);
            case "stringof":
                return new CallNode(line, "stringof", lexer.Peek().Is("(") ? Arguments() : [Unary()]);
        }
        if (_reserved.Contains(token.Text) || DeclarationWords.Contains(token.Text) || IntegerWords.IsWord(token.Text)) throw Unexpected(token);
        return lexer.Peek().Is("(") ? new CallNode(line, token.Text, Arguments()) : new NameNode(line, Scope.Global, token.Text);
    }

    private Node Postfix(Node node)
    {
        while (true)
        {
            Token token = lexer.Peek();
            if (token.Is("[")) node = new IndexNode(token.Line, node, Keys());
            else if (token.Is(".") || token.Is("->"))
            {
                lexer.Take();
                node = new MemberNode(token.Line, node, ExpectName(), token.Text == "->");
            }
            else if (token.Is("++") || token.Is("--"))
            {
                lexer.Take();
                node = new StepNode(token.Line, node, token.Text == "++" ? 1 : -1, true);
            }
            else if (token.Is("(")) throw new DCompileException("D_FUNC_IDENT", token.Line, "function designator is not of function type");
            else return node;
        }
    }

    private List<Node> Keys()
    {
        Expect("[");
        return List("]");
    }

    private List<Node> Arguments()
    {
        Expect("(");
        return List(")");
    }

    private List<Node> List(string end)
    {
        bool inPredicate = lexer.InPredicate;
        lexer.InPredicate = false;
        List<Node> nodes = [];
        if (!lexer.Peek().Is(end))
        {
            do
            {
                if (nodes.Count > 0) lexer.Take();
                nodes.Add(Assignment());
            }
            while (lexer.Peek().Is(","));
        }
        Token close = lexer.Take();
        if (!close.Is(end)) throw Unexpected(close);
        lexer.InPredicate = inPredicate;
        return nodes;
    }
}
