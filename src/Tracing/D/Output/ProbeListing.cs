using System.Globalization;
using Kennel.Tracing.D.Compile;
using Kennel.Tracing.D.Providers;
using Kennel.Tracing.D.Runtime;

namespace Kennel.Tracing.D.Output;

/// <summary>What -l prints of probes, and -v of probes and programs.</summary>
/// <param name="output">Where to.</param>
/// <param name="verbose">Whether to say how stable they are, and what their arguments are.</param>
internal sealed class ProbeListing(DOutput output, bool verbose)
{
    private readonly HashSet<DProbe> _shown = [];

    public void Begin() => output.Write($"{"ID",5} {"PROVIDER",10} {"MODULE",17} {"FUNCTION",33} NAME\n");

    public void Show(IEnumerable<DProbe> probes)
    {
        foreach (DProbe p in probes.Where(_shown.Add))
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{p.Id,5} {p.Provider,10} {p.Module,17} {p.Function,33} {p.Name}\n"));
            if (verbose) ShowDetails(p);
        }
    }

    public void ShowProgram(DtraceScript script, IEnumerable<string> descriptions, string statements)
    {
        string least = Stability.Common;
        foreach (string text in descriptions)
        {
            ProbeDescription d = ProbeDescription.Parse(text, 0);
            string provider = d.Provider.Length > 0 ? d.Provider : d.Name is "BEGIN" or "END" or "ERROR" ? "dtrace" : d.Name.StartsWith("tick-", StringComparison.Ordinal) || d.Name.StartsWith("profile-", StringComparison.Ordinal) ? "profile" : "";
            least = Stability.Least(least, Stability.OfProbe(provider, d.Module, d.Function, d.Name));
        }
        output.Write($"\nStability attributes for {(script.File != null ? "script" : "description")} {script.Name}:\n");
        Attributes("Minimum Probe Description", least);
        Attributes("Minimum Statement", statements);
        output.Write("\n");
    }

    private void ShowDetails(DProbe p)
    {
        Attributes("Probe Description", Stability.OfProbe(p.Provider, p.Module, p.Function, p.Name));
        Attributes("Argument", Stability.OfProvider(p.Provider).Arguments);
        output.Write("\n\tArgument Types\n");
        var types = p.Arguments?.Invoke() ?? [];
        for (int i = 0; i < types.Count; i++) output.Write(string.Create(CultureInfo.InvariantCulture, $"\t\targs[{i}]: {types[i]}\n"));
        if (types.Count == 0) output.Write("\t\tNone\n");
        output.Write("\n");
    }

    private void Attributes(string what, string attributes)
    {
        string[] parts = attributes.Split('/');
        output.Write($"\n\t{what} Attributes\n\t\tIdentifier Names: {parts[0]}\n\t\tData Semantics:   {parts[1]}\n\t\tDependency Class: {parts[2]}\n");
    }
}
