using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Probes;

/// <summary>Makes sources of a built-in probe point's parts.</summary>
internal delegate IEnumerable<ProbeSource> SourceBuilder(IReadOnlyList<PointPart> parts);

/// <summary>All probe points by their components: built-in ones and aliases.</summary>
internal sealed class ProbeTree
{
    private readonly Node _root = new();

    internal sealed class Node
    {
        public Dictionary<(string Name, char Argument), Node> Children { get; } = [];

        public SourceBuilder? Builder { get; set; }

        public List<Lazy<AliasDeclaration>> Aliases { get; } = [];

        public bool IsPoint => Builder != null || Aliases.Count > 0;
    }

    /// <summary>A point that was found.</summary>
    /// <param name="Node">Its node.</param>
    /// <param name="Parts">Its components, wildcards replaced.</param>
    /// <param name="Suffix">Components left over behind an alias, to be added to what it stands for.</param>
    internal sealed record Match(Node Node, IReadOnlyList<PointPart> Parts, IReadOnlyList<PointPart> Suffix);

    /// <param name="pattern">Components; (n) and (s) stand for a number and a string.</param>
    /// <param name="builder">Makes the sources.</param>
    public void AddBuiltin(string pattern, SourceBuilder builder)
    {
        Node node = _root;
        foreach (string part in pattern.Split('.'))
        {
            char argument = part.EndsWith("(n)", StringComparison.Ordinal) ? 'n' : part.EndsWith("(s)", StringComparison.Ordinal) ? 's' : '-';
            node = Child(node, argument == '-' ? part : part[..^3], argument);
        }
        node.Builder = builder;
    }

    public void AddAlias(AliasDeclaration alias)
    {
        Node node = _root;
        foreach (PointPart part in alias.Name) node = Child(node, part.Name, Argument(part));
        node.Aliases.Add(new Lazy<AliasDeclaration>(() => alias));
    }

    /// <summary>An alias that is parsed when it is first needed.</summary>
    public void AddAlias(IReadOnlyList<string> names, Func<AliasDeclaration> make)
    {
        Node node = _root;
        foreach (string name in names) node = Child(node, name, '-');
        node.Aliases.Add(new Lazy<AliasDeclaration>(make));
    }

    /// <summary>An alias that is made when it is first needed, unless there is one already.</summary>
    public void AddDefaultAlias(IReadOnlyList<string> names, Func<AliasDeclaration> make)
    {
        Node node = _root;
        foreach (string name in names) node = Child(node, name, '-');
        if (node.Aliases.Count == 0) node.Aliases.Add(new Lazy<AliasDeclaration>(make));
    }

    /// <summary>The patterns of all built-in points.</summary>
    public IEnumerable<string> Builtins() => Walk(_root, "").Where(n => n.Node.Builder != null).Select(n => n.Name);

    public IEnumerable<AliasDeclaration> Aliases() => Walk(_root, "").SelectMany(n => n.Node.Aliases).Select(a => a.Value);

    private static IEnumerable<(string Name, Node Node)> Walk(Node node, string prefix)
    {
        foreach (((string name, char argument), Node child) in node.Children.Where(c => !c.Key.Name.StartsWith("__", StringComparison.Ordinal)))
        {
            string whole = prefix + name + argument switch { 'n' => "(number)", 's' => "(string)", _ => "" };
            yield return (whole, child);
            foreach ((string, Node) below in Walk(child, whole + ".")) yield return below;
        }
    }

    /// <summary>All points that a written one stands for; throws when there is none.</summary>
    public List<Match> Find(IReadOnlyList<PointPart> parts)
    {
        var found = new List<Match>();
        StapSemanticException? problem = Find(_root, parts, 0, [], found);
        if (found.Count == 0) throw problem ?? Mismatch(_root, parts[0]);
        return found;
    }

    private static StapSemanticException? Find(Node node, IReadOnlyList<PointPart> parts, int at, List<PointPart> path, List<Match> found)
    {
        if (at == parts.Count)
        {
            if (node.IsPoint)
            {
                found.Add(new Match(node, [.. path], []));
                return null;
            }
            return new StapSemanticException($"probe point truncated (follow: {string.Join(", ", node.Children.Keys.Select(k => k.Name).Distinct().Order(StringComparer.Ordinal).Take(10))})", parts[^1].At);
        }
        PointPart part = parts[at];
        if (part.Name == "**" || part.Name.Contains("**", StringComparison.Ordinal)) return FindDeep(node, parts, at, path, found);
        if (StapGlob.HasWildcard(part.Name))
        {
            StapSemanticException? first = null;
            int before = found.Count;
            foreach (((string name, char argument), Node child) in node.Children.OrderBy(c => c.Key.Name, StringComparer.Ordinal))
            {
                if (argument != Argument(part) || name.StartsWith("__", StringComparison.Ordinal) || !StapGlob.Matches(part.Name, name)) continue;
                StapSemanticException? problem = Find(child, parts, at + 1, [.. path, part with { Name = name }], found);
                first ??= problem;
            }
            return found.Count > before ? null : first ?? Mismatch(node, part);
        }
        if (node.Children.TryGetValue((part.Name, Argument(part)), out Node? next))
        {
            int before = found.Count;
            StapSemanticException? problem = Find(next, parts, at + 1, [.. path, part], found);
            if (found.Count > before || at == 0) return problem;
            if (node.Aliases.Count == 0) return problem;
        }
        if (node.Aliases.Count > 0 && at > 0)
        {
            found.Add(new Match(node, [.. path], [.. parts.Skip(at)]));
            return null;
        }
        return Mismatch(node, part);
    }

    // ** also goes over dots.
    private static StapSemanticException? FindDeep(Node node, IReadOnlyList<PointPart> parts, int at, List<PointPart> path, List<Match> found)
    {
        string pattern = parts[at].Name.Replace("**", "*", StringComparison.Ordinal);
        int before = found.Count;
        Collect(node, "", []);
        return found.Count > before ? null : Mismatch(node, parts[at]);

        void Collect(Node from, string text, List<PointPart> below)
        {
            foreach (((string name, char argument), Node child) in from.Children.OrderBy(c => c.Key.Name, StringComparer.Ordinal))
            {
                if (argument != '-' || name.StartsWith("__", StringComparison.Ordinal)) continue;
                string whole = text.Length == 0 ? name : text + "." + name;
                List<PointPart> walked = [.. below, parts[at] with { Name = name }];
                if (StapGlob.Matches(pattern, whole)) Find(child, parts, at + 1, [.. path, .. walked], found);
                Collect(child, whole, walked);
            }
        }
    }

    private static StapSemanticException Mismatch(Node node, PointPart part)
    {
        string[] known = [.. node.Children.Keys.Select(k => k.Name).Where(n => !n.StartsWith("__", StringComparison.Ordinal)).Distinct()];
        return new StapSemanticException($"probe point mismatch{Suggestions.For(part.Name, known)}", part.At);
    }

    private static char Argument(PointPart part) => !part.HasArgument ? '-' : part.Text != null ? 's' : 'n';

    private static Node Child(Node node, string name, char argument)
    {
        if (!node.Children.TryGetValue((name, argument), out Node? child)) node.Children[(name, argument)] = child = new Node();
        return child;
    }
}
