using System.Linq.Expressions;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Compiling;

/// <content>Calls, printing, and walks through structures.</content>
internal sealed partial class HandlerCompiler
{
    private Expression Call(CallExpr call)
    {
        FunctionGroup group = _scope.Fact<FunctionGroup>(call)!;
        Function first = group.First;
        Expression[] arguments = [.. call.Arguments.Select((a, i) => Value(a, first.Parameters[i].Type))];
        Expression mark = Expression.Assign(Expression.Field(_runtime, nameof(StapRuntime.At)), Expression.Constant(call.At));
        if (first.Native != null)
        {
            Expression native = Expression.Call(first.Native, [_runtime, .. arguments]);
            if (first.Native.ReturnType == typeof(void)) native = Expression.Block(native, Zero);
            // Arguments may themselves be calls: the mark is set behind them.
            if (arguments.Length == 0) return first.IsPure ? native : Expression.Block(mark, native);
            ParameterExpression[] kept = [.. arguments.Select(a => Expression.Variable(a.Type))];
            native = Expression.Call(first.Native, [_runtime, .. kept]);
            if (first.Native.ReturnType == typeof(void)) native = Expression.Block(native, Zero);
            return Expression.Block(kept, [.. kept.Zip(arguments, Expression.Assign), mark, native]);
        }
        ParameterExpression[] values = [.. arguments.Select(a => Expression.Variable(a.Type))];
        ParameterExpression result = Expression.Variable(ClrType(first.ReturnType), "result");
        MemberExpression nesting = Expression.Field(_runtime, nameof(StapRuntime.Nesting));
        var steps = new List<Expression>();
        steps.AddRange(values.Zip(arguments, Expression.Assign));
        steps.Add(Expression.Call(_runtime, nameof(StapRuntime.Enter), null, Expression.Constant(call.At)));
        steps.Add(Expression.Assign(result, Invoke(first, values)));
        MemberExpression triesNext = Expression.Field(_runtime, nameof(StapRuntime.TriesNext));
        foreach (Function next in group.Members.Skip(1))
        {
            steps.Add(Expression.IfThen(triesNext, Expression.Block(typeof(void),
                Expression.Assign(triesNext, Expression.Constant(false)), Expression.Assign(result, Invoke(next, values)))));
        }
        steps.Add(Expression.IfThen(triesNext, Expression.Call(_runtime, nameof(StapRuntime.NoneLeft), null, Expression.Constant(call.At))));
        steps.Add(Expression.PreDecrementAssign(nesting));
        steps.Add(result);
        return Expression.Block([.. values, result], steps);
    }

    private InvocationExpression Invoke(Function function, ParameterExpression[] values)
    {
        object slot = SlotOf(function, limits);
        return Expression.Invoke(Expression.Field(Expression.Constant(slot), nameof(FunctionSlot<Action>.Target)), [_runtime, .. values]);
    }

    // All values are taken before anything is printed: they may print themselves, or fail.
    private Expression Print(PrintExpr print)
    {
        var variables = new List<ParameterExpression>();
        var steps = new List<Expression>();
        var values = new List<Expression>();
        foreach (Expr argument in print.Arguments)
        {
            // A literal is printed whole.
            Expression value = argument is StringExpr literal ? Expression.Constant(literal.Value) : Value(argument);
            if (value is not ConstantExpression)
            {
                ParameterExpression kept = Expression.Variable(value.Type, "value");
                variables.Add(kept);
                steps.Add(Expression.Assign(kept, value));
                value = kept;
            }
            values.Add(value);
        }
        Expression text = Expression.Field(_runtime, print.ToText ? nameof(StapRuntime.Scratch) : nameof(StapRuntime.Text));
        switch (print.Kind)
        {
            case PrintKind.Char:
                steps.Add(Expression.Call(text, nameof(ByteText.Append), null, Expression.Convert(values[0], typeof(byte))));
                break;
            case PrintKind.Printf:
                Pieces(print, text, values, steps);
                break;
            default:
                for (int i = 0; i < values.Count; i++)
                {
                    if (i > 0 && print.Delimiter is { Value.Length: > 0 }) steps.Add(Append(text, Expression.Constant(print.Delimiter.Value)));
                    steps.Add(Append(text, values[i]));
                }
                if (print.Kind is PrintKind.Println or PrintKind.Printdln) steps.Add(Append(text, Expression.Constant("\n")));
                break;
        }
        steps.Add(print.ToText ? Expression.Call(_runtime, nameof(StapRuntime.Take), null) : Zero);
        return Expression.Block(variables, steps);
    }

    private static MethodCallExpression Append(Expression text, Expression value) => Expression.Call(text, typeof(ByteText).GetMethod(nameof(ByteText.Append), [value.Type])!, value);

    private void Pieces(PrintExpr print, Expression text, List<Expression> values, List<Expression> steps)
    {
        int next = 0;
        foreach (FormatPiece piece in print.Format!.Pieces)
        {
            if (piece.IsLiteral)
            {
                steps.Add(Append(text, Expression.Constant(piece.Literal)));
                continue;
            }
            Expression width = piece.DynamicWidth ? Expression.Convert(values[next++], typeof(int)) : Expression.Constant(piece.Width);
            Expression precision = piece.DynamicPrecision ? Expression.Convert(values[next++], typeof(int)) : Expression.Constant(piece.Precision);
            Expression value = values[next++];
            Expression format = Expression.Constant(piece);
            if (piece.Conversion is 's' && value.Type == typeof(string) && piece is { Flags: FormatFlags.None, Width: -1, Precision: -1, DynamicWidth: false, DynamicPrecision: false }) steps.Add(Append(text, value));
            else if (piece.Conversion is 'd' && piece is { Flags: FormatFlags.None, Width: -1, Precision: -1, DynamicWidth: false, DynamicPrecision: false }) steps.Add(Append(text, value));
            else if (piece.Conversion is 'm' or 'M') steps.Add(Expression.Call(_runtime, nameof(StapRuntime.FormatMemory), null, text, format, width, precision, value, Expression.Constant(print.At)));
            else if (piece.DynamicWidth) steps.Add(Expression.Call(_runtime, nameof(StapRuntime.FormatWide), null, text, format, width, precision, Expression.Convert(value, typeof(object))));
            else steps.Add(Expression.Call(text, nameof(ByteText.Format), null, format, width, precision, value));
        }
    }

    private Expression Target(TargetExpr target)
    {
        TargetAccess access = _scope.Fact<TargetAccess>(target)!;
        if (access.Text != null) return Expression.Constant(access.Text);
        Expression start = target.Operand != null ? Number(target.Operand) : Zero;
        if (access.Variable is { Origin: TargetOrigin.Raw or TargetOrigin.Result } variable && access is { Steps.Count: 0, Pretty: 0 } && !target.AddressOf && Plain(variable, access.RootType) is { } plain) return plain;
        if (target.Kind is TargetKind.Cast or TargetKind.Expression && access.Steps.Count == 0 && access.Pretty == 0) return start;
        if (access.Variable != null && access.Steps.Count == 0 && !access.IsText)
            return Expression.Call(_runtime, nameof(StapRuntime.ValueOf), null, Expression.Constant(access.Variable), Expression.Constant(access.RootType));
        Expression indexes = target.Steps.Any(s => s.Index != null)
            ? Expression.NewArrayInit(typeof(long), target.Steps.Where(s => s.Index != null).Select(s => Number(s.Index!)))
            : Expression.Constant(null, typeof(long[]));
        return access.IsText
            ? Expression.Call(_runtime, nameof(StapRuntime.WalkText), null, Expression.Constant(access), start, indexes, Expression.Constant(target.At))
            : Expression.Call(_runtime, nameof(StapRuntime.WalkFrom), null, Expression.Constant(access), start, indexes, Expression.Constant(target.AddressOf), Expression.Constant(target.At));
    }

    // -g: what lies in the guest's memory can be written to.
    private MethodCallExpression StoreTarget(TargetExpr target, Expression value)
    {
        TargetAccess access = _scope.Fact<TargetAccess>(target)!;
        Expression start = target.Operand != null ? Number(target.Operand) : Zero;
        Expression indexes = target.Steps.Any(s => s.Index != null)
            ? Expression.NewArrayInit(typeof(long), target.Steps.Where(s => s.Index != null).Select(s => Number(s.Index!)))
            : Expression.Constant(null, typeof(long[]));
        return Expression.Call(_runtime, nameof(StapRuntime.StoreAt), null, Expression.Constant(access), start, indexes, value, Expression.Constant(target.At));
    }

    // A system call's argument comes straight out of the record.
    private Expression? Plain(TargetVariable variable, StapCType type)
    {
        MemberExpression record = Expression.Field(_runtime, nameof(StapRuntime.Event));
        if (variable.Origin == TargetOrigin.Result)
        {
            if (_scope.Source!.Kind != SourceKind.SyscallReturn) return null;
            return Expression.Field(record, nameof(Kennel.Probes.KernelEvent.Result));
        }
        Expression raw = Expression.Field(record, "A" + variable.Index);
        if (type.Pointers == 0 && !type.IsArray && type.PlainSize == 4) raw = Expression.Convert(raw, type.IsUnsigned ? typeof(uint) : typeof(int));
        return Expression.Convert(raw, typeof(long));
    }
}
