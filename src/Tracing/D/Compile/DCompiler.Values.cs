using System.Linq.Expressions;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.D.Syntax;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Compile;

/// <summary>Expressions and their types. There is no promotion to int: the wider operand gives the type.</summary>
internal sealed partial class DCompiler
{
    private Operand Value(Node node)
    {
        Enter(node.Line);
        Operand result = node switch
        {
            IntegerNode n => Constant(n.Value, n.Type),
            TextNode t => new Operand(_text, Expression.Constant(t.Value)) { Literal = t.Value },
            TargetNode => Number(_types.Int, Expression.Field(_rt, nameof(DRuntime.TargetPid))),
            NameNode n => Name(n),
            ExternalNode e => External(e),
            AggregationNode a => throw new DCompileException("D_AGG_NULL", a.Line, $"expression does not result in an aggregation value: @{a.Name} may not be used here"),
            UnaryNode { Operator: "&" } u => AddressOf(u),
            UnaryNode { Operator: "*" } u => Dereference(u),
            UnaryNode u => Unary(u),
            StepNode s => Step(s),
            BinaryNode b => Binary(b),
            AssignNode a => Assign(a),
            ConditionalNode c => Conditional(c),
            CommaNode c => Comma(c),
            CallNode c => Call(c),
            IndexNode i => Index(i),
            MemberNode m => Member(m),
            CastNode c => Cast(c),
            SizeofTypeNode s => Constant(SizeOf(s.Type, s.Line), _types.UnsignedLong),
            SizeofNode s => Constant(SizeOf(SizedType(s), s.Line), _types.UnsignedLong),
            OffsetofNode o => Offsetof(o),
            TranslateNode t => Translate(t),
            _ => throw new DCompileException("D_SYNTAX", node.Line, "syntax error"),
        };
        _depth--;
        return result;
    }

    private CType SizedType(SizeofNode node)
    {
        if (node.Operand is TextNode text) return new CArray(_types.Char, text.Value.Length + 1);
        if (node.Operand is NameNode name && _variables.Find(name.Scope, name.Name) is { Declared: { } declared }) return declared;
        Operand value = Value(node.Operand);
        return value.IsBitField ? throw new DCompileException("D_SIZEOF_BITFIELD", node.Line, "cannot apply sizeof to a bit-field") : value.Type;
    }

    private static Operand Constant(long value, CType type)
    {
        if (type.Resolved is CInteger i) value = CInteger.Fit(value, i.Size, i.IsSigned);
        return new Operand(type, Expression.Constant(value)) { Constant = value };
    }

    private static Operand Number(CType type, Expression code) => new(type, code);

    private static int SizeOf(CType type, int line)
    {
        if (type.Resolved is CVoid or CFunction or CStruct { IsComplete: false }) throw new DCompileException("D_SIZEOF_TYPE", line, "cannot apply sizeof to an operand of unknown size");
        return type.Size;
    }

    /// <summary>Cuts a long to a type's width.</summary>
    private static Expression Fit(Expression code, CType type) => type.Resolved switch
    {
        CInteger { Size: 8 } => code,
        CInteger i => Narrow(code, i.Size, i.IsSigned),
        CEnum => Narrow(code, 4, true),
        _ => code,
    };

    private static Expression Narrow(Expression code, int size, bool isSigned) => Expression.Convert(
        Expression.Convert(code, (size, isSigned) switch
        {
            (1, true) => typeof(sbyte),
            (1, false) => typeof(byte),
            (2, true) => typeof(short),
            (2, false) => typeof(ushort),
            (4, true) => typeof(int),
            _ => typeof(uint),
        }),
        typeof(long));

    private Expression Condition(Operand value, int line)
    {
        if (value.Constant is { } constant) return Expression.Constant(constant != 0);
        if (value.IsText) return value.NullTest is { } isNull ? Expression.Not(isNull) : Expression.NotEqual(value.Code, Expression.Constant(null, typeof(string)));
        if (!value.IsScalar) throw new DCompileException("D_PRED_SCALAR", line, $"predicate result must be of scalar type: {value.Type}");
        // A comparison is a bool already.
        if (value.Code is ConditionalExpression { IfTrue: ConstantExpression { Value: 1L }, IfFalse: ConstantExpression { Value: 0L } } test) return test.Test;
        return Expression.NotEqual(value.Code, Expression.Constant(0L));
    }

    private Operand Truth(Expression test) => Number(_types.Int, Expression.Condition(test, Expression.Constant(1L), Expression.Constant(0L)));

    private Operand Unary(UnaryNode node)
    {
        Operand operand = Value(node.Operand);
        if (node.Operator == "!")
        {
            if (!operand.IsScalar && !operand.IsText) throw new DCompileException("D_OP_SCALAR", node.Line, "operator ! requires an operand of scalar type");
            return operand.Constant is { } c ? Constant(c == 0 ? 1 : 0, _types.Int) : Truth(Expression.Not(Condition(operand, node.Line)));
        }
        if (!operand.IsInteger) throw new DCompileException(node.Operator == "~" ? "D_OP_INT" : "D_OP_ARITH", node.Line, $"operator {node.Operator} requires an operand of {(node.Operator == "~" ? "integral" : "arithmetic")} type");
        if (operand.Constant is { } value) return Constant(node.Operator switch { "-" => -value, "~" => ~value, _ => value }, operand.Type);
        Expression code = node.Operator switch { "-" => Expression.Negate(operand.Code), "~" => Expression.Not(operand.Code), _ => operand.Code };
        return Number(operand.Type, Fit(code, operand.Type));
    }

    private static void RequireInteger(Operand operand, string op, int line)
    {
        if (!operand.IsInteger) throw new DCompileException("D_OP_INT", line, $"operator {op} requires operands of integral type");
    }

    /// <summary>The type of a binary operator's result: the wider one; of two alike, the unsigned one.</summary>
    private CType Promote(Operand left, Operand right)
    {
        CType l = left.Type.Resolved is CEnum ? _types.Int : left.Type, r = right.Type.Resolved is CEnum ? _types.Int : right.Type;
        if (l.Size != r.Size) return l.Size > r.Size ? l : r;
        return l.Resolved is CInteger { IsSigned: false } ? l : r;
    }

    private Operand Binary(BinaryNode node)
    {
        switch (node.Operator)
        {
            case "&&" or "||" or "^^":
                return Logical(node);
            case "==" or "!=" or "<" or "<=" or ">" or ">=":
                return Compare(node, Value(node.Left), Value(node.Right));
        }
        return Arithmetic(node.Operator, Value(node.Left), Value(node.Right), node.Line);
    }

    private Operand Arithmetic(string op, Operand left, Operand right, int line)
    {
        if (op is "+" or "-")
        {
            if (left.IsPointer || right.IsPointer) return PointerArithmetic(op, left, right, line);
            // Strings are taken for pointers here: what is left is the rest of the string.
            if (op == "+" && (left.IsText && right.IsInteger || right.IsText && left.IsInteger)) return TextResult(Static(nameof(DRuntime.Rest), (left.IsText ? left : right).Code, (left.IsText ? right : left).Code));
            if (!left.IsInteger || !right.IsInteger) throw Incompatible(op, left, right, line);
        }
        else if (op is "*" or "/" && !(left.IsInteger && right.IsInteger)) throw new DCompileException("D_OP_ARITH", line, $"operator {op} requires operands of arithmetic type");
        RequireInteger(left, op, line);
        RequireInteger(right, op, line);
        CType type = Promote(left, right);
        bool isSigned = type.Resolved is CInteger { IsSigned: true };
        if (op is "/" or "%" && right.Constant == 0) throw new DCompileException("D_DIV_ZERO", line, "expression contains division by zero");
        if (left.Constant != null && right.Constant is not null && ConstantFolder.TryEvaluate(new BinaryNode(line, op, new IntegerNode(line, left.Constant.Value, type), new IntegerNode(line, right.Constant.Value, type)), _ => null) is { } folded)
        {
            bool exact = op is not ("/" or "%" or ">>") || isSigned || (left.Constant >= 0 && right.Constant >= 0);
            if (exact) return Constant(folded, type);
        }
        Expression l = left.Code, r = right.Code;
        // An operand that the other one's type makes unsigned is taken as such.
        if (op is "/" or "%" or ">>" && !isSigned) (l, r) = (Fit(l, type), op == ">>" ? r : Fit(r, type));
        Expression code = op switch
        {
            "+" => Expression.Add(l, r),
            "-" => Expression.Subtract(l, r),
            "*" => Expression.Multiply(l, r),
            "&" => Expression.And(l, r),
            "|" => Expression.Or(l, r),
            "^" => Expression.ExclusiveOr(l, r),
            "/" => Static(nameof(DRuntime.Divide), l, r, Expression.Constant(isSigned)),
            "%" => Static(nameof(DRuntime.Modulo), l, r, Expression.Constant(isSigned)),
            "<<" => Static(nameof(DRuntime.ShiftLeft), l, r),
            ">>" => Static(nameof(DRuntime.ShiftRight), l, r, Expression.Constant(isSigned)),
            _ => throw new DCompileException("D_SYNTAX", line, $"syntax error near \"{op}\""),
        };
        return Number(type, Fit(code, type));
    }

    private Operand PointerArithmetic(string op, Operand left, Operand right, int line)
    {
        if (op == "-" && left.IsPointer && right.IsPointer)
        {
            int size = SizeOf(left.Target!, line);
            if (left.Target!.Size != right.Target!.Size) throw new DCompileException("D_OP_INCOMPAT", line, $"operands have incompatible types: \"{left.Type}\" - \"{right.Type}\"");
            return Number(_types.Long, Expression.Divide(Expression.Subtract(left.Code, right.Code), Expression.Constant((long)Math.Max(size, 1))));
        }
        if (!left.IsPointer && op == "+") (left, right) = (right, left);
        if (!left.IsPointer || !right.IsInteger) throw new DCompileException("D_OP_INCOMPAT", line, $"operands have incompatible types: \"{left.Type}\" {op} \"{right.Type}\"");
        CType target = left.Target!;
        if (target.Resolved is CFunction or CVoid) throw Incompatible(op, left, right, line);
        Expression scaled = Expression.Multiply(right.Code, Expression.Constant((long)Math.Max(target.Size, 1)));
        return Number(_types.PointerTo(target), op == "+" ? Expression.Add(left.Code, scaled) : Expression.Subtract(left.Code, scaled));
    }

    private Operand Logical(BinaryNode node)
    {
        Expression left = Part(node.Left), right = Part(node.Right);

        Expression Part(Node part)
        {
            Operand value = Value(part);
            return value.IsScalar || value.IsText ? Condition(value, node.Line) : throw new DCompileException("D_OP_SCALAR", node.Line, $"operator {node.Operator} requires operands of scalar type");
        }

        return Truth(node.Operator switch { "&&" => Expression.AndAlso(left, right), "||" => Expression.OrElse(left, right), _ => Expression.NotEqual(left, right) });
    }

    private Operand Compare(BinaryNode node, Operand left, Operand right)
    {
        ExpressionType op = node.Operator switch
        {
            "==" => ExpressionType.Equal,
            "!=" => ExpressionType.NotEqual,
            "<" => ExpressionType.LessThan,
            "<=" => ExpressionType.LessThanOrEqual,
            ">" => ExpressionType.GreaterThan,
            _ => ExpressionType.GreaterThanOrEqual,
        };
        if (left.IsText || right.IsText)
        {
            // Comparing a string with NULL is allowed: some functions answer that.
            if (left.Constant == 0 || right.Constant == 0)
            {
                Operand text = left.IsText ? left : right;
                Expression isNull = text.NullTest ?? Expression.Equal(text.Code, Expression.Constant(null, typeof(string)));
                return Truth(op == ExpressionType.Equal ? isNull : op == ExpressionType.NotEqual ? Expression.Not(isNull) : Expression.Constant(false));
            }
            Expression l = TextCode(left, node.Line, node.Operator), r = TextCode(right, node.Line, node.Operator);
            if (op == ExpressionType.Equal) return Truth(Static(nameof(DRuntime.AreEqual), l, r));
            if (op == ExpressionType.NotEqual) return Truth(Expression.Not(Static(nameof(DRuntime.AreEqual), l, r)));
            return Truth(Expression.MakeBinary(op, Static(nameof(DRuntime.Compare), l, r), Expression.Constant(0)));
        }
        bool integers = left.IsInteger && right.IsInteger;
        bool pointers = left.IsScalar && right.IsScalar && (left.IsPointer || left.Constant == 0 || right.IsPointer);
        if (!integers && !pointers) throw Incompatible(node.Operator, left, right, node.Line);
        if (!integers && left.IsInteger != right.IsInteger && left.Constant != 0 && right.Constant != 0 && !(left.IsInteger ? left : right).Type.Size.Equals(8) && (left.Constant ?? right.Constant) == null) throw Incompatible(node.Operator, left, right, node.Line);
        bool isSigned = integers && Promote(left, right).Resolved is CInteger { IsSigned: true };
        bool ordered = op is not (ExpressionType.Equal or ExpressionType.NotEqual);
        Expression a = left.Code, b = right.Code;
        if (integers && !isSigned) (a, b) = (Fit(a, Promote(left, right)), Fit(b, Promote(left, right)));
        if (ordered && !isSigned) (a, b) = (Expression.Convert(a, typeof(ulong)), Expression.Convert(b, typeof(ulong)));
        return Truth(Expression.MakeBinary(op, a, b));
    }

    private static DCompileException Incompatible(string op, Operand left, Operand right, int line) =>
        new("D_OP_INCOMPAT", line, $"operands have incompatible types: \"{left.Type}\" {op} \"{right.Type}\"");

    private Operand Conditional(ConditionalNode node)
    {
        Operand condition = Value(node.Condition);
        if (!condition.IsScalar && !condition.IsText) throw new DCompileException("D_OP_SCALAR", node.Line, "operator ?: expression must be of scalar type");
        Expression test = Condition(condition, node.Line);
        Operand yes = Value(node.Yes), no = Value(node.No);
        if (yes.IsVoid || no.IsVoid) return new Operand(_types.Void, Expression.IfThenElse(test, yes.Code, no.Code));
        if (yes.IsText || no.IsText)
        {
            if (!(yes.IsText || yes.IsCharacters || yes.Constant == 0) || !(no.IsText || no.IsCharacters || no.Constant == 0)) throw new DCompileException("D_OP_INCOMPAT", node.Line, "operator ?: operands must have compatible types");
            return new Operand(_text, Expression.Condition(test, TextOrNull(yes, node.Line), TextOrNull(no, node.Line)));
        }
        CType type;
        if (yes.IsInteger && no.IsInteger) type = Promote(yes, no);
        else if (yes.IsPointer && (no.IsPointer || no.IsInteger)) type = yes.Type;
        else if (no.IsPointer && yes.IsInteger) type = no.Type;
        else if (yes.Type.SameAs(no.Type)) type = yes.Type;
        else throw new DCompileException("D_OP_INCOMPAT", node.Line, "operator ?: operands must have compatible types");
        Operand result = Number(type, Expression.Condition(test, Fit(yes.Code, type), Fit(no.Code, type)));
        if (yes.Object == null && no.Object == null) return result;
        return yes.Object != null && no.Object != null ? result with { Object = Expression.Condition(test, yes.Object, no.Object) } : result;
    }

    private Expression TextOrNull(Operand value, int line) => value.Constant == 0 ? Expression.Constant(null, typeof(string)) : TextCode(value, line, "?:");

    private Operand Comma(CommaNode node)
    {
        Expression first = Effect(node.First);
        Operand second = Value(node.Second);
        return second with { Code = Expression.Block(first, second.Code), Constant = null };
    }

    private Operand Cast(CastNode node)
    {
        Operand value = Value(node.Operand);
        CType type = node.Type;
        if (type.Resolved is CText) return StringOf(value, node.Line);
        if (type.Resolved is CVoid) return new Operand(_types.Void, Expression.Block(typeof(void), value.Code, Expression.Empty()));
        bool toInteger = type.Resolved is CInteger or CEnum, toPointer = type.Resolved is CPointer;
        if (value.IsText && toPointer) return Number(type, AddressOfText(value));
        if (value.IsText && toInteger || !(toInteger || toPointer) || !value.IsScalar)
        {
            if (type.Resolved is CStruct && value.Type.SameAs(type)) return value;
            throw new DCompileException("D_CAST_INVAL", node.Line, $"invalid cast expression: \"{value.Type}\" to \"{type}\"");
        }
        if (value.Constant is { } constant && toInteger) return Constant(constant, type);
        return new Operand(type, Fit(value.Code, type)) { Object = toPointer ? value.Object ?? ObjectBehind(type, value.Code) : null, Constant = toPointer ? value.Constant : null };
    }

    private Operand Offsetof(OffsetofNode node)
    {
        if (node.Type.Resolved is not CStruct type) throw new DCompileException("D_OFFSETOF_TYPE", node.Line, "offsetof operand must be a struct or union type");
        CMember member = type.Find(node.Member) ?? throw new DCompileException("D_TYPE_MEMBER", node.Line, $"failed to determine offset of {node.Member}: Type does not contain requested member");
        if (member.BitWidth > 0) throw new DCompileException("D_OFFSETOF_BITFIELD", node.Line, $"cannot take offset of a bit-field: {node.Member}");
        return Constant(member.Offset, _types.UnsignedLong);
    }

    /// <summary>stringof(): of whatever may be text.</summary>
    private Operand StringOf(Operand value, int line)
    {
        if (value.IsText) return value;
        if (!value.IsScalar) throw new DCompileException("D_STRINGOF_TYPE", line, $"stringof expression must be of type string, char *, or char []: {value.Type}");
        if (value.Object != null && value.Target?.Resolved is CInteger { Size: 1 } or CVoid)
        {
            return new Operand(_text, Call(nameof(DRuntime.TextOfObject), value.Object));
        }
        return new Operand(_text, Expression.Call(Memory, nameof(DMemory.Text), null, value.Code, Expression.Property(Expression.Field(_rt, nameof(DRuntime.Options)), nameof(_options.StringSize))));
    }

    /// <summary>The code of an operand that has to be text; character arrays are.</summary>
    private Expression TextCode(Operand value, int line, string what)
    {
        if (value.IsText) return value.Code;
        if (value.IsCharacters) return StringOf(value, line).Code;
        throw new DCompileException("D_OP_INCOMPAT", line, $"operator {what} requires operands of string type: \"{value.Type}\"");
    }

    private Expression AddressOfText(Operand value) => Call(nameof(DRuntime.AddressOfText), value.Code);

    private Expression Memory => Expression.Field(_rt, nameof(DRuntime.Memory));

    private static Expression Static(string method, params Expression[] arguments) =>
        Expression.Call(typeof(DRuntime), method, null, arguments);

    private Expression Call(string method, params Expression[] arguments) => Expression.Call(_rt, method, null, arguments);
}
