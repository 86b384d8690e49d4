using System.Linq.Expressions;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Compile;

/// <summary>A compiled expression.</summary>
/// <param name="Type">Its D type.</param>
/// <param name="Code">Its value: a string for strings, nothing for void, else a long, fitted to the type; a structure's or array's is its address.</param>
internal sealed record Operand(CType Type, Expression Code)
{
    /// <summary>For pointers to and values of kernel structures: the object itself, which spares a way by its address.</summary>
    public Expression? Object { get; init; }

    /// <summary>Its value when that is known now.</summary>
    public long? Constant { get; init; }

    /// <summary>A string literal's text.</summary>
    public string? Literal { get; init; }

    /// <summary>For keys and trace(): how an address is shown.</summary>
    public SymbolKind Symbol { get; init; }

    /// <summary>For texts that may never have been assigned: whether it is NULL.</summary>
    public Expression? NullTest { get; init; }

    /// <summary>Whether it is data that only a translator gives, member by member.</summary>
    public bool IsTranslated { get; init; }

    /// <summary>A bit-field, which has no address and no size.</summary>
    public bool IsBitField { get; init; }

    /// <summary>The action that it is the result of: none.</summary>
    public string? Action { get; init; }

    public bool IsText => Type.Resolved is CText;

    public bool IsVoid => Type.Resolved is CVoid;

    public bool IsInteger => Type.Resolved is CInteger or CEnum;

    public bool IsPointer => Type.Resolved is CPointer or CArray;

    public bool IsScalar => IsInteger || IsPointer || Type.Resolved is CFunction;

    /// <summary>A character array: text that lies somewhere.</summary>
    public bool IsCharacters => Type.Resolved is CArray { IsText: true };

    public bool IsSigned => Type.Resolved is CInteger { IsSigned: true } or CEnum;

    /// <summary>What a pointer or array leads to.</summary>
    public CType? Target => Type.Resolved switch { CPointer p => p.Target, CArray a => a.Element, _ => null };
}

/// <summary>What an address or stack in a record is shown as.</summary>
internal enum SymbolKind
{
    None,

    /// <summary>A text of one column, as symbols are: two blanks, padded to 50.</summary>
    Symbol,

    /// <summary>Lines of frames.</summary>
    Stack,
}

/// <summary>Something that can be assigned to. The temporaries are set before it is read or written.</summary>
internal sealed record Place(CType Type, IReadOnlyList<(ParameterExpression Variable, Expression Value)> Temporaries, Expression Read, Func<Expression, Expression> Write);
