namespace Kennel.Tracing.D.Syntax;

/// <summary>Integer constant expressions: array sizes, enumeration values, the arguments of lquantize.</summary>
internal static class ConstantFolder
{
    /// <summary>The value; a mistake when the expression is not constant.</summary>
    public static long Evaluate(Node node) =>
        TryEvaluate(node, _ => null) ?? throw new DCompileException("D_SYNTAX", node.Line, "integer constant expression expected");

    /// <summary>The value, or null.</summary>
    /// <param name="node">The expression.</param>
    /// <param name="resolve">What a name stands for, when that is a constant.</param>
    public static long? TryEvaluate(Node node, Func<string, Node?> resolve)
    {
        switch (node)
        {
            case IntegerNode n:
                return n.Value;
            case NameNode { Scope: Scope.Global } name when resolve(name.Name) is { } value:
                return TryEvaluate(value, resolve);
            case SizeofTypeNode s:
                return s.Type.Size;
            case CastNode cast when cast.Type.Resolved is Types.CInteger type:
                return TryEvaluate(cast.Operand, resolve) is { } v ? Types.CInteger.Fit(v, type.Size, type.IsSigned) : null;
            case UnaryNode u when TryEvaluate(u.Operand, resolve) is { } x:
                return u.Operator switch { "-" => -x, "+" => x, "~" => ~x, "!" => x == 0 ? 1 : 0, _ => null };
            case ConditionalNode c when TryEvaluate(c.Condition, resolve) is { } choice:
                return TryEvaluate(choice != 0 ? c.Yes : c.No, resolve);
            case BinaryNode b when TryEvaluate(b.Left, resolve) is { } l && TryEvaluate(b.Right, resolve) is { } r:
                return Binary(b.Operator, l, r);
            default:
                return null;
        }
    }

    private static long? Binary(string op, long l, long r) => op switch
    {
        "+" => l + r,
        "-" => l - r,
        "*" => l * r,
        "/" or "%" when r == 0 => null,
        "/" => r == -1 ? -l : l / r,
        "%" => r == -1 ? 0 : l % r,
        "<<" => r is < 0 or > 63 ? 0 : l << (int)r,
        ">>" => r is < 0 or > 63 ? 0 : l >> (int)r,
        "&" => l & r,
        "|" => l | r,
        "^" => l ^ r,
        "==" => l == r ? 1 : 0,
        "!=" => l != r ? 1 : 0,
        "<" => l < r ? 1 : 0,
        "<=" => l <= r ? 1 : 0,
        ">" => l > r ? 1 : 0,
        ">=" => l >= r ? 1 : 0,
        "&&" => l != 0 && r != 0 ? 1 : 0,
        "||" => l != 0 || r != 0 ? 1 : 0,
        "^^" => (l != 0) ^ (r != 0) ? 1 : 0,
        _ => null,
    };
}
