using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Syntax;

internal enum TokenKind
{
    End,
    Name,
    Integer,
    Text,
    Aggregation,
    Macro,
    Operator,
    PredicateEnd,
}

/// <summary>A token of an expression.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    /// <summary>An integer's value.</summary>
    public ulong Number { get; init; }

    /// <summary>An integer's type.</summary>
    public CType? Type { get; init; }

    public bool Is(string text) => Kind is TokenKind.Operator or TokenKind.PredicateEnd && Text == text;

    public bool IsName(string text) => Kind == TokenKind.Name && Text == text;
}
