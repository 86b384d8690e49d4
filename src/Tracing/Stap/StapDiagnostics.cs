using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap;

/// <summary>Messages about scripts, as stap words them.</summary>
internal sealed class StapDiagnostics(TextWriter errors, StapOptions options)
{
    private readonly HashSet<string> _said = [];

    public void ParseErrors(IReadOnlyList<StapSyntaxException> problems)
    {
        foreach (StapSyntaxException problem in problems)
        {
            Line($"parse error: {problem.Message}");
            if (problem.Token is not { } token) continue;
            if (problem.AtEnd)
            {
                Line($"\tsaw: {token.Source.Name} EOF");
                Line("");
                continue;
            }
            Line($"\tsaw: {token}");
            Source(token, "     ");
            Line("");
        }
        if (problems.Count > 0) Line(problems.Count == 1 ? "1 parse error." : $"{problems.Count} parse errors.");
    }

    public void PassFailed(int pass)
    {
        string what = pass switch { 1 => "parse", 2 => "analysis", 3 => "translation", 4 => "compilation", _ => "run" };
        Line($"Pass {pass}: {what} failed.  [man error::pass{pass}]");
    }

    public void SemanticErrors(IEnumerable<StapSemanticException> problems)
    {
        int left = 0;
        foreach (StapSemanticException problem in problems)
        {
            string text = Describe(problem);
            // Some mistakes are found once for each of many probes.
            if (!_said.Add(text)) left++;
            else errors.Write(StapStrings.To(text));
        }
        if (left > 0) Line($"Number of similar error messages suppressed: {left}.\nRerun with -v to see them.");
        errors.Flush();
    }

    public void Warning(string text, StapToken? token)
    {
        if (options.NoWarnings || !_said.Add(text + token?.Location)) return;
        Line(token == null ? $"WARNING: {text}" : $"WARNING: {text}: {token}");
        if (token != null) Source(token, " ");
    }

    private static string Describe(StapSemanticException problem)
    {
        var text = new System.Text.StringBuilder();
        for (StapSemanticException? at = problem; at != null; at = at.Cause)
        {
            text.Append($"semantic error: {at.Message}");
            if (at.Token != null) text.Append($": {at.Token}");
            text.Append('\n');
            if (at.Token != null) text.Append(SourceText(at.Token, "        "));
            text.Append('\n');
        }
        return text.ToString();
    }

    private void Source(StapToken token, string indent) => errors.Write(StapStrings.To(SourceText(token, indent)));

    private static string SourceText(StapToken token, string indent)
    {
        string line = token.Source.LineAt(token.Offset);
        string before = line[..Math.Min(token.Column - 1, line.Length)];
        string blanks = string.Concat(before.Select(c => c == '\t' ? '\t' : ' '));
        return $"{indent}source: {line}\n{indent}        {blanks}^\n";
    }

    private void Line(string text) => errors.WriteLine(StapStrings.To(text));
}
