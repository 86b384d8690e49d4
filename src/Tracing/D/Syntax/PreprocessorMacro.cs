using System.Collections.Immutable;
using System.Text;

namespace Kennel.Tracing.D.Syntax;

/// <summary>A macro. Without parameters: an object-like one.</summary>
internal sealed record PpMacro(string Name, List<string>? Parameters, bool IsVariadic, List<PpToken> Body)
{
    /// <summary>The body with the arguments in it.</summary>
    public List<PpToken> Substitute(PpToken call, List<List<PpToken>> arguments, Func<List<PpToken>, List<PpToken>> expand)
    {
        List<PpToken> result = [];
        for (int i = 0; i < Body.Count; i++)
        {
            PpToken token = Body[i];
            if (Parameters != null && token.Text == "#" && NextSolid(i) is var n && n >= 0 && IndexOf(Body[n]) is var named and >= 0)
            {
                result.Add(new(PpKind.Text, Quote(arguments[named])));
                i = n;
                continue;
            }
            if (token.Text == "##" && result.Count > 0 && NextSolid(i) is var right and >= 0)
            {
                while (result.Count > 0 && result[^1].IsBlank) result.RemoveAt(result.Count - 1);
                int argument = IndexOf(Body[right]);
                List<PpToken> pasted = argument >= 0 ? Trim(arguments[argument]) : [Body[right]];
                if (pasted.Count > 0)
                {
                    string left = result.Count > 0 ? result[^1].Text : "";
                    if (result.Count > 0) result.RemoveAt(result.Count - 1);
                    result.AddRange(PpToken.Split(left + pasted[0].Text));
                    result.AddRange(pasted.Skip(1));
                }
                i = right;
                continue;
            }
            int index = IndexOf(token);
            if (index < 0) result.Add(token);
            else if (NextSolid(i) is var next && next >= 0 && Body[next].Text == "##") result.AddRange(Trim(arguments[index]));
            else result.AddRange(expand(arguments[index]));
        }
        ImmutableHashSet<string> hidden = (call.Hidden ?? []).Add(Name);
        return [.. result.Select(t => t.Kind == PpKind.Name ? t with { Hidden = t.Hidden == null ? hidden : t.Hidden.Union(hidden) } : t)];
    }

    private int IndexOf(PpToken token) => token.Kind == PpKind.Name && Parameters != null ? Parameters.IndexOf(token.Text) : -1;

    private int NextSolid(int i)
    {
        for (i++; i < Body.Count; i++)
        {
            if (!Body[i].IsBlank) return i;
        }
        return -1;
    }

    private static List<PpToken> Trim(List<PpToken> tokens) => [.. tokens.SkipWhile(t => t.IsBlank).Reverse().SkipWhile(t => t.IsBlank).Reverse()];

    private static string Quote(List<PpToken> argument)
    {
        var text = new StringBuilder("\"");
        foreach (PpToken token in Trim(argument))
        {
            if (token.IsBlank) text.Append(text[^1] == ' ' ? "" : " ");
            else if (token.Kind == PpKind.Text) text.Append(token.Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));
            else text.Append(token.Text);
        }
        return text.Append('"').ToString();
    }
}

/// <summary>Tokens to be expanded; results are pushed back to be looked at again.</summary>
internal sealed class PpSource(List<PpToken> tokens)
{
    private List<PpToken> _tokens = [.. tokens];

    public int Position { get; private set; }

    public bool TryTake(out PpToken token)
    {
        bool any = Position < _tokens.Count;
        token = any ? _tokens[Position++] : default;
        return any;
    }

    public void Reset(int position) => Position = position;

    public void PushBack(List<PpToken> tokens)
    {
        if (Position > 4096)
        {
            _tokens = _tokens[Position..];
            Position = 0;
        }
        _tokens.InsertRange(Position, tokens);
    }

    /// <summary>Takes "(a, b)" behind a macro's name.</summary>
    public bool TakeArguments(PpMacro macro, out List<List<PpToken>> arguments, out int lines)
    {
        arguments = [[]];
        lines = 0;
        while (Position < _tokens.Count && _tokens[Position].IsBlank) Position++;
        if (Position >= _tokens.Count || _tokens[Position].Text != "(") return false;
        int depth = 1;
        for (Position++; Position < _tokens.Count; Position++)
        {
            PpToken token = _tokens[Position];
            if (token.Text == "(") depth++;
            else if (token.Text == ")" && --depth == 0)
            {
                Position++;
                while (arguments.Count < macro.Parameters!.Count) arguments.Add([]);
                return true;
            }
            else if (token.Text == "," && depth == 1 && !(macro.IsVariadic && arguments.Count >= macro.Parameters!.Count))
            {
                arguments.Add([]);
                continue;
            }
            if (token.Kind == PpKind.NewLine)
            {
                lines++;
                token = new(PpKind.Blank, " ");
            }
            // Blanks around an argument do not belong to it.
            if (token.IsBlank && (arguments[^1].Count == 0 || EndsArgument())) continue;
            arguments[^1].Add(token);
        }
        return false;
    }

    private bool EndsArgument()
    {
        int i = Position;
        while (i < _tokens.Count && _tokens[i].IsBlank) i++;
        return i < _tokens.Count && _tokens[i].Text is "," or ")";
    }
}
