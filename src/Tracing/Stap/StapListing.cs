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

    /// <summary>Globals, functions and probes of an analysed script (-p2); with -v their bodies, too.</summary>
    public static void WriteAnalysis(StapProgram program, StapOutput output, bool bodies)
    {
        ByteText text = output.Text;
        if (program.Globals.Count > 0) text.Append("# globals\n");
        foreach (Variable global in program.Globals) text.Append($"{global.Name}{(global.Wraps ? "%" : "")}{(global.MaximumSize is { } size ? $"[{size}]" : "")}:{Signature(global)}{(bodies && global.Initial != null ? " = " + StapTreeText.Of(global.Initial) : "")}\n");
        Function[] functions = [.. program.Functions.Where(f => f.Declaration != null).OrderBy(f => f.Name, StringComparer.Ordinal)];
        if (functions.Length > 0) text.Append("# functions\n");
        foreach (Function function in functions)
        {
            text.Append($"{function.Name}:{TypeInference.Word(function.ReturnType)} ({string.Join(", ", function.Parameters.Select(p => $"{p.Name}:{TypeInference.Word(p.Type)}"))})\n");
            WriteLocals(text, function.Scope!.Locals.Values.Except(function.Parameters));
            if (bodies) text.Append(StapTreeText.Of(function.Declaration!.Body!) + "\n");
        }
        if (program.Probes.Count > 0) text.Append("# probes\n");
        foreach (DerivedProbe probe in program.Probes)
        {
            string written = string.Join(',', probe.Declaration.Points.Select(StapTreeText.Of));
            text.Append(probe.ResolvedName == probe.WrittenName || probe.WrittenName == written ? $"{probe.ResolvedName} /* <- {written} */\n" : $"{probe.ResolvedName} /* <- {probe.WrittenName} <- {written} */\n");
            WriteLocals(text, probe.Scope.Locals.Values.Where(l => probe.Scope.ReadLocals.Contains(l) || !l.Declared.Source.IsTapset));
            if (!bodies) continue;
            foreach (BlockStmt body in probe.Bodies) text.Append(StapTreeText.Of(body) + "\n");
        }
    }

    /// <summary>--dump-probe-types, --dump-probe-aliases, --dump-functions.</summary>
    public static void Dump(StapProgram program, StapDump what, StapOutput output)
    {
        IEnumerable<string> lines = what switch
        {
            StapDump.ProbeTypes => program.Tree.Builtins(),
            StapDump.ProbeAliases => program.Tree.Aliases().Select(a => $"{a.NameText} {(a.Epilogue ? "+=" : "=")} {string.Join(", ", a.Points.Select(StapTreeText.Of))}"),
            _ => program.Library.All().Where(f => !f.Name.StartsWith('_')).Select(f => f.Name + (f.ReturnType == StapType.Unknown ? "" : ":" + TypeInference.Word(f.ReturnType)) + " (" + string.Join(", ", f.Parameters.Select(p => p.Type == StapType.Unknown ? p.Name : $"{p.Name}:{TypeInference.Word(p.Type)}")) + ")"),
        };
        foreach (string line in lines.Distinct().Order(StringComparer.Ordinal)) output.Text.Append(line + "\n");
    }

    private static void WriteLocals(ByteText text, IEnumerable<Variable> locals)
    {
        Variable[] all = [.. locals];
        if (all.Length > 0) text.Append("  # locals\n");
        foreach (Variable local in all) text.Append($"  {local.Name}:{TypeInference.Word(local.Type)}\n");
    }

    private static string NameOf(ProbeResolver.Resolved found) => found.Prologues.Count + found.Epilogues.Count > 0 ? found.WrittenName : found.Source.Name;

    private string Describe(ProbeResolver.Resolved found)
    {
        var text = new StringBuilder(NameOf(found));
        var scope = new Scope(new StapSource("<input>", "")) { Source = found.Source };
        var body = new BlockStmt(new StapToken(TokenKind.Operator, "{", new StapSource("<input>", ""), 0, 1, 1), []);
        var probe = new DerivedProbe(found.Source, found.WrittenName, scope, [.. found.Prologues, body, .. found.Epilogues], [], null!);
        var binder = new Binder(program.Library, target.Model, program.Layouts!, options);
        binder.BindProbe(probe);
        new TypeInference().Run([probe], binder.Functions);
        foreach (Variable local in scope.Locals.Values) text.Append($" {local.Name}:{TypeInference.Word(local.Type)}");
        foreach (TargetVariable variable in found.Source.Variables) text.Append($" ${variable.Name}:{TypeText(variable.Type)}");
        return text.ToString();
    }

    // As debug information has it: const behind what it is about, no blanks before stars.
    private static string TypeText(string type)
    {
        string text = type.Trim();
        if (text.StartsWith("const ", StringComparison.Ordinal))
        {
            int star = text.IndexOf('*');
            text = star < 0 ? text[6..] + " const" : text[6..star].TrimEnd() + " const" + text[star..];
        }
        // A program's structure is known here by its file, too.
        int file = text.IndexOf('@', StringComparison.Ordinal);
        int end = file < 0 ? -1 : text.IndexOf(' ', file);
        if (file >= 0) text = text[..file] + (end < 0 ? "" : text[end..]);
        return text.Replace(" *", "*", StringComparison.Ordinal);
    }

    private static string Signature(Variable global) => global.Arity <= 0
        ? TypeInference.Word(global.Type)
        : $"{TypeInference.Word(global.Type)} [{string.Join(", ", global.KeyTypes.Select(TypeInference.Word))}]";
}
