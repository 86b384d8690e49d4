namespace Kennel.Tracing.Stap.Syntax;

/// <summary>A parser by recursive descent (man 1 stap, "SCRIPT LANGUAGE"). This part: declarations.</summary>
internal sealed partial class StapParser
{
    private const int MostOperators = 1000; // of one statement

    private readonly StapSource _source;
    private readonly List<StapToken> _tokens;
    private readonly bool _guru;
    private int _at;
    private bool _inFunction;
    private int _depth;
    private int _operators;

    public StapParser(StapSource source, List<StapToken> tokens, bool guru)
    {
        _source = source;
        _tokens = tokens;
        _guru = guru;
    }

    /// <summary>What went wrong; parsing goes on behind each mistake.</summary>
    public List<StapSyntaxException> Problems { get; } = [];

    /// <summary>Parses a file.</summary>
    public StapFile ParseFile()
    {
        var file = new StapFile(_source);
        while (Peek.Kind != TokenKind.End)
        {
            int before = _at;
            try
            {
                ParseDeclaration(file);
            }
            catch (StapSyntaxException problem)
            {
                Problems.Add(problem);
                if (_at == before) _at++;
                SkipToDeclaration();
            }
        }
        if (_tokens[^1].Problem is string text && Problems.Count == 0) Problems.Add(new StapSyntaxException(text, _tokens[^1]));
        if (file.IsEmpty && Problems.Count == 0) Problems.Add(new StapSyntaxException("Input file '" + _source.Name + "' is empty or missing.", null));
        return file;
    }

    private void ParseDeclaration(StapFile file)
    {
        _operators = 0;
        StapToken token = Peek;
        bool isPrivate = token.IsKeyword("private");
        if (isPrivate)
        {
            _at++;
            token = Peek;
        }
        if (token.IsKeyword("probe") && !isPrivate) ParseProbe(file);
        else if (token.IsKeyword("global") || isPrivate && token.Kind == TokenKind.Identifier) ParseGlobal(file, isPrivate);
        else if (token.IsKeyword("function")) ParseFunction(file, isPrivate);
        else if (token.Kind == TokenKind.EmbeddedCode && !isPrivate)
        {
            RequireGuru(token);
            _at++;
            file.EmbeddedCode.Add(token);
        }
        else throw Error(isPrivate ? "expected 'global' or 'function'" : "expected 'probe', 'global', 'private', 'function', or '%{'");
    }

    private void SkipToDeclaration()
    {
        while (Peek.Kind != TokenKind.End && !(Peek.Kind == TokenKind.Keyword && Peek.Text is "probe" or "global" or "function" or "private")) _at++;
    }

    private void ParseProbe(StapFile file)
    {
        StapToken start = Next();
        _inFunction = false;
        var points = new List<ProbePoint>();
        bool isAlias = false;
        bool isEpilogue = false;
        IReadOnlyList<PointPart>? name = null;
        while (true)
        {
            points.AddRange(ParsePoints());
            StapToken token = Peek;
            if (!isAlias && points.Count == 1 && token.Kind == TokenKind.Operator && token.Text is "=" or "+=")
            {
                if (points[0].Optional) throw Error("probe point alias name cannot be optional nor sufficient");
                isAlias = true;
                isEpilogue = token.Text == "+=";
                name = points[0].Parts;
                points.Clear();
                _at++;
                continue;
            }
            if (token.IsOperator(","))
            {
                _at++;
                continue;
            }
            if (token.IsOperator("{")) break;
            throw Error("expected probe point specifier");
        }
        BlockStmt body = ParseBlock();
        if (isAlias) file.Aliases.Add(new AliasDeclaration(start, name!, points, body, isEpilogue));
        else file.Probes.Add(new ProbeDeclaration(start, points, body));
    }

    private void ParseGlobal(StapFile file, bool isPrivate)
    {
        if (Peek.IsKeyword("global")) _at++;
        while (true)
        {
            StapToken name = Next();
            if (name.Kind != TokenKind.Identifier || name.Text[0] is '$' or '@') throw Error("expected identifier", name);
            if (file.Globals.Any(g => g.Name == name.Text)) throw Error("duplicate global name", name);
            bool wraps = Accept("%");
            long? size = null;
            if (Accept("["))
            {
                StapToken number = Next();
                if (number.Kind != TokenKind.Number || !StapNumbers.TryParse(number.Text, out long value)) throw Error("expected integer literal", number);
                if (value is <= 0 or > 1_000_000_000) throw Error("array size out of range", number);
                size = value;
                Expect("]");
            }
            if (!wraps) wraps = Accept("%");
            Expr? initial = null;
            if (Peek.IsOperator("="))
            {
                if (size != null) throw Error("only scalar globals can be initialized");
                _at++;
                initial = ParseLiteral();
            }
            file.Globals.Add(new GlobalDeclaration(name, name.Text, size, wraps, initial, isPrivate));
            if (Accept(","))
            {
                continue;
            }
            Accept(";");
            return;
        }
    }

    private void ParseFunction(StapFile file, bool isPrivate)
    {
        _at++;
        StapToken name = Next();
        if (name.Kind != TokenKind.Identifier || name.Text[0] is '$' or '@') throw Error("expected identifier", name);
        StapType type = ParseType();
        Expect("(");
        var parameters = new List<ParameterDeclaration>();
        while (!Peek.IsOperator(")"))
        {
            StapToken parameter = Next();
            if (parameter.Kind != TokenKind.Identifier || parameter.Text[0] is '$' or '@') throw Error("expected identifier", parameter);
            if (parameters.Any(p => p.Name == parameter.Text)) throw Error("duplicate parameter name", parameter);
            parameters.Add(new ParameterDeclaration(parameter, parameter.Text, ParseType()));
            if (Peek.IsOperator(")")) break;
            if (!Accept(",")) throw Error("expected ',' or ')'");
        }
        _at++;
        if (type == StapType.Unknown) type = ParseType();
        long priority = 1;
        if (Accept(":"))
        {
            StapToken number = Next();
            if (number.Kind != TokenKind.Number || !StapNumbers.TryParse(number.Text, out priority)) throw Error("expected 'string', 'long' or a number", number);
        }
        if (Peek.Kind == TokenKind.EmbeddedCode)
        {
            StapToken code = Peek;
            RequireGuru(code);
            _at++;
            file.Functions.Add(new FunctionDeclaration(name, name.Text, type, parameters, null, priority, isPrivate, code.Text));
            return;
        }
        _inFunction = true;
        BlockStmt body = ParseBlock();
        _inFunction = false;
        file.Functions.Add(new FunctionDeclaration(name, name.Text, type, parameters, body, priority, isPrivate, null));
    }

    private StapType ParseType()
    {
        if (!Peek.IsOperator(":") || _tokens[_at + 1].Kind == TokenKind.Number) return StapType.Unknown;
        _at++;
        StapToken type = Next();
        if (type.IsKeyword("string")) return StapType.String;
        if (type.IsKeyword("long")) return StapType.Long;
        throw Error("expected 'string' or 'long'", type);
    }

    private void RequireGuru(StapToken token)
    {
        if (_guru || _source.IsTapset) return;
        _at++;
        throw Error("embedded code in unprivileged script; need stap -g", token);
    }

    private StapToken Peek => _tokens[_at];

    private StapToken Next()
    {
        StapToken token = _tokens[_at];
        if (token.Problem != null) throw Error(token.Problem, token);
        if (token.Kind == TokenKind.End) throw Error("unexpected end-of-file", token);
        _at++;
        return token;
    }

    private bool Accept(string op)
    {
        if (!Peek.IsOperator(op)) return false;
        _at++;
        return true;
    }

    private StapToken Expect(string op)
    {
        StapToken token = Peek;
        if (!token.IsOperator(op)) throw Error($"expected '{op}'");
        _at++;
        return token;
    }

    private StapSyntaxException Error(string text, StapToken? at = null)
    {
        at ??= Peek;
        return new StapSyntaxException(at.Problem ?? text, at, at.Kind == TokenKind.End);
    }

    private T Nested<T>(Func<T> parse)
    {
        if (++_depth > 250)
        {
            _depth = 0;
            throw Error("nesting too deep");
        }
        try
        {
            return parse();
        }
        finally
        {
            _depth = Math.Max(0, _depth - 1);
        }
    }
}
