using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Binding;

/// <summary>All that a script can name: its own declarations, tapsets, native functions.</summary>
internal sealed class StapLibrary
{
    private readonly Dictionary<string, List<Function>> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Func<StapFile>>> _later = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Variable> _userGlobals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Variable> _tapsetGlobals = new(StringComparer.Ordinal);
    private readonly Dictionary<(StapSource, string), Variable> _privateGlobals = [];

    /// <summary>The script's globals, in order.</summary>
    public List<Variable> Globals { get; } = [];

    public List<AliasDeclaration> Aliases { get; } = [];

    public IEnumerable<string> FunctionNames => _functions.Keys.Concat(_later.Keys);

    public void AddNative(Function function) => Group(function.Name).Add(function);

    /// <summary>A function that is parsed when it is first asked for.</summary>
    public void AddLater(string name, Func<StapFile> parse)
    {
        if (!_later.TryGetValue(name, out List<Func<StapFile>>? all)) _later[name] = all = [];
        all.Add(parse);
    }

    public void Add(StapFile file)
    {
        StapSource source = file.Source;
        foreach (GlobalDeclaration declaration in file.Globals)
        {
            var variable = new Variable(declaration.Name, declaration.At, true)
            {
                MaximumSize = declaration.MaximumSize,
                Wraps = declaration.Wraps,
                Initial = declaration.Initial,
                PrivateTo = declaration.Private ? source : null,
            };
            if (declaration.Initial != null) (variable.Type, variable.TypeSeenAt) = (declaration.Initial is StringExpr ? StapType.String : StapType.Long, declaration.At);
            Globals.Add(variable);
            if (declaration.Private) _privateGlobals[(source, declaration.Name)] = variable;
            else if (source.IsTapset) _tapsetGlobals.TryAdd(declaration.Name, variable);
            else if (!_userGlobals.TryAdd(declaration.Name, variable)) throw new StapSemanticException("conflicting global variable declarations", declaration.At);
        }
        AddFunctions(file);
        Aliases.AddRange(file.Aliases);
    }

    private void AddFunctions(StapFile file)
    {
        foreach (FunctionDeclaration declaration in file.Functions.OrderBy(f => f.Priority))
        {
            List<Function> group = Group(declaration.Name);
            group.Add(new Function(declaration.Name, declaration.Parameters.Count)
            {
                Declaration = declaration,
                Source = file.Source,
                ReturnType = declaration.Type,
                Parameters = [.. declaration.Parameters.Select(p => new Variable(p.Name, p.At, false) { Type = p.Type, IsParameter = true, IsWritten = true })],
            });
        }
    }

    private List<Function>? Find(string name)
    {
        if (_later.Remove(name, out List<Func<StapFile>>? all))
        {
            foreach (Func<StapFile> parse in all) AddFunctions(parse());
        }
        return _functions.GetValueOrDefault(name);
    }

    /// <summary>The functions of a name and number of parameters, as a file sees them.</summary>
    public FunctionGroup? FindFunction(string name, int arity, StapSource from)
    {
        if (Find(name) is not { } all) return null;
        Function[] fitting = [.. all.Where(f => f.Arity == arity && (f.Declaration is not { Private: true } || f.Source == from))];
        if (fitting.Length == 0) return null;
        // The script's own hide those of tapsets, and those hide native ones.
        int rank = fitting.Max(Rank);
        return new FunctionGroup([.. fitting.Where(f => Rank(f) == rank)]);

        int Rank(Function f) => f.Source == null ? 0 : f.Source == from ? 3 : f.Source.IsTapset ? 1 : from.IsTapset ? 0 : 2;
    }

    /// <summary>How many arguments a function of this name takes; null when there is none.</summary>
    public int? ArityOf(string name) => Find(name) is [{ } first, ..] ? first.Arity : null;

    /// <summary>All functions.</summary>
    public IEnumerable<Function> All()
    {
        foreach (string name in _later.Keys.ToArray()) Find(name);
        return _functions.Values.SelectMany(g => g);
    }

    /// <summary>The functions of a file.</summary>
    public IEnumerable<Function> FunctionsOf(StapSource source) => _functions.Values.SelectMany(g => g).Where(f => f.Source == source);

    public Variable? FindGlobal(string name, StapSource from)
    {
        if (_privateGlobals.TryGetValue((from, name), out Variable? own)) return own;
        // A tapset's names are its own: a script's global does not catch them.
        if (!from.IsTapset && _userGlobals.TryGetValue(name, out Variable? global)) return global;
        return _tapsetGlobals.GetValueOrDefault(name);
    }

    private List<Function> Group(string name)
    {
        if (!_functions.TryGetValue(name, out List<Function>? group)) _functions[name] = group = [];
        return group;
    }
}

/// <summary>Names that are like a misspelt one, for messages.</summary>
internal static class Suggestions
{
    /// <summary>" (similar: a, b)", or nothing.</summary>
    public static string For(string name, IEnumerable<string> known, string word = "similar")
    {
        string[] near = [.. known.Distinct().Select(k => (k, Distance(name, k))).Where(p => p.Item2 <= Math.Max(2, name.Length / 2)).OrderBy(p => p.Item2).ThenBy(p => p.k, StringComparer.Ordinal).Take(5).Select(p => p.k)];
        return near.Length == 0 ? "" : $" ({word}: {string.Join(", ", near)})";
    }

    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 8) return 99;
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int next = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), corner + (a[i - 1] == b[j - 1] ? 0 : 1));
                corner = row[j];
                row[j] = next;
            }
        }
        return row[^1];
    }
}
