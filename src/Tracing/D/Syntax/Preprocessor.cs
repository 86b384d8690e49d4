using System.Text;

namespace Kennel.Tracing.D.Syntax;

/// <summary>
/// A C preprocessor: macros, conditionals, includes. It neither adds nor takes blanks between tokens, so that probe names such as
/// <c>tick-1s</c> and <c>proc:::exec-*</c> pass through macro arguments unharmed.
/// </summary>
internal sealed class Preprocessor
{
    private const int DeepestInclude = 40, MostTokens = 4_000_000;

    private readonly IReadOnlyList<string> _directories;
    private readonly Dictionary<string, PpMacro> _macros = new(StringComparer.Ordinal);
    private readonly StringBuilder _output = new();

    // One entry per open #if: whether its present branch is taken, and whether any was.
    private readonly Stack<(bool Active, bool Taken)> _conditions = new();
    private int _depth, _tokens;
    private bool _macrosOnly;

    public Preprocessor(IReadOnlyList<string> directories)
    {
        _directories = directories;
        foreach (string name in new[] { "__SUNW_D", "__SUNW_D_64", "__SVR4", "__amd64", "__x86_64", "__x86_64__", "__linux", "__linux__", "__unix", "__unix__", "linux", "unix" }) Define(name + "=1");
        Define("__SUNW_D_VERSION=0x02000000");
        Define("__STDC__=1");
    }

    /// <summary>Told of each file that is included, and how deep (-H).</summary>
    public event Action<string, int>? Included;

    private bool IsActive => _conditions.All(c => c.Active);

    /// <summary>-D NAME[=VALUE].</summary>
    public void Define(string setting)
    {
        int equals = setting.IndexOf('=');
        DefineMacro(equals < 0 ? setting + " 1" : setting[..equals] + " " + setting[(equals + 1)..], 0);
    }

    /// <summary>-U NAME.</summary>
    public void Undefine(string name) => _macros.Remove(name);

    /// <summary>Preprocesses a whole script.</summary>
    public string Run(string text, string? file)
    {
        Process(text, file);
        if (_conditions.Count > 0) throw new DCompileException("D_SYNTAX", text.AsSpan().Count('\n'), "unterminated #if");
        return _output.ToString();
    }

    private void Process(string text, string? file)
    {
        string[] lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        bool inComment = false;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            int number = i + 1, joined = 0;
            while (line.EndsWith('\\') && i + 1 < lines.Length)
            {
                line = line[..^1] + lines[++i];
                joined++;
            }
            bool directive = !inComment && line.AsSpan().TrimStart().StartsWith("#") && !line.AsSpan().TrimStart().StartsWith("#!");
            if (directive)
            {
                // A comment may go on over the next lines.
                while (EndsInComment(line, false) && i + 1 < lines.Length)
                {
                    line += " " + lines[++i];
                    joined++;
                }
                FlushPending();
                Directive(line.Trim()[1..], number, file);
                _output.Append('\n', joined + 1);
                continue;
            }
            inComment = EndsInComment(line, inComment);
            bool last = i == lines.Length - 1;
            _text.Append(IsActive && !_macrosOnly ? line : inComment || line.Contains("*/", StringComparison.Ordinal) ? line : "");
            if (!last) _text.Append('\n', joined + 1);
        }
        FlushPending();
    }

    private readonly StringBuilder _text = new();

    private void FlushPending()
    {
        if (_text.Length == 0) return;
        string text = _text.ToString();
        _text.Clear();
        if (!IsActive || _macrosOnly)
        {
            _output.Append('\n', text.AsSpan().Count('\n'));
            return;
        }
        foreach (PpToken token in Expand(PpToken.Split(text))) _output.Append(token.Text);
    }

    private static bool EndsInComment(string line, bool inside)
    {
        for (int i = 0; i < line.Length; i++)
        {
            if (inside)
            {
                if (line[i] != '*' || i + 1 >= line.Length || line[i + 1] != '/') continue;
                inside = false;
                i++;
            }
            else if (line[i] == '"')
            {
                for (i++; i < line.Length && line[i] != '"'; i++)
                {
                    if (line[i] == '\\') i++;
                }
            }
            else if (line[i] == '/' && i + 1 < line.Length && line[i + 1] == '/') return false;
            else if (line[i] == '/' && i + 1 < line.Length && line[i + 1] == '*')
            {
                inside = true;
                i++;
            }
        }
        return inside;
    }

    private void Directive(string text, int line, string? file)
    {
        text = text.Trim();
        int end = 0;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end])) end++;
        string name = text[..end], rest = text[end..].Trim();
        switch (name)
        {
            case "if" or "ifdef" or "ifndef":
                bool on = IsActive && (name == "if" ? Evaluate(rest, line) : _macros.ContainsKey(FirstWord(rest)) == (name == "ifdef"));
                _conditions.Push((on, on || !IsActive));
                return;
            case "elif" or "else" or "endif":
                if (!_conditions.TryPop(out (bool Active, bool Taken) top)) throw new DCompileException("D_SYNTAX", line, $"#{name} without #if");
                if (name == "endif") return;
                bool taken = IsActive && !top.Taken && (name == "else" || Evaluate(rest, line));
                _conditions.Push((taken, top.Taken || taken));
                return;
        }
        if (!IsActive) return;
        switch (name)
        {
            case "define":
                DefineMacro(rest, line);
                break;
            case "undef":
                _macros.Remove(FirstWord(rest));
                break;
            case "include":
                Include(rest, line, file);
                break;
            case "error":
                throw new DCompileException("D_SYNTAX", line, "#error " + rest);
            case "pragma" or "ident" or "line" or "" or "warning":
                if (name == "pragma" && !_macrosOnly) _output.Append('#').Append(text);
                break;
            default:
                if (char.IsAsciiDigit(name[0])) _output.Append('#').Append(text);
                else throw new DCompileException("D_SYNTAX", line, $"invalid preprocessing directive #{name}");
                break;
        }
    }

    private void DefineMacro(string text, int line)
    {
        List<PpToken> tokens = PpToken.Split(text);
        if (tokens.Count == 0 || tokens[0].Kind != PpKind.Name) throw new DCompileException("D_SYNTAX", line, "macro names must be identifiers");
        List<string>? parameters = null;
        int i = 1;
        bool variadic = false;
        if (i < tokens.Count && tokens[i].Text == "(")
        {
            parameters = [];
            for (i++; i < tokens.Count && tokens[i].Text != ")"; i++)
            {
                if (tokens[i].Kind == PpKind.Name) parameters.Add(tokens[i].Text);
                else if (tokens[i].Text == "." && !variadic)
                {
                    variadic = true;
                    parameters.Add("__VA_ARGS__");
                }
            }
            if (i >= tokens.Count) throw new DCompileException("D_SYNTAX", line, "missing ')' in macro parameter list");
            i++;
        }
        List<PpToken> body = tokens[i..];
        while (body.Count > 0 && body[0].IsBlank) body.RemoveAt(0);
        while (body.Count > 0 && body[^1].IsBlank) body.RemoveAt(body.Count - 1);
        _macros[tokens[0].Text] = new PpMacro(tokens[0].Text, parameters, variadic, body);
    }

    // A header of the system gives its macros only: its declarations are the kernel's, and known already.
    private void Include(string rest, int line, string? file)
    {
        string text = string.Concat(Expand(PpToken.Split(rest)).Select(t => t.Text)).Trim();
        char close = text.StartsWith('<') ? '>' : '"';
        int end = text.Length > 1 ? text.IndexOf(close, 1) : -1;
        if (end < 0 || text[0] is not ('<' or '"')) throw new DCompileException("D_SYNTAX", line, "#include expects \"FILENAME\" or <FILENAME>");
        string name = text[1..end];
        List<string> directories = [.. _directories];
        if (close == '"') directories.Insert(0, file == null ? "." : Path.GetDirectoryName(Path.GetFullPath(file))!);
        string? found = directories.Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);
        bool system = found == null;
        found ??= SystemDirectories.Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);
        if (found == null) throw new DCompileException("D_SYNTAX", line, $"{name}: No such file or directory");
        if (++_depth > DeepestInclude) throw new DCompileException("D_SYNTAX", line, "#include nested too deeply");
        Included?.Invoke(found, _depth);
        bool before = _macrosOnly;
        _macrosOnly |= system;
        if (!_macrosOnly) _output.Append($"# 1 \"{found}\"\n");
        int length = _output.Length;
        Process(File.ReadAllText(found, Encoding.Latin1), found);
        if (_macrosOnly) _output.Length = length;
        _macrosOnly = before;
        if (!_macrosOnly && !system) _output.Append($"\n# {line} \"{file}\"");
        _depth--;
    }

    private static IEnumerable<string> SystemDirectories => ["/usr/include", "/usr/include/x86_64-linux-gnu"];

    private static string FirstWord(string text)
    {
        int end = 0;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')) end++;
        return text[..end];
    }

    private bool Evaluate(string text, int line)
    {
        List<PpToken> tokens = PpToken.Split(text);
        List<PpToken> resolved = [];
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Text is not ("defined" or "__has_include"))
            {
                resolved.Add(tokens[i]);
                continue;
            }
            int j = i + 1;
            while (j < tokens.Count && (tokens[j].IsBlank || tokens[j].Text == "(")) j++;
            bool parenthesis = tokens[(i + 1)..Math.Min(j, tokens.Count)].Any(t => t.Text == "(");
            resolved.Add(new(PpKind.Number, j < tokens.Count && _macros.ContainsKey(tokens[j].Text) ? "1" : "0"));
            if (parenthesis)
            {
                while (j < tokens.Count && tokens[j].Text != ")") j++;
            }
            i = j;
        }
        return PreprocessorExpression.Evaluate(Expand(resolved), line) != 0;
    }

    private List<PpToken> Expand(List<PpToken> input)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var source = new PpSource(input);
        List<PpToken> output = [];
        while (source.TryTake(out PpToken token))
        {
            if (++_tokens > MostTokens) throw new DCompileException("D_SYNTAX", 0, "macros expand to too much text");
            if (token.Kind != PpKind.Name || !_macros.TryGetValue(token.Text, out PpMacro? macro) || token.Hidden?.Contains(token.Text) == true)
            {
                output.Add(token);
                continue;
            }
            if (macro.Parameters == null)
            {
                source.PushBack(macro.Substitute(token, [], Expand));
                continue;
            }
            int mark = source.Position;
            if (source.TakeArguments(macro, out List<List<PpToken>> arguments, out int lines))
            {
                source.PushBack([.. macro.Substitute(token, arguments, Expand), .. Enumerable.Repeat(new PpToken(PpKind.NewLine, "\n"), lines)]);
            }
            else
            {
                source.Reset(mark);
                output.Add(token);
            }
        }
        return output;
    }
}
