using System.Globalization;

namespace Kennel.Tracing.Stap.Syntax;

/// <summary>Decides %( condition %? tokens %: tokens %). Runs after macros are expanded.</summary>
internal sealed class StapConditions(IReadOnlyDictionary<string, string> facts)
{
    private List<StapToken> _tokens = [];
    private int _at;

    public List<StapToken> Run(List<StapToken> tokens)
    {
        _tokens = tokens;
        _at = 0;
        var result = new List<StapToken>(tokens.Count);
        while (_at < _tokens.Count)
        {
            StapToken token = _tokens[_at];
            if (!token.IsOperator("%("))
            {
                if (token.Kind == TokenKind.Operator && token.Text is "%?" or "%:" or "%)")
                    result.Add(Junk(token, token.Text == "%?" ? "invalid preprocessor syntax '%?'" : $"unexpected '{token.Text}'"));
                else result.Add(token);
                _at++;
                continue;
            }
            try
            {
                Choose(result);
            }
            catch (StapSyntaxException problem)
            {
                result.Add(Junk(problem.Token ?? token, problem.Message));
                if (problem.Token is { Kind: TokenKind.End }) _at = _tokens.Count - 1;
            }
        }
        return result;
    }

    private void Choose(List<StapToken> result)
    {
        StapToken open = _tokens[_at++];
        bool truth = Or();
        if (!Peek.IsOperator("%?")) throw new StapSyntaxException("expected '%?' marker for conditional", Peek);
        _at++;
        Branch(open, truth, result);
        if (_tokens[_at].IsOperator("%:"))
        {
            _at++;
            Branch(open, !truth, result);
        }
        if (!_tokens[_at].IsOperator("%)")) throw new StapSyntaxException("expected '%)' marker for conditional", _tokens[_at]);
        _at++;
    }

    // Up to %: or %), neither taken.
    private void Branch(StapToken open, bool taken, List<StapToken> result)
    {
        int level = 0;
        while (true)
        {
            StapToken token = _tokens[_at];
            if (token.Kind == TokenKind.End) throw new StapSyntaxException("incomplete conditional - missing '%)'", open);
            if (level == 0 && (token.IsOperator("%:") || token.IsOperator("%)"))) return;
            if (token.IsOperator("%("))
            {
                if (taken)
                {
                    Choose(result);
                    continue;
                }
                level++;
            }
            else if (token.IsOperator("%)")) level--;
            if (taken) result.Add(token);
            _at++;
        }
    }

    private StapToken Peek => _tokens[_at];

    private bool Or()
    {
        bool value = And();
        while (Peek.IsOperator("||"))
        {
            _at++;
            value |= And();
        }
        return value;
    }

    private bool And()
    {
        bool value = Condition();
        while (Peek.IsOperator("&&"))
        {
            _at++;
            value &= Condition();
        }
        return value;
    }

    private bool Condition()
    {
        StapToken left = _tokens[_at];
        if (left.Kind == TokenKind.End) throw new StapSyntaxException("incomplete condition", left);
        _at++;
        StapToken op = _tokens[_at];
        if (op.Kind != TokenKind.Operator || op.Text is not ("<" or "<=" or ">" or ">=" or "==" or "!="))
            throw new StapSyntaxException("expected comparison operator", op);
        _at++;
        StapToken right = _tokens[_at];
        if (right.Kind is not (TokenKind.String or TokenKind.Number or TokenKind.Identifier)) throw new StapSyntaxException("expected string literal", right);
        _at++;
        return Evaluate(left, op, right);
    }

    private bool Evaluate(StapToken left, StapToken op, StapToken right)
    {
        if (left.Kind == TokenKind.Identifier)
        {
            switch (left.Text)
            {
                case "kernel_v" or "kernel_vr" or "systemtap_v":
                    if (right.Kind != TokenKind.String) throw new StapSyntaxException("expected string literal", right);
                    string actual = facts.GetValueOrDefault(left.Text, "");
                    if (op.Text is "==" or "!=" && right.Text.AsSpan().IndexOfAny("*?[") >= 0) return StapGlob.Matches(right.Text, actual) == (op.Text == "==");
                    return Holds(op.Text, StapVersion.Compare(actual, right.Text));
                case "arch" or "runtime" or "systemtap_privilege":
                    if (right.Kind != TokenKind.String) throw new StapSyntaxException("expected string literal", right);
                    return Equality(op, StapGlob.Matches(right.Text, facts.GetValueOrDefault(left.Text, "")));
                case "guru_mode":
                    if (right.Kind != TokenKind.Number) throw new StapSyntaxException("expected number", right);
                    return Equality(op, Number(right) == Number(facts.GetValueOrDefault(left.Text, "0")));
            }
            if (left.Text.StartsWith("CONFIG_", StringComparison.Ordinal))
            {
                if (right.Kind == TokenKind.Number) return Holds(op.Text, Number(facts.GetValueOrDefault(left.Text, "0")).CompareTo(Number(right)));
                return Equality(op, StapGlob.Matches(right.Text, facts.GetValueOrDefault(left.Text, "")));
            }
            throw new StapSyntaxException("expected 'arch' or 'kernel_v' or 'kernel_vr' or 'CONFIG_...' or comparison between strings or integers", left);
        }
        if (left.Kind == TokenKind.String && right.Kind == TokenKind.String) return Holds(op.Text, string.CompareOrdinal(left.Text, right.Text));
        if (left.Kind == TokenKind.Number && right.Kind == TokenKind.Number) return Holds(op.Text, Number(left).CompareTo(Number(right)));
        throw new StapSyntaxException("expected 'arch' or 'kernel_v' or 'kernel_vr' or 'CONFIG_...' or comparison between strings or integers", left);
    }

    private static bool Equality(StapToken op, bool same) => op.Text switch
    {
        "==" => same,
        "!=" => !same,
        _ => throw new StapSyntaxException("expected '==' or '!='", op),
    };

    private static bool Holds(string op, int order) => op switch
    {
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        ">=" => order >= 0,
        "==" => order == 0,
        _ => order != 0,
    };

    private static long Number(StapToken token) => StapNumbers.TryParse(token.Text, out long value) ? value : throw new StapSyntaxException("number invalid or out of range", token);

    private static long Number(string text) => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : 0;

    private static StapToken Junk(StapToken at, string problem) => new(at.Kind == TokenKind.End ? TokenKind.End : TokenKind.Junk, at.Text, at.Source, at.Offset, at.Line, at.Column) { Problem = problem };
}
