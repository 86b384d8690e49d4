using System.Globalization;

namespace Kennel.Tracing.D.Runtime;

/// <summary>Who the tracer is on the host: what $uid, $ppid and the like stand for, and the context of BEGIN and END.</summary>
internal sealed record HostProcess(int Pid, int ParentPid, int ProcessGroup, int Session, uint Uid, uint EffectiveUid, uint Gid, uint EffectiveGid, string ParentName)
{
    /// <summary>This process. What a host without /proc does not say is 0.</summary>
    public static HostProcess Current()
    {
        string[] stat = Words("/proc/self/stat", behindName: true), users = Field("Uid:"), groups = Field("Gid:");
        int parent = Number(stat, 1);
        string name = parent > 0 ? Read($"/proc/{parent}/comm").Trim() : "";
        return new(Environment.ProcessId, parent, Number(stat, 2), Number(stat, 3), (uint)Number(users, 1), (uint)Number(users, 2), (uint)Number(groups, 1), (uint)Number(groups, 2), name.Length > 0 ? name : "sh");
    }

    /// <summary>The macro variables.</summary>
    public Dictionary<string, long> Variables() => new()
    {
        ["pid"] = Pid,
        ["ppid"] = ParentPid,
        ["uid"] = Uid,
        ["euid"] = EffectiveUid,
        ["gid"] = Gid,
        ["egid"] = EffectiveGid,
        ["pgid"] = ProcessGroup,
        ["sid"] = Session,
        ["projid"] = 0,
        ["taskid"] = 0,
        ["target"] = 0,
    };

    private static string[] Field(string name) =>
        Read("/proc/self/status").Split('\n').FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string[] Words(string file, bool behindName)
    {
        string text = Read(file);
        if (behindName) text = text[(text.LastIndexOf(')') + 1)..];
        return text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    private static int Number(string[] words, int index) => index < words.Length && int.TryParse(words[index], CultureInfo.InvariantCulture, out int value) ? value : 0;

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
