namespace Kennel.Tracing.D.Compile;

/// <summary>How stable names, their meaning and the systems that have them are: name/data/class, as -v and -x amin have it.</summary>
internal static class Stability
{
    /// <summary>The best: what all of D's own names have.</summary>
    public const string Common = "Stable/Stable/Common";

    /// <summary>The worst.</summary>
    public const string Private = "Private/Private/Unknown";

    private const string Evolving = "Evolving/Evolving/Common", EvolvingHere = "Evolving/Evolving/ISA";

    private static string[] Levels => ["Internal", "Private", "Obsolete", "External", "Unstable", "Evolving", "Stable", "Standard"];

    private static string[] Classes => ["Unknown", "CPU", "Platform", "Group", "ISA", "Common"];

    /// <summary>A built-in variable's.</summary>
    public static string Of(string variable) => variable switch
    {
        "curthread" => "Stable/Private/Common",
        "cpu" or "curcpu" => "Stable/Stable/Common",
        "stackdepth" or "ustackdepth" or "caller" or "ucaller" => "Stable/Stable/Common",
        _ => Common,
    };

    /// <summary>A provider's: itself, its modules and functions, the names of its probes, their arguments.</summary>
    public static (string Provider, string Module, string Function, string Name, string Arguments) OfProvider(string provider) => provider switch
    {
        "dtrace" => (Common, Private, Private, Common, Common),
        "profile" => (Evolving, "Unstable/Unstable/Common", Private, Evolving, Evolving),
        "syscall" => (Evolving, Private, "Unstable/Unstable/ISA", Evolving, "Unstable/Unstable/ISA"),
        "fbt" => (EvolvingHere, Private, Private, EvolvingHere, "Private/Private/ISA"),
        "lockstat" => (Evolving, Private, Private, Evolving, Evolving),
        _ when provider.StartsWith("pid", StringComparison.Ordinal) => (EvolvingHere, Private, Private, EvolvingHere, Private),
        _ => (EvolvingHere, Private, Private, EvolvingHere, EvolvingHere),
    };

    /// <summary>A probe's, by all that its description names.</summary>
    public static string OfProbe(string provider, string module, string function, string name)
    {
        (string p, string m, string f, string n, _) = OfProvider(provider);
        string result = p;
        if (module.Length > 0) result = Least(result, m);
        if (function.Length > 0) result = Least(result, f);
        return name.Length > 0 ? Least(result, n) : result;
    }

    public static bool IsAtLeast(string attributes, string least) => Least(attributes, least) == least;

    /// <summary>The lesser one of each part.</summary>
    public static string Least(string a, string b)
    {
        string[] x = a.Split('/'), y = b.Split('/');
        return string.Join('/', Smaller(Levels, x[0], y[0]), Smaller(Levels, x[1], y[1]), Smaller(Classes, x[2], y[2]));
    }

    private static string Smaller(string[] order, string a, string b) => Array.IndexOf(order, a) < Array.IndexOf(order, b) ? a : b;
}
