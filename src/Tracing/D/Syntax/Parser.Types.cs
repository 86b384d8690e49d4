using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Syntax;

/// <summary>Types: their names, structures, enumerations, and declarators.</summary>
internal sealed partial class Parser
{
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
            else if (token.Text is "struct" or "union" or "enum")
            {
                if (named != null) throw Combination(line);
                named = Tagged();
            }
            else if (named != null || words.Count > 0) break;
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
        if (named != null && words.Contains("signed") | words.Contains("unsigned")) throw new DCompileException("D_DECL_SIGNINT", line, "signed and unsigned may only be used with integer type");
        if (named != null && words.Contains("long") | words.Contains("short")) throw new DCompileException("D_DECL_LONGINT", line, "long and short may only be used with integer or floating-point type");
        if (named != null && words.Count > 0) throw Combination(line);
        if (words.Count > 1 && words.Contains("void")) throw new DCompileException("D_DECL_VOIDATTR", line, "invalid attributes for type void");
        if (words.Contains("char") && words.Contains("long") | words.Contains("short")) throw new DCompileException("D_DECL_CHARATTR", line, "invalid attributes for type char");
        return named ?? IntegerWords.Combine(words, types) ?? throw Combination(line);
    }

    private static DCompileException Combination(int line) => new("D_DECL_COMBO", line, "invalid type combination");

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
        if (tag.Length > 0 && !_tags.Add(tag)) throw new DCompileException("D_DECL_TYPERED", lexer.Line, $"type redeclared: enum {tag}");
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
                next = ConstantFolder.TryEvaluate(Conditional(), EnumeratorNamed) ?? throw new DCompileException("D_DECL_ENCONST", line, $"enumerator '{name}' must be assigned to an integral constant expression");
            }
            if (next != (int)next) throw new DCompileException("D_DECL_ENOFLOW", line, $"enumerator '{name}' value overflows INT_MAX");
            if (values.Any(v => v.Item1 == name)) throw new DCompileException("D_UNKNOWN", line, $"failed to define enumerator '{name}': Duplicate member name");
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

    private IntegerNode? EnumeratorNamed(string name) => _items.OfType<InlineItem>().LastOrDefault(i => i.Name == name)?.Value as IntegerNode;

    private CStruct Structure(bool isUnion, string tag, int line)
    {
        if (tag.Length > 0 && !_tags.Add(tag)) throw new DCompileException("D_DECL_TYPERED", line, $"type redeclared: {(isUnion ? "union" : "struct")} {tag}");
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
                    long bits = ConstantFolder.TryEvaluate(Conditional(), EnumeratorNamed) ?? -1;
                    if (bits < 0 || (bits == 0 && name.Length > 0)) throw new DCompileException("D_DECL_BFCONST", line, "positive integral constant expression expected as bit-field size");
                    if (type.Resolved is not (CInteger or CEnum)) throw new DCompileException("D_DECL_BFTYPE", line, "invalid type for bit-field");
                    if (bits > type.Size * 8) throw new DCompileException("D_DECL_BFSIZE", line, $"bit-field too big for type: {bits}");
                    width = (int)bits;
                }
                else if (name.Length == 0) throw Unexpected(lexer.Peek());
                else if (type.Size == 0 && type.Resolved is not CArray) throw new DCompileException("D_DECL_INCOMPLETE", line, $"incomplete struct/union/enum {type}: {name}");
                if (name.Length > 0 && members.Any(m => m.Name == name)) throw new DCompileException("D_UNKNOWN", line, $"failed to define member '{name}': Duplicate member name");
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
                    if (lexer.Peek().Is("...")) throw new DCompileException("D_DECL_PROTO_VARARGS", lexer.Peek().Line, "array prototype may not use a variable-length argument list");
                    list.Add(Declarator(Specifier()).Type);
                }
                while (lexer.Peek().Is(","));
                Expect("]");
                keys = list;
                return type;
            }
            int line = lexer.Peek().Line;
            long count = ConstantFolder.TryEvaluate(Conditional(), EnumeratorNamed) ?? 0;
            Expect("]");
            if (count <= 0) throw new DCompileException("D_DECL_ARRSUB", line, "positive integral constant expression or tuple signature expected as array declaration subscript");
            if (count > int.MaxValue) throw new DCompileException("D_DECL_ARRBIG", line, "array dimension too big");
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
        if (parameters.Exists(p => p is CVoid)) throw new DCompileException("D_DECL_PROTO_VOID", lexer.Line, "void must be sole parameter");
        return new CFunction(Suffixes(type, out _), parameters, variadic);
    }
}
