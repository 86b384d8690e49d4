using System.Text;
using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Probes;
using Kennel.Tracing.Stap.Runtime;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap;

/// <summary>-l, -L, and what -p2 prints.</summary>
internal sealed class StapListing(StapProgram program, StapOptions options, ITraceTarget target)
{
    public int Write(StapOutput output, TextWriter errors)
    {
        var source = new StapSource("<input>", options.ScriptText);
        List<StapToken> tokens = new StapLexer(source, options.Arguments).Run();
        IReadOnlyList<ProbePoint> points;
        try
        {
            points = new StapParser(source, tokens, true).ParsePointText();
        }
        catch (StapSyntaxException problem)
        {
            program.Diagnostics.ParseErrors([problem]);
            program.Diagnostics.PassFailed(1);
            return 1;
        }
        var resolver = new ProbeResolver(program.Tree);
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (ProbePoint point in points)
        {
            try
            {
                foreach (ProbeResolver.Resolved found in resolver.List(point)) lines.Add(options.ListVariables ? Describe(found) : NameOf(found));
            }
            catch (StapSemanticException)
            {
                // Nothing is there to list.
            }
        }
        foreach (string line in lines) output.Text.Append(line + "\n");
        errors.Flush();
        return lines.Count > 0 ? 0 : 1;
    }

    /// <summary>Globals, functions and probes of an analysed script.</summary>
    public static void WriteAnalysis(StapProgram program, StapOutput output)
    {
        ByteText text = output.Text;
        if (program.Globals.Count > 0) text.Append("# globals\n");
        foreach (Variable global in program.Globals) text.Append($"{global.Name}:{Signature(global)}\n");
        Function[] functions = [.. program.Functions.Where(f => f.Declaration != null)];
        if (functions.Length > 0) text.Append("# functions\n");
        foreach (Function function in functions)
            text.Append($"{function.Name}:{TypeInference.Word(function.ReturnType)} ({string.Join(", ", function.Parameters.Select(p => $"{p.Name}:{TypeInference.Word(p.Type)}"))})\n");
        text.Append("# probes\n");
        foreach (DerivedProbe probe in program.Probes) text.Append(probe.ResolvedName == probe.WrittenName ? $"{probe.ResolvedName}\n" : $"{probe.ResolvedName} /* <- {probe.WrittenName} */\n");
    }

    private static string NameOf(ProbeResolver.Resolved found) => found.Prologues.Count + found.Epilogues.Count > 0 ? found.WrittenName : found.Source.Name;

    private string Describe(ProbeResolver.Resolved found)
    {
        var text = new StringBuilder(NameOf(found));
        var scope = new Scope(new StapSource("<input>", "")) { Source = found.Source };
        var body = new BlockStmt(new StapToken(TokenKind.Operator, "{", new StapSource("<input>", ""), 0, 1, 1), []);
        var probe = new DerivedProbe(found.Source, found.WrittenName, scope, [.. found.Prologues, body, .. found.Epilogues], [], null!);
        var binder = new Binder(program.Library, target.Model, new StapLayouts(target.Model), options);
        binder.BindProbe(probe);
        new TypeInference().Run([probe], binder.Functions);
        foreach (Variable local in scope.Locals.Values) text.Append($" {local.Name}:{TypeInference.Word(local.Type)}");
        foreach (TargetVariable variable in found.Source.Variables) text.Append($" ${variable.Name}:{variable.Type}");
        return text.ToString();
    }

    private static string Signature(Variable global) => global.Arity <= 0
        ? TypeInference.Word(global.Type)
        : $"{TypeInference.Word(global.Type)} [{string.Join(", ", global.KeyTypes.Select(TypeInference.Word))}]";
}
