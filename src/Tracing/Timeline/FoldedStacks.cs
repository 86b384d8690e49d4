using System.Globalization;

namespace Kennel.Tracing.Timeline;

/// <summary>Counted stacks, as a tree: who calls is above who is called.</summary>
public sealed class FoldedStacks
{
    /// <summary>The name of what was left out to keep the tree bounded.</summary>
    public const string More = "[more]";

    private readonly int _mostNodes;

    /// <param name="mostNodes">Functions in all places together; what comes beyond is counted as <see cref="More"/> of its caller.</param>
    public FoldedStacks(int mostNodes = 100_000)
    {
        _mostNodes = mostNodes;
    }

    /// <summary>Above all stacks.</summary>
    internal Node Root { get; } = new("all");

    /// <summary>All samples.</summary>
    public long Total => Root.Total;

    /// <summary>Nodes below the root.</summary>
    internal int Count { get; private set; }

    /// <summary>Counts a stack.</summary>
    /// <param name="stack">Its functions, outermost first, divided by semicolons.</param>
    /// <param name="samples">How often.</param>
    public void Add(string stack, long samples = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        Node node = Root;
        node.Total += samples;
        foreach (string name in stack.Split(';'))
        {
            if (!node.Children.TryGetValue(name, out Node? child))
            {
                string allowed = Count < _mostNodes ? name : More;
                if (!node.Children.TryGetValue(allowed, out child))
                {
                    node.Children.Add(allowed, child = new Node(allowed));
                    Count++;
                }
                if (allowed == More && name != More)
                {
                    child.Total += samples;
                    child.Self += samples;
                    return;
                }
            }
            child.Total += samples;
            node = child;
        }
        node.Self += samples;
    }

    /// <summary>One line for each stack: the functions, a blank, its samples; what other programs that draw stacks read.</summary>
    public void WriteTo(TextWriter writer)
    {
        foreach ((string stack, long samples) in Lines(Root, "")) writer.Write(string.Create(CultureInfo.InvariantCulture, $"{stack} {samples}\n"));
    }

    private static IEnumerable<(string Stack, long Samples)> Lines(Node node, string path)
    {
        if (node.Self > 0 && path != "") yield return (path, node.Self);
        foreach (Node child in node.Sorted)
        {
            foreach ((string, long) line in Lines(child, path == "" ? child.Name : $"{path};{child.Name}")) yield return line;
        }
    }

    /// <summary>A function, in one place of the tree.</summary>
    internal sealed class Node(string name)
    {
        public string Name => name;

        /// <summary>Samples of it and of all that it called.</summary>
        public long Total { get; set; }

        /// <summary>Samples of it alone.</summary>
        public long Self { get; set; }

        public Dictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);

        public IEnumerable<Node> Sorted => Children.Values.OrderBy(n => n.Name, StringComparer.Ordinal);
    }
}
