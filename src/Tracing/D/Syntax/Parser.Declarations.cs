using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Syntax;

/// <summary>Declarations: variables, types, inlines, translators, providers.</summary>
internal sealed partial class Parser
{
    /// <summary>The type "string".</summary>
    public required CText Text { get; init; }

    private void Declaration()
    {
        Token token = lexer.Peek();
        switch (token.Text)
        {
            case "inline":
                Inline();
                return;
            case "translator":
                Translator();
                return;
            case "provider":
                Provider();
                return;
        }
        Scope scope = Scope.Global;
        if (token.Text is "self" or "this")
        {
            scope = token.Text == "self" ? Scope.Thread : Scope.Clause;
            lexer.Take();
            if (lexer.Peek().Is("->")) throw Unexpected(lexer.Peek());
        }
        bool isTypedef = false, isExtern = false;
        while (lexer.Peek() is { Kind: TokenKind.Name } word && word.Text is "typedef" or "extern" or "static" or "auto" or "register")
        {
            isTypedef |= word.Text == "typedef";
            isExtern |= word.Text == "extern";
            lexer.Take();
        }
        CType specifier = Specifier();
        if (lexer.Peek().Is(";"))
        {
            lexer.Take();
            return;
        }
        while (true)
        {
            int line = lexer.Peek().Line;
            (CType type, string name, IReadOnlyList<CType>? keys) = Declarator(specifier);
            if (name.Length == 0) throw Unexpected(lexer.Peek());
            if (isTypedef) types.AddName(name, type);
            else if (type is not CFunction && !(isExtern && keys == null && type is CFunction)) _items.Add(new VariableItem(line, scope, name, type, keys));
            if (!lexer.Peek().Is(",")) break;
            lexer.Take();
        }
        Expect(";");
    }

    private void Inline()
    {
        int line = lexer.Take().Line;
        CType specifier = Specifier();
        while (lexer.Peek().Is("*") || Qualifiers.Contains(lexer.Peek().Text))
        {
            if (lexer.Take().Is("*")) specifier = types.PointerTo(specifier);
        }
        string name = ExpectName();
        List<(string Name, CType Type)>? parameters = null;
        if (lexer.Peek().Is("["))
        {
            lexer.Take();
            parameters = [];
            while (!lexer.Peek().Is("]"))
            {
                (CType type, string parameter, _) = Declarator(Specifier());
                parameters.Add((parameter, type));
                if (lexer.Peek().Is(",")) lexer.Take();
            }
            lexer.Take();
        }
        Expect("=");
        Node value = Expression();
        Expect(";");
        _items.Add(new InlineItem(line, name, specifier, parameters, value));
    }

    private void Translator()
    {
        int line = lexer.Take().Line;
        CType output = TypeName();
        Expect("<");
        (CType input, string name, _) = Declarator(Specifier());
        Expect(">");
        Expect("{");
        List<(string, Node)> members = [];
        while (!lexer.Peek().Is("}"))
        {
            string member = ExpectName();
            Expect("=");
            members.Add((member, Expression()));
            Expect(";");
        }
        lexer.Take();
        Expect(";");
        _items.Add(new TranslatorItem(line, output, input, name, members));
    }

    // Declares probes for programs that bring their own; nothing in it changes what a script does.
    private void Provider()
    {
        lexer.Take();
        ExpectName();
        Expect("{");
        for (int depth = 1; depth > 0;)
        {
            Token token = lexer.Take();
            if (token.Kind == TokenKind.End) throw Unexpected(token);
            depth += token.Is("{") ? 1 : token.Is("}") ? -1 : 0;
        }
        Expect(";");
    }

    private static string[] Qualifiers => ["const", "volatile", "restrict", "userland", "__restrict", "__inline"];

    private bool StartsType(Token token) =>
        token.Kind == TokenKind.Name &&
        (IntegerWords.IsWord(token.Text) || token.Text is "struct" or "union" or "enum" or "string" || Qualifiers.Contains(token.Text) || types.FindName(token.Text) != null);

    private CType TypeName()
    {
        (CType type, string name, _) = Declarator(Specifier());
        return name.Length == 0 ? type : throw new DCompileException("D_SYNTAX", lexer.Line, $"syntax error near \"{name}\"");
    }

    private CType Specifier()
    {
        List<string> words = [];
        CType? named = null;
        int line = lexer.Peek().Line;
        while (lexer.Peek() is { Kind: TokenKind.Name } token)
        {
            if (Qualifiers.Contains(token.Text)) lexer.Take();
            else if (IntegerWords.IsWord(token.Text))
            {
                words.Add(token.Text);
                lexer.Take();
            }
            else if (named != null || words.Count > 0) break;
            else if (token.Text is "struct" or "union" or "enum") named = Tagged();
            else if (token.Text == "string")
            {
                lexer.Take();
                named = Text;
            }
            else if (types.FindName(token.Text) is { } type)
            {
                lexer.Take();
                named = type;
            }
            else break;
        }
        if (named == null && words.Count == 0)
        {
            Token token = lexer.Peek();
            throw token.Kind == TokenKind.Name && !lexer.InPredicate
                ? new DCompileException("D_TYPE_ERR", token.Line, $"failed to resolve type {token.Text}: Type not found")
                : Unexpected(token);
        }
        if (named != null && words.Count > 0) throw new DCompileException("D_DECL_COMBO", line, "invalid type combination");
        return named ?? IntegerWords.Combine(words, types) ?? throw new DCompileException("D_DECL_COMBO", line, "invalid type combination");
    }

    private CType Tagged()
    {
        string keyword = lexer.Take().Text;
        int line = lexer.Peek().Line;
        string tag = lexer.Peek().Kind == TokenKind.Name ? lexer.Take().Text : "";
        if (!lexer.Peek().Is("{")) return tag.Length > 0 ? types.Tag(keyword, tag) : throw Unexpected(lexer.Peek());
        lexer.Take();
        Deeper();
        CType result = keyword == "enum" ? Enumeration(tag) : Structure(keyword == "union", tag, line);
        _depth--;
        return result;
    }

    private CEnum Enumeration(string tag)
    {
        var result = tag.Length > 0 && types.Tag("enum", tag) is CEnum { Values: null } open ? open : new CEnum(tag);
        List<(string, long)> values = [];
        long next = 0;
        while (!lexer.Peek().Is("}"))
        {
            int line = lexer.Peek().Line;
            string name = ExpectName();
            if (lexer.Peek().Is("="))
            {
                lexer.Take();
                next = ConstantFolder.Evaluate(Conditional());
            }
            values.Add((name, next));
            _items.Add(new InlineItem(line, name, types.Int, null, new IntegerNode(line, next++, types.Int)));
            if (lexer.Peek().Is(",")) lexer.Take();
            else if (!lexer.Peek().Is("}")) throw Unexpected(lexer.Peek());
        }
        lexer.Take();
        result.Values = values;
        if (tag.Length > 0) types.SetTag(tag, result);
        return result;
    }

    private CStruct Structure(bool isUnion, string tag, int line)
    {
        CStruct result = tag.Length > 0 && types.Tag(isUnion ? "union" : "struct", tag) is CStruct { IsComplete: false } open ? open : new CStruct(tag, isUnion);
        if (tag.Length > 0) types.SetTag(tag, result);
        List<CMemberDeclaration> members = [];
        while (!lexer.Peek().Is("}"))
        {
            CType specifier = Specifier();
            if (lexer.Peek().Is(";") && specifier is CStruct) members.Add(new("", specifier));
            while (!lexer.Peek().Is(";"))
            {
                (CType type, string name, _) = lexer.Peek().Is(":") ? (specifier, "", null) : Declarator(specifier);
                int width = -1;
                if (lexer.Peek().Is(":"))
                {
                    lexer.Take();
                    width = (int)ConstantFolder.Evaluate(Conditional());
                    if (width < 0 || width > type.Size * 8) throw new DCompileException("D_DECL_BFSIZE", line, $"bit-field size exceeds its type: {name}");
                    if (type.Resolved is not (CInteger or CEnum)) throw new DCompileException("D_DECL_BFTYPE", line, $"invalid type for bit-field: {name}");
                }
                else if (name.Length == 0) throw Unexpected(lexer.Peek());
                else if (type.Size == 0 && type.Resolved is not CArray) throw new DCompileException("D_DECL_INCOMPLETE", line, $"incomplete struct/union/enum {type}: {name}");
                if (name.Length > 0 && members.Any(m => m.Name == name)) throw new DCompileException("D_DECL_IDRED", line, $"{name} is redeclared as a member");
                members.Add(new(name, type, width));
                if (lexer.Peek().Is(",")) lexer.Take();
                else if (!lexer.Peek().Is(";")) throw Unexpected(lexer.Peek());
            }
            lexer.Take();
        }
        lexer.Take();
        result.Define(members);
        return result;
    }

    private (CType Type, string Name, IReadOnlyList<CType>? Keys) Declarator(CType type)
    {
        Deeper();
        int pointers = 0;
        while (lexer.Peek().Is("*") || (lexer.Peek().Kind == TokenKind.Name && Qualifiers.Contains(lexer.Peek().Text)))
        {
            if (!lexer.Take().Is("*")) continue;
            if (++pointers > 64) throw new DCompileException("D_SYNTAX", lexer.Line, "declaration is nested too deeply");
            type = types.PointerTo(type);
        }
        string name = "";
        (int At, int Line)? inner = null;
        if (lexer.Peek().Is("("))
        {
            (int At, int Line) mark = lexer.Mark();
            lexer.Take();
            if (lexer.Peek().Is("*") || lexer.Peek().Is("("))
            {
                inner = lexer.Mark();
                SkipParentheses();
            }
            else lexer.Return(mark);
        }
        else if (lexer.Peek().Kind == TokenKind.Name) name = lexer.Take().Text;
        CType suffixed = Suffixes(type, out IReadOnlyList<CType>? keys);
        if (inner is { } start)
        {
            (int At, int Line) end = lexer.Mark();
            lexer.Return(start);
            (suffixed, name, keys) = Declarator(suffixed);
            Expect(")");
            lexer.Return(end);
        }
        _depth--;
        return (suffixed, name, keys);
    }

    private void SkipParentheses()
    {
        for (int depth = 1; depth > 0;)
        {
            Token token = lexer.Take();
            if (token.Kind == TokenKind.End) throw Unexpected(token);
            depth += token.Is("(") ? 1 : token.Is(")") ? -1 : 0;
        }
    }

    private CType Suffixes(CType type, out IReadOnlyList<CType>? keys)
    {
        Deeper();
        CType result = SuffixesOf(type, out keys);
        _depth--;
        return result;
    }

    private CType SuffixesOf(CType type, out IReadOnlyList<CType>? keys)
    {
        keys = null;
        if (lexer.Peek().Is("["))
        {
            lexer.Take();
            if (lexer.Peek().Is("]"))
            {
                lexer.Take();
                return new CArray(Suffixes(type, out _), -1);
            }
            if (StartsType(lexer.Peek()))
            {
                List<CType> list = [];
                do
                {
                    if (list.Count > 0) lexer.Take();
                    list.Add(Declarator(Specifier()).Type);
                }
                while (lexer.Peek().Is(","));
                Expect("]");
                keys = list;
                return type;
            }
            int line = lexer.Peek().Line;
            long count = ConstantFolder.Evaluate(Conditional());
            Expect("]");
            if (count is < 0 or > int.MaxValue) throw new DCompileException("D_DECL_ARRSUB", line, "positive integral constant expression or tuple signature expected as array declaration subscript");
            return new CArray(Suffixes(type, out _), (int)count);
        }
        if (!lexer.Peek().Is("(")) return type;
        lexer.Take();
        List<CType> parameters = [];
        bool variadic = false;
        while (!lexer.Peek().Is(")"))
        {
            if (lexer.Peek().Is("...")) (variadic, _) = (true, lexer.Take());
            else parameters.Add(Declarator(Specifier()).Type);
            if (lexer.Peek().Is(",")) lexer.Take();
            else if (!lexer.Peek().Is(")")) throw Unexpected(lexer.Peek());
        }
        lexer.Take();
        if (parameters is [CVoid]) parameters.Clear();
        return new CFunction(Suffixes(type, out _), parameters, variadic);
    }
}
