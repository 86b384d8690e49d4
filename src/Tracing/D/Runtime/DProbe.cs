using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Runtime;

/// <summary>A probe: a point that clauses can be bound to.</summary>
internal sealed class DProbe(int id, string provider, string module, string function, string name)
{
    public int Id { get; } = id;

    public string Provider { get; set; } = provider;

    public string Module { get; } = module;

    public string Function { get; } = function;

    public string Name { get; } = name;

    /// <summary>The types of args[]; null when they are not known.</summary>
    public Func<IReadOnlyList<CType>>? Arguments { get; init; }

    /// <summary>Whether it marks an entry, for flowindent.</summary>
    public bool IsEntry => Name == "entry" || Name.EndsWith("-entry", StringComparison.Ordinal);

    /// <summary>Whether it marks a return.</summary>
    public bool IsReturn => Name == "return" || Name.EndsWith("-return", StringComparison.Ordinal);

    /// <summary>Its clauses, in program order.</summary>
    public List<DClause> Clauses { get; } = [];

    public override string ToString() => $"{Provider}:{Module}:{Function}:{Name}";
}

/// <summary>A compiled clause.</summary>
internal sealed class DClause(int id)
{
    /// <summary>Its number in the program, from 1.</summary>
    public int Id { get; } = id;

    /// <summary>Whether a firing of it prints a line.</summary>
    public bool Records { get; set; }

    /// <summary>Whether it is empty: a firing prints its line and nothing else.</summary>
    public bool IsDefault { get; set; }

    /// <summary>What it does; false when its predicate did not hold.</summary>
    public Func<DRuntime, bool> Body { get; set; } = static _ => true;
}
