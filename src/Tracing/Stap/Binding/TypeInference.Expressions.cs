using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Binding;

/// <content>Expressions: each says what it is, given what is wanted.</content>
internal sealed partial class TypeInference
{
    private StapType Infer(Expr expression, StapType wanted)
    {
        StapType type = expression switch
        {
            NumberExpr => Fixed(StapType.Long, wanted, expression),
            StringExpr => Fixed(StapType.String, wanted, expression),
            NameExpr name => InferName(name, wanted),
            IndexExpr index => InferIndex(index, wanted),
            CallExpr call => InferCall(call, wanted),
            PrintExpr print => InferPrint(print, wanted),
            UnaryExpr unary => Operands(wanted, unary, StapType.Long, unary.Operand),
            StepExpr step => Operands(wanted, step, StapType.Long, step.Target),
            BinaryExpr binary => InferBinary(binary, wanted),
            ConditionalExpr choice => InferConditional(choice, wanted),
            AssignExpr assign => InferAssign(assign, wanted),
            MemberExpr member => InferMember(member, wanted),
            RegexExpr regex => Then(Infer(regex.Left, StapType.String), Fixed(StapType.Long, wanted, regex)),
            StatExpr stat => Then(InferStatistic(stat.Operand), Fixed(StapType.Long, wanted, stat)),
            HistogramExpr histogram => InferHistogram(histogram, wanted),
            TargetExpr target => InferTarget(target, wanted),
            DefinedExpr => Fixed(StapType.Long, wanted, expression),
            ChooseDefinedExpr choose => Infer(_scope.Decision(choose) == true ? choose.First : choose.Second, wanted),
            EntryExpr entry => Infer(entry.Operand, wanted),
            ForeignExpr => Fixed(StapType.Long, wanted, expression),
            _ => throw new InvalidOperationException($"no type rule for {expression.GetType().Name}"),
        };
        if (type != StapType.Unknown) _scope.SetType(expression, type);
        return type;
    }

    private static StapType Then(StapType ignored, StapType result)
    {
        _ = ignored;
        return result;
    }

    private static StapType Fixed(StapType type, StapType wanted, Expr at) =>
        wanted == StapType.Unknown || wanted == type ? type : throw Mismatch(wanted, type, at.At, null);

    private StapType Operands(StapType wanted, Expr whole, StapType type, Expr operand)
    {
        Infer(operand, type);
        return Fixed(StapType.Long, wanted, whole);
    }

    private StapType InferName(NameExpr name, StapType wanted)
    {
        Variable variable = _scope.Fact<Variable>(name)!;
        if (variable.IsGlobal) SetArity(variable, 0, name.At);
        Unify(variable, wanted, name.At);
        if (_final && variable.Type == StapType.Unknown) throw new StapSemanticException("unresolved type ", name.At);
        return variable.Type;
    }

    private StapType InferIndex(IndexExpr index, StapType wanted)
    {
        Variable array = _scope.Fact<Variable>(index)!;
        InferKeys(array, index.Keys, index.At);
        Unify(array, wanted, index.At);
        if (_final && array.Type == StapType.Unknown) throw new StapSemanticException("unresolved type ", index.At);
        return array.Type;
    }

    private void InferKeys(Variable array, IReadOnlyList<Expr?> keys, StapToken at)
    {
        SetArity(array, keys.Count, at);
        for (int i = 0; i < keys.Count; i++)
        {
            if (keys[i] is { } key) SetKeyType(array, i, Infer(key, array.KeyTypes[i]), key.At);
        }
    }

    private StapType InferCall(CallExpr call, StapType wanted)
    {
        FunctionGroup group = _scope.Fact<FunctionGroup>(call)!;
        foreach (Function function in group.Members)
        {
            for (int i = 0; i < call.Arguments.Count; i++)
            {
                Variable parameter = function.Parameters[i];
                StapType type = Infer(call.Arguments[i], parameter.Type);
                if (type == StapType.Stats) throw new StapSemanticException("a statistic cannot be passed to a function", call.Arguments[i].At);
                Unify(parameter, type, call.Arguments[i].At);
            }
            if (wanted == StapType.Unknown || function.ReturnType == wanted) continue;
            if (function.ReturnType != StapType.Unknown) throw Mismatch(wanted, function.ReturnType, call.At, function.TypeSeenAt);
            function.ReturnType = wanted;
            function.TypeSeenAt = call.At;
            _changed = true;
        }
        return group.First.ReturnType;
    }

    private StapType InferPrint(PrintExpr print, StapType wanted)
    {
        if (print.Format != null)
        {
            StapType[] types = [.. print.Format.ArgumentTypes()];
            if (types.Length > print.Arguments.Count) throw new StapSemanticException("too few arguments to print operation", print.At);
            if (types.Length < print.Arguments.Count) throw new StapSemanticException("too many arguments to print operation", print.At);
            for (int i = 0; i < types.Length; i++) Infer(print.Arguments[i], types[i]);
        }
        else
        {
            foreach (Expr argument in print.Arguments)
            {
                StapType type = Infer(argument, print.Kind == PrintKind.Char ? StapType.Long : StapType.Unknown);
                if (type == StapType.Stats && argument is not HistogramExpr) throw new StapSemanticException("cannot print a raw stats object", argument.At);
                if (argument is HistogramExpr && print.Arguments.Count > 1) throw new StapSemanticException("cannot print a histogram together with other values", argument.At);
                if (_final && type == StapType.Unknown && argument is not CallExpr) throw new StapSemanticException("unresolved type ", argument.At);
            }
        }
        return Fixed(print.ToText ? StapType.String : StapType.Long, wanted, print);
    }

    private StapType InferBinary(BinaryExpr binary, StapType wanted)
    {
        if (_scope.Decision(binary) != null) return Fixed(StapType.Long, wanted, binary);
        switch (binary.Op)
        {
            case ".":
                Infer(binary.Left, StapType.String);
                Infer(binary.Right, StapType.String);
                return Fixed(StapType.String, wanted, binary);
            case "==" or "!=" or "<" or ">" or "<=" or ">=":
                StapType left = Infer(binary.Left, StapType.Unknown);
                StapType right = Infer(binary.Right, StapType.Unknown);
                if (left == StapType.Stats || right == StapType.Stats) throw new StapSemanticException("a statistic cannot be compared", binary.At);
                if (left == StapType.Unknown && right != StapType.Unknown) Infer(binary.Left, right);
                else if (right == StapType.Unknown && left != StapType.Unknown) Infer(binary.Right, left);
                else if (left != right) throw new StapSemanticException($"type mismatch: left and right sides don't agree ({Word(left)} vs {Word(right)})", binary.At);
                return Fixed(StapType.Long, wanted, binary);
            default:
                Infer(binary.Left, StapType.Long);
                Infer(binary.Right, StapType.Long);
                return Fixed(StapType.Long, wanted, binary);
        }
    }

    private StapType InferConditional(ConditionalExpr choice, StapType wanted)
    {
        if (_scope.Decision(choice) is { } taken) return Infer(taken ? choice.Then : choice.Otherwise, wanted);
        Infer(choice.Condition, StapType.Long);
        StapType then = Infer(choice.Then, wanted);
        StapType otherwise = Infer(choice.Otherwise, wanted == StapType.Unknown ? then : wanted);
        if (then == StapType.Unknown && otherwise != StapType.Unknown) then = Infer(choice.Then, otherwise);
        return then;
    }

    private StapType InferAssign(AssignExpr assign, StapType wanted)
    {
        switch (assign.Op)
        {
            case "<<<":
                Infer(assign.Value, StapType.Long);
                Variable statistic = _scope.Fact<Variable>(assign.Target)!;
                if (!statistic.IsGlobal) throw new StapSemanticException("unresolved arity-0 global array " + statistic.Name + ", missing global declaration?", assign.Target.At);
                Infer(assign.Target, StapType.Stats);
                return Fixed(StapType.Long, wanted, assign);
            case ".=":
                Infer(assign.Target, StapType.String);
                Infer(assign.Value, StapType.String);
                return Fixed(StapType.String, wanted, assign);
            case "=" when assign.Target is TargetExpr:
                Infer(assign.Target, StapType.Long);
                Infer(assign.Value, StapType.Long);
                return Fixed(StapType.Long, wanted, assign);
            case "=":
                StapType value = Infer(assign.Value, wanted);
                bool final = _final;
                _final = false;
                StapType target = Infer(assign.Target, value);
                _final = final;
                if (target == StapType.Stats) throw new StapSemanticException("a statistic cannot be assigned to; use <<<", assign.At);
                if (value == StapType.Unknown && target != StapType.Unknown) value = Infer(assign.Value, target);
                if (_final && value == StapType.Unknown && assign.Value is not CallExpr) throw new StapSemanticException("unresolved type ", assign.Target.At);
                return value;
            default:
                Infer(assign.Target, StapType.Long);
                Infer(assign.Value, StapType.Long);
                return Fixed(StapType.Long, wanted, assign);
        }
    }

    private StapType InferMember(MemberExpr member, StapType wanted)
    {
        InferKeys(_scope.Fact<Variable>(member.Array)!, member.Keys, member.At);
        return Fixed(StapType.Long, wanted, member);
    }

    private StapType InferStatistic(Expr operand)
    {
        if (_scope.Fact<LoopElement>(operand) is { } element)
        {
            Unify(element.Array, StapType.Stats, operand.At);
            return StapType.Stats;
        }
        // The value of foreach (v = k in statistics) is one too.
        if (_scope.Fact<Variable>(operand) is { IsGlobal: false, IsLoopValue: false } local)
            throw new StapSemanticException($"unresolved arity-0 global array {local.Name}, missing global declaration?", operand.At);
        return Infer(operand, StapType.Stats);
    }

    private StapType InferHistogram(HistogramExpr histogram, StapType wanted)
    {
        InferStatistic(histogram.Operand);
        if (histogram.Bucket == null) return wanted is StapType.Unknown or StapType.Stats ? StapType.Stats : throw Mismatch(wanted, StapType.Stats, histogram.At, null);
        Infer(histogram.Bucket, StapType.Long);
        return Fixed(StapType.Long, wanted, histogram);
    }

    private StapType InferTarget(TargetExpr target, StapType wanted)
    {
        TargetAccess access = _scope.Fact<TargetAccess>(target)!;
        if (target.Operand != null) Infer(target.Operand, StapType.Long);
        foreach (Step step in target.Steps)
        {
            if (step.Index != null) Infer(step.Index, StapType.Long);
        }
        return Fixed(access.IsText ? StapType.String : StapType.Long, wanted, target);
    }
}
