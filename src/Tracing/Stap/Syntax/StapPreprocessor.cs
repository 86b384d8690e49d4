using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Kennel.Tracing.Stap.Syntax;

/// <summary>A macro: @define NAME(parameters) %( body %).</summary>
internal sealed record StapMacro(string Name, IReadOnlyList<string>? Parameters, IReadOnlyList<StapToken> Body);

/// <summary>Expands macros, then takes %( condition %? tokens %: tokens %) apart.</summary>
/// <param name="facts">What conditions ask: kernel_v, kernel_vr, systemtap_v, arch, runtime, guru_mode, and CONFIG_ names.</param>
/// <param name="macros">Macros known from outside; new ones are added.</param>
internal sealed class StapPreprocessor(IReadOnlyDictionary<string, string> facts, Dictionary<string, StapMacro> macros)
{
    private const int MaximumDepth = 100, MostTokens = 1 << 20;

    private static readonly HashSet<string> _operations =
    [
        "@cast", "@defined", "@choose_defined", "@entry", "@var", "@const", "@perf", "@probewrite", "@kregister", "@uregister", "@kderef", "@uderef",
        "@count", "@sum", "@min", "@max", "@avg", "@variance", "@hist_log", "@hist_linear", "@define",
    ];

    private int _expanded; // tokens in macros so far, as often as they were used

    public List<StapToken> Run(List<StapToken> tokens)
    {
        List<StapToken> expanded = Expand(tokens, null, 0);
        return new StapConditions(facts).Run(expanded);
    }

    private List<StapToken> Expand(List<StapToken> tokens, Dictionary<string, List<StapToken>>? arguments, int depth)
    {
        var result = new List<StapToken>(tokens.Count);
        for (int i = 0; i < tokens.Count;)
        {
            StapToken token = tokens[i];
            if (depth > 0 && ++_expanded > MostTokens)
            {
                Fail(result, token, "macros expand to too much text", i);
                break;
            }
            if (token.Kind != TokenKind.Identifier || token.Text[0] != '@' || token.Text.Length == 1)
            {
                result.Add(token);
                i++;
                continue;
            }
            string name = token.Text[1..];
            if (name == "define") i = Define(tokens, i, result);
            else if (arguments != null && arguments.TryGetValue(name, out List<StapToken>? argument))
            {
                _expanded += argument.Count;
                result.AddRange(argument);
                i++;
            }
            else if (macros.TryGetValue(name, out StapMacro? macro)) i = Use(macro, tokens, i, result, arguments, depth);
            else
            {
                result.Add(_operations.Contains(token.Text) ? token : Junk(token, "unknown or unterminated macro invocation"));
                i++;
            }
        }
        return result;
    }

    // A macro's body has no End token of its own.
    private static StapToken At(List<StapToken> tokens, int i) => i < tokens.Count ? tokens[i] : tokens[^1].As(TokenKind.End, "");

    private int Define(List<StapToken> tokens, int i, List<StapToken> result)
    {
        StapToken start = tokens[i++];
        StapToken name = At(tokens, i);
        if (name.Kind != TokenKind.Identifier) return Fail(result, name, "expected identifier", i);
        if (_operations.Contains("@" + name.Text)) return Fail(result, name, $"attempt to redefine '@{name.Text}'", i);
        i++;
        List<string>? parameters = null;
        if (At(tokens, i).IsOperator("("))
        {
            parameters = [];
            do
            {
                i++;
                if (At(tokens, i).Kind != TokenKind.Identifier) return Fail(result, At(tokens, i), "expected identifier", i);
                parameters.Add(At(tokens, i++).Text);
            }
            while (At(tokens, i).IsOperator(","));
            if (!At(tokens, i).IsOperator(")")) return Fail(result, At(tokens, i), "expected ',' or ')'", i);
            i++;
        }
        if (!At(tokens, i).IsOperator("%(")) return Fail(result, At(tokens, i), "expected '%('", i);
        int level = 1;
        int first = ++i;
        for (; level > 0; i++)
        {
            if (At(tokens, i).Kind == TokenKind.End) return Fail(result, start, $"incomplete macro definition '{name.Text}' - missing '%)'", i);
            if (At(tokens, i).IsOperator("%(")) level++;
            else if (At(tokens, i).IsOperator("%)")) level--;
        }
        if (macros.TryGetValue(name.Text, out StapMacro? before) && before.Body.Count > 0 && !before.Body[0].Source.IsTapset)
            return Fail(result, name, $"attempt to redefine macro '@{name.Text}' in the same file", i);
        macros[name.Text] = new StapMacro(name.Text, parameters, tokens[first..(i - 1)]);
        return i;
    }

    private int Use(StapMacro macro, List<StapToken> tokens, int i, List<StapToken> result, Dictionary<string, List<StapToken>>? outer, int depth)
    {
        StapToken call = tokens[i++];
        if (depth > MaximumDepth) return Fail(result, call, "macro expansion goes too deep", i);
        Dictionary<string, List<StapToken>>? bound = null;
        if (macro.Parameters != null)
        {
            if (i >= tokens.Count || !tokens[i].IsOperator("(")) return Fail(result, call, $"expected '(' in invocation of macro '@{macro.Name}' taking {macro.Parameters.Count} parameters", i);
            int end = Arguments(tokens, i + 1, out List<List<StapToken>> given);
            if (end < 0) return Fail(result, call, $"could not find matching ')' in invocation of macro '@{macro.Name}'", i);
            i = end;
            if (given.Count != macro.Parameters.Count)
            {
                string which = given.Count < macro.Parameters.Count ? "too few" : "too many";
                return Fail(result, call, $"{which} parameters in invocation of macro '@{macro.Name}' (expected {macro.Parameters.Count})", i);
            }
            bound = macro.Parameters.Zip(given).ToDictionary(p => p.First, p => Expand(p.Second, outer, depth + 1));
        }
        result.AddRange(Expand([.. macro.Body], bound, depth + 1));
        return i;
    }

    private static int Arguments(List<StapToken> tokens, int i, out List<List<StapToken>> given)
    {
        given = [[]];
        for (int level = 0; i < tokens.Count && tokens[i].Kind != TokenKind.End; i++)
        {
            StapToken token = tokens[i];
            if (token.Kind == TokenKind.Operator)
            {
                if (level == 0 && token.Text == ")") return i + 1;
                if (level == 0 && token.Text == ",")
                {
                    given.Add([]);
                    continue;
                }
                if (token.Text is "(" or "[" or "{") level++;
                else if (token.Text is ")" or "]" or "}") level--;
            }
            given[^1].Add(token);
        }
        return -1;
    }

    private static int Fail(List<StapToken> result, StapToken at, string problem, int next)
    {
        result.Add(Junk(at, problem));
        return next;
    }

    private static StapToken Junk(StapToken at, string problem) => new(at.Kind == TokenKind.End ? TokenKind.End : TokenKind.Junk, at.Text, at.Source, at.Offset, at.Line, at.Column) { Problem = problem };
}
