using Kennel.Probes;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Binding;

/// <content>$variables, @cast, @var, @entry: walks through structures.</content>
internal sealed partial class Binder
{
    private void BindTargetExpr(TargetExpr target)
    {
        foreach (Step step in target.Steps)
        {
            if (step.Index != null) BindExpr(step.Index);
        }
        _scope.Set(target, Access(target));
        // In .return, what was reached through arguments is meant as it was at entry.
        if (_scope.Source is { IsReturn: true, HasParameters: true } && target is { Kind: TargetKind.Variable, Steps.Count: > 0 } && target.Name != "return"
            && target.Name[1..] != "return" && !_scope.EntryValues.Contains(target)) _scope.EntryValues.Add(target);
        // What a program's function was called with is gone when it returns.
        if (_scope.Source is { Kind: SourceKind.UserReturn } && target.Kind == TargetKind.Variable && target.Name is not ("$return" or "$$return") && !_scope.EntryValues.Contains(target)) _scope.EntryValues.Add(target);
    }

    private TargetAccess Access(TargetExpr target)
    {
        switch (target.Kind)
        {
            case TargetKind.Variable:
                return AccessVariable(target);
            case TargetKind.Cast:
                BindExpr(target.Operand!);
                return Walk(target, CastType(target), null, null);
            case TargetKind.Global:
                KernelVariable global = model.FindVariable(target.Name) ?? throw new StapSemanticException($"unable to find global '{target.Name}' in kernel", target.At);
                return Walk(target, StapCType.Parse(global.Type), null, global);
            default:
                BindExpr(target.Operand!);
                string type = PointedBy(target.Operand!) ?? throw new StapSemanticException("unknown type in autocast access, use @cast", target.At);
                return Walk(target, new StapCType(type, 1, -1), null, null);
        }
    }

    private TargetAccess AccessVariable(TargetExpr target)
    {
        ProbeSource source = _scope.Source ?? throw new StapSemanticException("unresolved target-symbol expression", target.At);
        if (target.Name is "$$parms" or "$$vars" or "$$locals" or "$$return") return AccessList(target, source);
        if (target.Name == "$$provider" && source.Provider is { } provider)
            return new TargetAccess { RootType = StapCType.Parse("long"), Type = StapCType.Parse("long"), Listed = [], Text = provider };
        if (target.Name == "$$name" && source.Tracepoint is { } point)
            return new TargetAccess { RootType = StapCType.Parse("long"), Type = StapCType.Parse("long"), Listed = [], Text = point };
        string name = target.Name[1..];
        if (source.Find(name) is { } variable) return Walk(target, StapCType.Parse(variable.Type), variable, null);
        if (name == "return") throw new StapSemanticException(source.IsReturn ? "function has no return value" : "$return is only valid in .return probes", target.At);
        string similar = Suggestions.For("$" + name, source.Variables.Select(v => "$" + v.Name), "alternatives");
        throw new StapSemanticException($"unable to find local '{name}'{(similar.Length > 0 ? similar : source.Variables.Count > 0 ? $" (alternatives: {string.Join(", ", source.Variables.Select(v => "$" + v.Name))})" : "")}", target.At);
    }

    private static TargetAccess AccessList(TargetExpr target, ProbeSource source)
    {
        IEnumerable<TargetVariable> listed = target.Name switch
        {
            "$$return" => source.Variables.Where(v => v.Name == "return"),
            "$$locals" => [],
            _ => source.Parameters,
        };
        int pretty = target.Steps.Count > 0 ? target.Steps[0].Pretty : 0;
        return new TargetAccess { RootType = StapCType.Parse("long"), Type = StapCType.Parse("long"), Listed = [.. listed], Pretty = pretty };
    }

    private StapCType CastType(TargetExpr target)
    {
        StapCType type = StapCType.Parse(target.Type!.Replace("kernel<", "", StringComparison.Ordinal));
        bool known = type.Name.Length > 0 && (type.PlainSize > 0 || layouts.Find(type) != null);
        if (!known) throw new StapSemanticException($"type definition '{target.Type}' not found in 'kernel'", target.At);
        // A cast to a structure means a pointer to it.
        return type.Pointers == 0 && type.PlainSize == 0 ? type with { Pointers = 1 } : type;
    }

    private TargetAccess Walk(TargetExpr target, StapCType root, TargetVariable? variable, KernelVariable? global)
    {
        var steps = new List<BoundStep>();
        StapCType type = root;
        int pretty = 0;
        foreach (Step step in target.Steps)
        {
            if (step.Pretty > 0)
            {
                pretty = step.Pretty;
                continue;
            }
            BoundStep bound = step.Member != null ? BindMember(step, type) : BindElement(step, type);
            steps.Add(bound);
            type = bound.Type;
        }
        if (target.AddressOf && steps.Count == 0 && global == null) throw new StapSemanticException("cannot take address of tracked variable", target.At);
        return new TargetAccess { Variable = variable, Global = global, RootType = root, Steps = steps, Type = type, Pretty = pretty };
    }

    private BoundStep BindMember(Step step, StapCType type)
    {
        if (type.Pointers > 1 || type.IsArray) throw new StapSemanticException($"invalid access '->{step.Member}' vs. '{type.Name}'", step.At);
        KernelStruct structure = layouts.Find(type) ?? throw new StapSemanticException(
            type.PlainSize > 0 ? $"invalid access '->{step.Member}' vs. '{type.Name}'" : $"unable to find type '{type.Name}'", step.At);
        KernelField? field = structure.Fields.FirstOrDefault(f => f.Name == step.Member);
        if (field == null)
        {
            string similar = Suggestions.For(step.Member!, structure.Fields.Select(f => f.Name), "alternatives");
            throw new StapSemanticException($"unable to find member '{step.Member}' for struct {structure.Name}{similar}", step.At);
        }
        return new BoundStep(field, layouts.OffsetOf(structure, field.Name), StapCType.Parse(field.Type), type.IsPointer);
    }

    private BoundStep BindElement(Step step, StapCType type)
    {
        if (!type.IsArray && type.Pointers == 0) throw new StapSemanticException($"invalid access '[]' vs. '{type.Name}'", step.At);
        return new BoundStep(null, layouts.SizeOf(type.Element), type.Element, type.IsPointer);
    }

    private void BindEntry(EntryExpr entry)
    {
        if (_scope.Source is not { IsReturn: true }) throw new StapSemanticException("@entry is only valid in .return probes", entry.At);
        BindExpr(entry.Operand);
        if (!_scope.EntryValues.Contains(entry)) _scope.EntryValues.Add(entry);
    }

    private void BindForeign(ForeignExpr foreign)
    {
        if (foreign.What == "@const" && KernelConstants.Find(foreign.Text.Trim()) is { } value) _scope.Set(foreign, new NumberExpr(foreign.At, value));
        else if (foreign.What == "@perf") throw new StapSemanticException($"perf counter '{foreign.Text}' not defined", foreign.At);
        else if (foreign.What == "@const" && !options.Guru) throw new StapSemanticException("using @const operator not permitted; need stap -g", foreign.At);
        else if (foreign.What == "@const") throw new StapSemanticException($"unknown constant '{foreign.Text}'", foreign.At);
        else throw new StapSemanticException("embedded C cannot be run here", foreign.At);
    }
}
