using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Syntax;

/// <summary>An expression.</summary>
internal abstract record Node(int Line);

internal sealed record IntegerNode(int Line, long Value, CType Type) : Node(Line);

internal sealed record TextNode(int Line, string Value) : Node(Line);

/// <summary>$target, known when the program was started.</summary>
internal sealed record TargetNode(int Line) : Node(Line);

internal enum Scope
{
    Global,
    Thread,
    Clause,
}

/// <summary>x, self-&gt;x, this-&gt;x.</summary>
internal sealed record NameNode(int Line, Scope Scope, string Name) : Node(Line)
{
    public string Shown => Scope switch { Scope.Thread => "self->" + Name, Scope.Clause => "this->" + Name, _ => Name };
}

/// <summary>`x or mod`x.</summary>
internal sealed record ExternalNode(int Line, string Module, string Name) : Node(Line);

internal sealed record AggregationNode(int Line, string Name, IReadOnlyList<Node> Keys) : Node(Line);

internal sealed record UnaryNode(int Line, string Operator, Node Operand) : Node(Line);

/// <summary>++ and --.</summary>
internal sealed record StepNode(int Line, Node Target, int By, bool IsPostfix) : Node(Line);

internal sealed record BinaryNode(int Line, string Operator, Node Left, Node Right) : Node(Line);

/// <summary>x = v, or x op= v.</summary>
internal sealed record AssignNode(int Line, string Operator, Node Target, Node Value) : Node(Line);

internal sealed record ConditionalNode(int Line, Node Condition, Node Yes, Node No) : Node(Line);

internal sealed record CommaNode(int Line, Node First, Node Second) : Node(Line);

internal sealed record CallNode(int Line, string Name, IReadOnlyList<Node> Arguments) : Node(Line);

internal sealed record IndexNode(int Line, Node Array, IReadOnlyList<Node> Keys) : Node(Line);

internal sealed record MemberNode(int Line, Node Object, string Name, bool IsArrow) : Node(Line);

internal sealed record CastNode(int Line, CType Type, Node Operand) : Node(Line);

internal sealed record SizeofTypeNode(int Line, CType Type) : Node(Line);

internal sealed record SizeofNode(int Line, Node Operand) : Node(Line);

internal sealed record OffsetofNode(int Line, CType Type, string Member) : Node(Line);

internal sealed record TranslateNode(int Line, CType Type, Node Operand) : Node(Line);

/// <summary>A statement.</summary>
internal abstract record Statement(int Line);

internal sealed record ExpressionStatement(int Line, Node Expression) : Statement(Line);

internal sealed record IfStatement(int Line, Node Condition, IReadOnlyList<Statement> Yes, IReadOnlyList<Statement> No) : Statement(Line);

/// <summary>A part of a program.</summary>
internal abstract record Item(int Line);

/// <summary>probes /predicate/ { statements }.</summary>
internal sealed record ClauseItem(int Line, IReadOnlyList<string> Probes, Node? Predicate, IReadOnlyList<Statement> Body) : Item(Line);

/// <summary>type x; self type x[keys];</summary>
internal sealed record VariableItem(int Line, Scope Scope, string Name, CType Type, IReadOnlyList<CType>? Keys) : Item(Line);

internal sealed record InlineItem(int Line, string Name, CType Type, IReadOnlyList<(string Name, CType Type)>? Parameters, Node Value) : Item(Line);

internal sealed record TranslatorItem(int Line, CType Output, CType Input, string Name, IReadOnlyList<(string Member, Node Value)> Members) : Item(Line);

/// <summary>provider name { probe p(types); };</summary>
internal sealed record ProviderItem(int Line, string Name, IReadOnlyList<ProbeDeclaration> Probes) : Item(Line);

internal sealed record ProbeDeclaration(string Name, IReadOnlyList<CType> Arguments);
