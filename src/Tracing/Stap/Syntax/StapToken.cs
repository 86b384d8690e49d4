namespace Kennel.Tracing.Stap.Syntax;

/// <summary>What a token is; the words are those of error messages.</summary>
internal enum TokenKind
{
    Junk,
    Identifier,
    Operator,
    String,
    Number,
    EmbeddedCode,
    Keyword,
    End,
}

/// <summary>A script or tapset file, as text of one character a byte.</summary>
/// <param name="name">As messages show it; -e's text is &lt;input&gt;.</param>
/// <param name="text">The bytes, Latin-1.</param>
internal sealed class StapSource(string name, string text)
{
    public string Name => name;

    public string Text => text;

    /// <summary>Whether it is part of a tapset, so that nobody is told of what it leaves unused.</summary>
    public bool IsTapset { get; init; }

    /// <summary>Whether it holds private names of its own (each file does).</summary>
    public bool IsGuru { get; init; }

    /// <summary>The line that an offset lies in, without its end.</summary>
    public string LineAt(int offset)
    {
        int start = offset == 0 ? 0 : text.LastIndexOf('\n', Math.Min(offset, text.Length) - 1) + 1;
        int end = text.IndexOf('\n', Math.Min(start, text.Length));
        return end < 0 ? text[start..] : text[start..end];
    }
}

/// <summary>A token and where it stands.</summary>
internal sealed class StapToken(TokenKind kind, string text, StapSource source, int offset, int line, int column)
{
    public TokenKind Kind => kind;

    /// <summary>Its text; a string's value without quotes.</summary>
    public string Text => text;

    public StapSource Source => source;

    public int Offset => offset;

    public int Line => line;

    public int Column => column;

    /// <summary>What is wrong with junk.</summary>
    public string? Problem { get; init; }

    /// <summary>FILE:LINE:COLUMN.</summary>
    public string Location => $"{source.Name}:{line}:{column}";

    /// <summary>KIND 'text', as messages name it.</summary>
    public string Described => kind switch
    {
        TokenKind.Keyword => "keyword",
        TokenKind.EmbeddedCode => "embedded-code",
        _ => $"{KindName} '{Printable()}'",
    };

    private string KindName => kind switch
    {
        TokenKind.Identifier => "identifier",
        TokenKind.Operator => "operator",
        TokenKind.String => "string",
        TokenKind.Number => "number",
        _ => "junk",
    };

    public bool Is(TokenKind which, string value) => kind == which && text == value;

    public bool IsOperator(string value) => Is(TokenKind.Operator, value);

    public bool IsKeyword(string value) => Is(TokenKind.Keyword, value);

    /// <summary>The same token, as text of another kind.</summary>
    public StapToken As(TokenKind other, string value) => new(other, value, source, offset, line, column);

    public override string ToString() => $"{Described} at {Location}";

    private string Printable() => string.Concat(text.Select(c => c is >= ' ' and < (char)127 ? c : '?'));
}

/// <summary>A script that cannot be parsed (pass 1) or makes no sense (pass 2).</summary>
internal sealed class StapSyntaxException(string message, StapToken? token, bool atEnd = false) : Exception(message)
{
    public StapToken? Token => token;

    public bool AtEnd => atEnd;
}
