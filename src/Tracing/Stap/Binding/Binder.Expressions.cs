using System.Text.RegularExpressions;
using Kennel.Tracing.Stap.Runtime;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Binding;

/// <content>Expressions.</content>
internal sealed partial class Binder
{
    private void BindExpr(Expr expression, bool used = true)
    {
        switch (expression)
        {
            case NameExpr name:
                Variable variable = Declare(name, -1);
                variable.IsRead = true;
                _scope.ReadLocals.Add(variable);
                break;
            case IndexExpr index:
                BindIndex(index).IsRead = true;
                break;
            case CallExpr call:
                BindCall(call);
                break;
            case PrintExpr print:
                foreach (Expr argument in print.Arguments) BindExpr(argument);
                break;
            case UnaryExpr unary:
                BindExpr(unary.Operand);
                break;
            case StepExpr step:
                BindTarget(step.Target, step.At, reads: used);
                break;
            case BinaryExpr binary:
                BindBinary(binary);
                break;
            case ConditionalExpr choice:
                BindConditional(choice);
                break;
            case AssignExpr assign:
                BindExpr(assign.Value);
                BindTarget(assign.Target, assign.At, reads: used && assign.Op != "=");
                if (used && assign.Target is NameExpr or IndexExpr && _scope.Fact<Variable>(assign.Target) is { } target) MarkRead(target);
                Propagate(assign);
                break;
            case MemberExpr member:
                foreach (Expr? key in member.Keys)
                {
                    if (key != null) BindExpr(key);
                }
                Variable array = Lookup(member.Array.Name, member.Array.At, member.Keys.Count, create: false)
                    ?? throw new StapSemanticException($"unresolved arity-{member.Keys.Count} global array {member.Array.Name}, missing global declaration?", member.Array.At);
                array.IsRead = true;
                _scope.Set(member.Array, array);
                break;
            case RegexExpr regex:
                BindExpr(regex.Left);
                RequirePattern(regex);
                break;
            case StatExpr stat:
                BindStatistic(stat, stat.Operand);
                break;
            case HistogramExpr histogram:
                BindStatistic(histogram, histogram.Operand);
                if (histogram.Bucket != null) BindExpr(histogram.Bucket);
                break;
            case TargetExpr target2:
                BindTargetExpr(target2);
                break;
            case DefinedExpr defined:
                _scope.Set(defined, IsDefined(defined.Operand));
                break;
            case ChooseDefinedExpr choose:
                // Known already when this is a second look, at what is inside another such choice.
                bool first = _scope.Decision(choose) ?? IsDefined(choose.First);
                _scope.Set(choose, first);
                BindExpr(first ? choose.First : choose.Second);
                break;
            case EntryExpr entry:
                BindEntry(entry);
                break;
            case ForeignExpr foreign:
                BindForeign(foreign);
                break;
        }
    }

    // @defined takes the side away that may not compile.
    private void BindConditional(ConditionalExpr choice)
    {
        if (Decide(choice.Condition) is { } known)
        {
            _scope.Set(choice, known != 0);
            BindExpr(known != 0 ? choice.Then : choice.Otherwise);
            return;
        }
        BindExpr(choice.Condition);
        BindExpr(choice.Then);
        BindExpr(choice.Otherwise);
    }

    private void BindBinary(BinaryExpr binary)
    {
        if (binary.Op is "&&" or "||" && Decide(binary.Left) is { } left && (left != 0) == (binary.Op == "||"))
        {
            _scope.Set(binary, left != 0);
            return;
        }
        BindExpr(binary.Left);
        BindExpr(binary.Right);
    }

    // What is known at compile time by @defined; plain numbers do not count, for messages about dead code would be lost.
    private long? Decide(Expr expression) => AsksDefined(expression) ? ConstantOf(expression) : null;

    private static bool AsksDefined(Expr expression) => expression switch
    {
        DefinedExpr => true,
        UnaryExpr unary => AsksDefined(unary.Operand),
        BinaryExpr { Op: "&&" or "||" } binary => AsksDefined(binary.Left) || AsksDefined(binary.Right),
        _ => false,
    };

    private long? ConstantOf(Expr expression) => expression switch
    {
        NumberExpr number => number.Value,
        DefinedExpr defined => IsDefined(defined.Operand) ? 1 : 0,
        UnaryExpr { Op: "!" } not => ConstantOf(not.Operand) is { } value ? value == 0 ? 1 : 0 : null,
        BinaryExpr { Op: "&&" } and => ConstantOf(and.Left) is { } left ? left == 0 ? 0 : ConstantOf(and.Right) is { } right ? right != 0 ? 1 : 0 : null : null,
        BinaryExpr { Op: "||" } or => ConstantOf(or.Left) is { } left ? left != 0 ? 1 : ConstantOf(or.Right) is { } right ? right != 0 ? 1 : 0 : null : null,
        _ => null,
    };

    private bool IsDefined(Expr operand)
    {
        Variable[] locals = [.. _scope.Locals.Values];
        int entries = _scope.EntryValues.Count;
        try
        {
            switch (operand)
            {
                case CallExpr call:
                    if (library.FindFunction(call.Name, call.Arguments.Count, call.At.Source) == null) return false;
                    break;
                case ForeignExpr:
                    return false;
                case NameExpr name:
                    return library.FindGlobal(name.Name, name.At.Source) != null || _scope.Locals.ContainsKey(name.Name);
            }
            BindExpr(operand);
            return true;
        }
        catch (StapSemanticException)
        {
            return false; // that is the question
        }
        finally
        {
            if (_scope.EntryValues.Count > entries) _scope.EntryValues.RemoveRange(entries, _scope.EntryValues.Count - entries);
            foreach (string added in _scope.Locals.Where(l => !locals.Contains(l.Value)).Select(l => l.Key).ToArray()) _scope.Locals.Remove(added);
        }
    }

    private Variable BindIndex(IndexExpr index, bool mayHaveWildcards = false)
    {
        foreach (Expr? key in index.Keys)
        {
            if (key != null) BindExpr(key);
            else if (!mayHaveWildcards) throw new StapSemanticException("unexpected wildcard '*' in array index", index.At);
        }
        Variable array = Lookup(index.Name, index.At, index.Keys.Count, create: false)
            ?? throw new StapSemanticException($"unresolved arity-{index.Keys.Count} global array {index.Name}, missing global declaration?", index.At);
        _scope.Set(index, array);
        return array;
    }

    private void BindTarget(Expr target, StapToken at, bool reads)
    {
        Variable variable;
        switch (target)
        {
            case NameExpr name:
                variable = Declare(name, 0);
                break;
            case IndexExpr index:
                variable = BindIndex(index);
                break;
            case TargetExpr write:
                BindTargetExpr(write);
                if (!options.Guru) throw new StapSemanticException("write to target variable not permitted; need stap -g", write.At);
                if (_scope.Fact<TargetAccess>(write) is { IsText: true }) throw new StapSemanticException("cannot write to pretty-printed variable", write.At);
                return;
            default:
                throw new StapSemanticException("Expecting symbol or array index expression", target.At);
        }
        variable.IsWritten = true;
        if (reads) MarkRead(variable);
        RequireNotIterated(variable, target.At);
    }

    private static void RequirePattern(RegexExpr regex)
    {
        try
        {
            _ = new Regex(StapRuntime.TranslatePattern(regex.Pattern), RegexOptions.CultureInvariant);
        }
        catch (ArgumentException)
        {
            throw new StapSemanticException($"regex compilation error (while parsing '{regex.Pattern}')", regex.At);
        }
    }

    private void MarkRead(Variable variable)
    {
        variable.IsRead = true;
        _scope.ReadLocals.Add(variable);
    }

    // task = task_current(): what it points to is known from now on.
    private void Propagate(AssignExpr assign)
    {
        if (assign.Op != "=" || _scope.Fact<Variable>(assign.Target) is not { } variable) return;
        variable.PointsTo ??= PointedBy(assign.Value);
    }

    private string? PointedBy(Expr value) => value switch
    {
        CallExpr => _scope.Fact<FunctionGroup>(value)?.First.PointsTo,
        NameExpr => _scope.Fact<Variable>(value)?.PointsTo,
        TargetExpr => _scope.Fact<TargetAccess>(value)?.PointsTo,
        ChooseDefinedExpr choose => PointedBy(_scope.Decision(choose) == true ? choose.First : choose.Second),
        ConditionalExpr choice => PointedBy(_scope.Decision(choice) == false ? choice.Otherwise : choice.Then),
        EntryExpr entry => PointedBy(entry.Operand),
        AssignExpr assign => PointedBy(assign.Value),
        _ => null,
    };

    private void BindCall(CallExpr call)
    {
        foreach (Expr argument in call.Arguments) BindExpr(argument);
        FunctionGroup? group = library.FindFunction(call.Name, call.Arguments.Count, call.At.Source);
        if (group == null)
        {
            if (library.ArityOf(call.Name) is { } arity) throw new StapSemanticException($"arity mismatch found (function '{call.Name}' takes {arity} args)", call.At);
            throw new StapSemanticException($"unresolved function{Suggestions.For(call.Name, library.FunctionNames)}", call.At);
        }
        if (group.First.NeedsGuru && !options.Guru && !call.At.Source.IsTapset)
            throw new StapSemanticException("function may not be used unless -g is specified", call.At);
        _scope.Set(call, group);
        foreach (Function function in group.Members)
        {
            _scope.Calls.Add(function);
            _scope.Function?.Calls.Add(function);
            if (Functions.Contains(function)) continue;
            Functions.Add(function);
            _pending.Enqueue(function);
        }
        foreach (Variable array in _iterated) CallsInsideForeach.Add((array, call, group.Members));
    }

    private void BindStatistic(Expr whole, Expr operand)
    {
        switch (operand)
        {
            case NameExpr name:
                Variable variable = Declare(name, -1);
                MarkRead(variable);
                // Inside its own foreach, an array without index is the element at hand.
                int loop = _iterated.LastIndexOf(variable);
                if (loop >= 0) _scope.Set(operand, new LoopElement(variable, _loops[loop]));
                NoteFigures(whole, variable);
                break;
            case IndexExpr index:
                Variable array = BindIndex(index);
                array.IsRead = true;
                NoteFigures(whole, array);
                break;
            default:
                throw new StapSemanticException("invalid operand of statistic operator, expected a statistic", operand.At);
        }
    }

    private static void NoteFigures(Expr whole, Variable variable)
    {
        if (whole is StatExpr { Op: "@variance" }) variable.WantsVariance = true;
        if (whole is not HistogramExpr histogram) return;
        if (histogram.Linear && histogram.Step <= 0) throw new StapSemanticException("histogram_linear: interval must be greater than zero", whole.At);
        if (histogram.Linear && histogram.From >= histogram.To) throw new StapSemanticException("histogram_linear: low bound must be less than high bound", whole.At);
        if (histogram.Linear && (histogram.To - histogram.From) / histogram.Step > 128) throw new StapSemanticException("histogram_linear: too many buckets, at most 128", whole.At);
        if (variable.Histogram is { } before && (before.Linear != histogram.Linear || before.From != histogram.From || before.To != histogram.To || before.Step != histogram.Step))
            throw new StapSemanticException("conflicting histogram types declared for variable", whole.At);
        variable.Histogram = histogram;
    }
}

/// <summary>@op(A) in foreach (k in A): the element that the loop is at.</summary>
internal sealed record LoopElement(Variable Array, ForeachStmt Loop);
