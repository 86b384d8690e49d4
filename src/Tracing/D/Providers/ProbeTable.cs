using Kennel.Tracing.D.Runtime;

namespace Kennel.Tracing.D.Providers;

/// <summary>A source of probes: knows their names, and how to make them fire.</summary>
internal interface IProvider
{
    /// <summary>Adds the probes that always exist.</summary>
    void Publish(ProbeTable table);

    /// <summary>Adds the probes that exist because a description names them: tick-10s, pid7:a.out:main:entry.</summary>
    void PublishFor(ProbeDescription description, ProbeTable table);

    /// <summary>Watches what is needed for the probes that have clauses.</summary>
    void Enable(DDispatcher dispatcher);

    /// <summary>Stops watching.</summary>
    void Disable();
}

/// <summary>provider:module:function:name, with patterns.</summary>
internal readonly record struct ProbeDescription(string Provider, string Module, string Function, string Name)
{
    /// <summary>Reads a description; fewer fields are the last ones.</summary>
    public static ProbeDescription Parse(string text, int line)
    {
        string[] fields = text.Split(':');
        if (fields.Length > 4) throw new DCompileException("D_PDESC_INVAL", line, $"invalid probe description \"{text}\": Overlong or invalid probe description");
        string[] four = [.. Enumerable.Repeat("", 4 - fields.Length), .. fields];
        return new ProbeDescription(four[0], four[1], four[2], four[3]);
    }

    public bool Matches(DProbe probe) =>
        Glob.Matches(Name, probe.Name) && Glob.Matches(Function, probe.Function) && Glob.Matches(Provider, probe.Provider) && Glob.Matches(Module, probe.Module);
}

/// <summary>All probes that there are.</summary>
internal sealed class ProbeTable(IReadOnlyList<IProvider> providers)
{
    private readonly List<DProbe> _probes = [];
    private readonly Dictionary<(string, string, string, string), DProbe> _byName = [];

    public IReadOnlyList<DProbe> All => _probes;

    public void Publish()
    {
        foreach (IProvider provider in providers) provider.Publish(this);
    }

    /// <summary>Adds a probe, unless it is there.</summary>
    public DProbe Add(string provider, string module, string function, string name, Func<IReadOnlyList<Types.CType>>? arguments = null)
    {
        if (_byName.TryGetValue((provider, module, function, name), out DProbe? known)) return known;
        var probe = new DProbe(_probes.Count + 1, provider, module, function, name) { Arguments = arguments };
        _probes.Add(probe);
        return _byName[(provider, module, function, name)] = probe;
    }

    /// <summary>The probes that a description matches, in the order of their ids.</summary>
    public List<DProbe> Match(string text, int line)
    {
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
        {
            DProbe? known = _probes.Find(p => p.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) == text);
            return known != null ? [known] : throw new DCompileException("D_PDESC_INVAL", line, $"invalid probe identifier {text}: Unknown probe identifier");
        }
        ProbeDescription description = ProbeDescription.Parse(text, line);
        foreach (IProvider provider in providers) provider.PublishFor(description, this);
        return [.. _probes.Where(description.Matches)];
    }
}
