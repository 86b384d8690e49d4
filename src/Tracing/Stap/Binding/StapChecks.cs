using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Binding;

/// <summary>What can only be checked when all is known, and warnings.</summary>
internal sealed class StapChecks(StapOptions options, StapDiagnostics diagnostics)
{
    public List<StapSemanticException> Run(StapLibrary library, Binder binder, IReadOnlyList<DerivedProbe> probes)
    {
        List<StapSemanticException> problems = [];
        foreach ((Variable array, CallExpr call, IReadOnlyList<Function> targets) in binder.CallsInsideForeach)
        {
            if (targets.Any(t => Writes(t, array, []))) problems.Add(new StapSemanticException($"variable '{array.Name}' modified during 'foreach' iteration", call.At));
        }
        foreach (Variable global in library.Globals.Where(g => !g.Declared.Source.IsTapset))
        {
            if (!binder.UsedGlobals.Contains(global))
            {
                diagnostics.Warning($"eliding unused variable '{global.Name}'", global.Declared);
                continue;
            }
            if (global.Type == StapType.Unknown && (global.IsRead || global.IsWritten) && global.Initial == null && global.Arity >= 0 && !global.IsWritten)
                diagnostics.Warning($"never-assigned global variable '{global.Name}'", global.Declared);
            else if (!global.IsWritten && global.Initial == null) diagnostics.Warning($"never-assigned global variable '{global.Name}'", global.Declared);
        }
        foreach (DerivedProbe probe in probes) WarnOfLocals(probe.Scope);
        foreach (Function function in binder.Functions.Where(f => f.Scope != null)) WarnOfLocals(function.Scope!);
        return problems;
    }

    /// <summary>-G NAME=VALUE.</summary>
    public List<StapSemanticException> SetGlobals(StapLibrary library, IReadOnlyList<Variable> used)
    {
        List<StapSemanticException> problems = [];
        foreach ((string name, string value) in options.Globals)
        {
            Variable? global = library.Globals.FirstOrDefault(g => g.Name == name);
            if (global == null || !used.Contains(global) && !library.Globals.Contains(global)) problems.Add(new StapSemanticException($"unknown global variable '{name}' in -G option"));
            else if (global.Arity > 0) problems.Add(new StapSemanticException($"-G cannot set the array '{name}'"));
            else if (global.Type == StapType.String) global.Initial = new StringExpr(global.Declared, value);
            else if (StapNumbers.TryParse(value.TrimStart('-'), out long number)) global.Initial = new NumberExpr(global.Declared, value.StartsWith('-') ? -number : number);
            else problems.Add(new StapSemanticException($"-G {name}: not a number: {value}"));
        }
        return problems;
    }

    private void WarnOfLocals(Scope scope)
    {
        foreach (Variable local in scope.Locals.Values.Where(l => !l.IsParameter && !l.IsWritten && l.IsRead && !l.Declared.Source.IsTapset))
        {
            string similar = Suggestions.For(local.Name, scope.Locals.Values.Where(l => l.IsWritten).Select(l => l.Name));
            diagnostics.Warning($"never-assigned local variable '{local.Name}'{similar}", local.Declared);
        }
    }

    private static bool Writes(Function function, Variable array, HashSet<Function> seen)
    {
        if (!seen.Add(function) || function.Declaration?.Body == null) return false;
        return new WriteFinder(function.Scope!, array).Finds(function.Declaration.Body) || function.Calls.Any(c => Writes(c, array, seen));
    }

    // Whether a body writes to or deletes from an array.
    private sealed class WriteFinder(Scope scope, Variable array)
    {
        public bool Finds(Stmt? statement) => statement switch
        {
            BlockStmt block => block.Statements.Any(Finds),
            ExprStmt expression => Finds(expression.Value),
            IfStmt branch => Finds(branch.Then) || Finds(branch.Otherwise) || scope.Decision(branch) == null && Finds(branch.Condition),
            ForStmt loop => Finds(loop.Body) || loop.Start != null && Finds(loop.Start) || loop.Step != null && Finds(loop.Step),
            ForeachStmt loop => Finds(loop.Body),
            ReturnStmt { Value: { } value } => Finds(value),
            DeleteStmt delete => scope.Fact<Variable>(delete.Target) == array,
            TryStmt attempt => Finds(attempt.Body) || Finds(attempt.Handler),
            _ => false,
        };

        private bool Finds(Expr expression) => expression switch
        {
            AssignExpr assign when scope.Fact<Variable>(assign.Target) == array => true,
            StepExpr step when scope.Fact<Variable>(step.Target) == array => true,
            _ => ExprWalk.Children(expression, scope).Any(Finds),
        };
    }
}
