using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Syntax;

/// <summary>Reads a D program: declarations and clauses, in their order.</summary>
internal sealed partial class Parser(Lexer lexer, TypeTable types, bool isFile)
{
    private const int Deepest = 256;

    private static string[] Reserved => ["break", "case", "continue", "default", "do", "else", "for", "goto", "if", "import", "probe", "return", "switch", "while"];

    private readonly HashSet<string> _reserved = [.. Reserved.Where(w => w is not ("if" or "probe"))];
    private readonly List<Item> _items = [];
    private readonly Dictionary<string, CType> _typedefs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _tags = [];
    private int _depth;

    /// <summary>All items; what is declared on the way is in the type table.</summary>
    public IReadOnlyList<Item> Program()
    {
        while (true)
        {
            string word = lexer.PeekWord();
            if (word.Length == 0)
            {
                if (lexer.Peek().Kind == TokenKind.End) return _items;
                if (!lexer.Peek().Is(";")) throw Unexpected(lexer.Peek());
                lexer.Take();
            }
            else if (IsDeclaration(word)) Declaration();
            else _items.Add(Clause());
        }
    }

    private bool IsDeclaration(string word)
    {
        if (word is "BEGIN" or "END" or "ERROR") return false;
        int star = word.IndexOfAny(['*', '[']);
        string name = star < 0 ? word : word[..star];
        if (name.IndexOfAny([':', '-', '.', '?', '!', '`', '$', '\\', ']']) >= 0) return false;
        return DeclarationWords.Contains(name) || IntegerWords.IsWord(name) || types.FindName(name) != null;
    }

    private static string[] DeclarationWords =>
        ["inline", "translator", "provider", "typedef", "struct", "union", "enum", "self", "this", "const", "volatile", "extern", "static", "string", "auto", "register", "restrict", "userland"];

    private ClauseItem Clause()
    {
        int line = lexer.Line;
        List<string> probes = [];
        do
        {
            if (probes.Count > 0) lexer.Take();
            string probe = lexer.TakeProbeDescription();
            line = probes.Count == 0 ? lexer.Line : line;
            // A list may end in a comma.
            if (probe.Length == 0)
            {
                if (probes.Count == 0 || !lexer.Peek().Is("{")) throw Unexpected(lexer.Peek());
                break;
            }
            probes.Add(probe);
            line = lexer.Line;
        }
        while (lexer.Peek().Is(","));

        Node? predicate = null;
        if (lexer.Peek().Is("/"))
        {
            lexer.Take();
            lexer.InPredicate = true;
            predicate = Expression();
            Token end = lexer.Peek();
            if (end.Kind != TokenKind.PredicateEnd) throw Unexpected(end);
            lexer.InPredicate = false;
            lexer.Take();
            if (!lexer.Peek().Is("{"))
            {
                if (lexer.Peek().Is(";")) lexer.Take();
                return new ClauseItem(line, probes, predicate, []);
            }
        }
        else if (!lexer.Peek().Is("{"))
        {
            if (isFile) throw new DCompileException("D_SYNTAX", lexer.Peek().Line, "expected predicate and/or actions following probe description");
            if (lexer.Peek().Is(";")) lexer.Take();
            return new ClauseItem(line, probes, null, []);
        }
        return new ClauseItem(line, probes, predicate, Block());
    }

    private List<Statement> Block()
    {
        Expect("{");
        List<Statement> body = [];
        while (!lexer.Peek().Is("}"))
        {
            if (lexer.Peek().Is(";"))
            {
                lexer.Take();
                continue;
            }
            Statement statement = ReadStatement();
            body.Add(statement);
            if (!lexer.Peek().Is(";") && !lexer.Peek().Is("}") && statement is not IfStatement) throw Unexpected(lexer.Peek());
        }
        lexer.Take();
        return body;
    }

    private Statement ReadStatement()
    {
        Token token = lexer.Peek();
        if (token.IsName("if")) return If();
        if (token.Kind == TokenKind.Name && _reserved.Contains(token.Text)) throw Unexpected(token);
        return new ExpressionStatement(token.Line, Expression());
    }

    private IfStatement If()
    {
        int line = lexer.Take().Line;
        Deeper();
        Expect("(");
        Node condition = Expression();
        Expect(")");
        IReadOnlyList<Statement> yes = Branch(), no = [];
        (int At, int Line) mark = lexer.Mark();
        while (lexer.Peek().Is(";")) lexer.Take();
        if (lexer.Peek().IsName("else"))
        {
            lexer.Take();
            no = Branch();
        }
        else lexer.Return(mark);
        _depth--;
        return new IfStatement(line, condition, yes, no);
    }

    private List<Statement> Branch() => lexer.Peek().Is("{") ? Block() : lexer.Peek().Is(";") ? [] : [ReadStatement()];

    private Token Expect(string text)
    {
        Token token = lexer.Take();
        return token.Is(text) ? token : throw Unexpected(token);
    }

    private string ExpectName()
    {
        Token token = lexer.Take();
        return token.Kind == TokenKind.Name ? token.Text : throw Unexpected(token);
    }

    private void Deeper()
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_depth > Deepest) throw new DCompileException("D_SYNTAX", lexer.Line, "expression is nested too deeply");
    }

    private static DCompileException Unexpected(Token token) =>
        new("D_SYNTAX", token.Line, token.Kind == TokenKind.End ? "syntax error near end of input" : $"syntax error near \"{token.Text}\"");
}
