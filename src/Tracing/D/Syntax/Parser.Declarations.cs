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
        bool isTypedef = false;
        while (lexer.Peek() is { Kind: TokenKind.Name } word && word.Text is "typedef" or "extern" or "static" or "auto" or "register")
        {
            if (scope != Scope.Global) throw new DCompileException("D_DECL_BADCLASS", word.Line, "specified storage class not appropriate in D");
            isTypedef |= word.Text == "typedef";
            lexer.Take();
        }
        CType specifier = Specifier();
        if (lexer.Peek().Is(";"))
        {
            if (specifier is not (CStruct or CEnum)) throw new DCompileException("D_DECL_USELESS", lexer.Peek().Line, "useless declaration");
            lexer.Take();
            return;
        }
        while (true)
        {
            int line = lexer.Peek().Line;
            (CType type, string name, IReadOnlyList<CType>? keys) = Declarator(specifier);
            if (name.Length == 0) throw Unexpected(lexer.Peek());
            if (name.Contains('`', StringComparison.Ordinal)) throw new DCompileException("D_DECL_SCOPE", line, $"D scoping operator may not be used in a declaration: {name}");
            if (isTypedef) Typedef(name, type, line);
            else if (type is not CFunction) _items.Add(new VariableItem(line, scope, name, type, keys));
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

    private void Typedef(string name, CType type, int line)
    {
        if (_typedefs.TryGetValue(name, out CType? known) && !known.SameAs(type)) throw new DCompileException("D_DECL_IDRED", line, $"typedef redeclared: {name}");
        _typedefs[name] = type;
        types.AddName(name, type);
    }

    // Declares probes for programs that bring their own: what -h writes a header for.
    private void Provider()
    {
        int line = lexer.Take().Line;
        string provider = ExpectName();
        Expect("{");
        List<ProbeDeclaration> probes = [];
        while (!lexer.Peek().Is("}"))
        {
            Token word = lexer.Take();
            if (!word.IsName("probe")) throw Unexpected(word);
            string name = ExpectName();
            Expect("(");
            IReadOnlyList<CType> arguments = ProbeArguments();
            if (lexer.Peek().Is(":"))
            {
                lexer.Take();
                Expect("(");
                ProbeArguments();
            }
            Expect(";");
            if (probes.Any(p => p.Name == name)) throw new DCompileException("D_PROV_PRDUP", word.Line, $"probe redeclared: {provider}:::{name}");
            if (_items.OfType<ProviderItem>().Any(p => p.Name == provider && p.Probes.Any(o => o.Name == name && !Alike(o.Arguments, arguments)))) throw new DCompileException("D_PROV_INCOMPAT", word.Line, $"probe prototype is incompatible with its previous declaration: {provider}:::{name}");
            probes.Add(new(name, arguments));
        }
        lexer.Take();
        Expect(";");
        _items.Add(new ProviderItem(line, provider, probes));
    }

    private static bool Alike(IReadOnlyList<CType> a, IReadOnlyList<CType> b) => a.Count == b.Count && a.Zip(b).All(p => p.First.SameAs(p.Second));

    private List<CType> ProbeArguments()
    {
        List<CType> arguments = [];
        while (!lexer.Peek().Is(")"))
        {
            arguments.Add(Declarator(Specifier()).Type);
            if (lexer.Peek().Is(",")) lexer.Take();
            else if (!lexer.Peek().Is(")")) throw Unexpected(lexer.Peek());
        }
        lexer.Take();
        return arguments is [CVoid] ? [] : arguments;
    }
}
