using Kennel.Tracing.D.Output;

namespace Kennel.Tracing.D.Syntax;

/// <summary>The #pragma D lines of a script.</summary>
/// <param name="options">What "option" sets.</param>
/// <param name="hasProvider">Whether there are probes of a provider.</param>
internal sealed class Pragmas(DOptions options, Func<string, bool> hasProvider)
{
    // What these define is built in.
    private static string[] Libraries =>
        ["cpc.d", "dtrace.d", "errno.d", "fc.d", "fsinfo.d", "io.d", "ip.d", "iscsi.d", "lockstat.d", "mib.d", "net.d", "nfs.d", "perf_dlv.d", "procfs.d", "proc.d", "profile.d", "regs.d", "sched.d", "signal.d", "smb.d", "srp.d", "syscall.d", "sysinfo.d", "tcp.d", "udp.d", "unistd.d", "vminfo.d", "xpv.d"];

    private static string[] Stabilities => ["Internal", "Private", "Obsolete", "External", "Unstable", "Evolving", "Stable", "Standard"];

    private static string[] Classes => ["Unknown", "CPU", "Platform", "Group", "ISA", "Common"];

    /// <summary>Whether some text is name/data/class.</summary>
    public static bool IsAttributes(string text) => text.Split('/') is [var name, var data, var kind] && Stabilities.Contains(name) && Stabilities.Contains(data) && Classes.Contains(kind);

    /// <summary>Obeys one.</summary>
    public void Read(string pragma, int line, ScriptArguments arguments)
    {
        string[] words = pragma.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0] != "D") return;
        if (words.Length < 2) throw Malformed(line, "malformed #pragma D");
        switch (words[1])
        {
            case "option":
                SetOption(words, line, arguments);
                break;
            case "depends_on":
                DependsOn(words, line);
                break;
            case "attributes":
                if (words.Length < 4) throw Malformed(line, "malformed #pragma attributes <attributes> <name>");
                if (!IsAttributes(words[2])) throw Malformed(line, "invalid attributes specified by #pragma attributes");
                break;
            case "binding":
                if (words.Length < 4) throw Malformed(line, "malformed #pragma binding \"version\" name");
                if (!IsVersion(words[2].Trim('"'))) throw Malformed(line, "invalid version string specified by #pragma binding");
                break;
            case "error":
                throw new DCompileException("D_PRAGERR", line, "#error: " + string.Join(' ', words.Skip(2)));
            case "line":
                break;
            default:
                throw new DCompileException("D_PRAGMA_INVAL", line, $"invalid #pragma directive: {words[1]}");
        }
    }

    /// <summary>1.0, 1.12.3.</summary>
    public static bool IsVersion(string text) => text.Split('.') is { Length: 2 or 3 } parts && parts.All(p => p.Length is > 0 and < 4 && p.All(char.IsAsciiDigit));

    private void SetOption(string[] words, int line, ScriptArguments arguments)
    {
        if (words.Length < 3) throw Malformed(line, "malformed #pragma option <option>=<value>");
        if (words.Length > 3) throw Malformed(line, "superfluous arguments specified for #pragma option");
        string[] setting = words[2].Split('=', 2);
        if (options.Set(setting[0], setting.Length > 1 ? setting[1] : null, fromScript: true) is { } problem)
        {
            throw new DCompileException("D_PRAGMA_OPTSET", line, $"failed to set option '{setting[0]}'{(setting.Length > 1 ? $" to '{setting[1]}'" : "")}: {problem}");
        }
        arguments.UseDefaults = options.DefaultArguments;
    }

    private void DependsOn(string[] words, int line)
    {
        if (words.Length != 4) throw Malformed(line, "malformed #pragma D depends_on <class> <name>");
        string name = words[3];
        bool known = words[2] switch
        {
            "library" => Libraries.Contains(name),
            "provider" => hasProvider(name),
            "module" => name is "vmlinux" or "unix" or "genunix" or "kernel",
            _ => throw Malformed(line, $"invalid class specified by #pragma D depends_on: {words[2]}"),
        };
        if (!known) throw new DCompileException("D_PRAGMA_DEPEND", line, $"program requires {words[2]} \"{name}\"{(words[2] == "library" ? " which failed to load" : "")}");
    }

    private static DCompileException Malformed(int line, string text) => new("D_PRAGMA_MALFORM", line, text);
}
