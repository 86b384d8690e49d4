using System.Text.RegularExpressions;

namespace Kennel.Guest.Tests.Tracing;

/// <summary>
/// A strace's text brought into a form in which two runs of the same program are equal. What is masked, and why:
/// <list type="number">
/// <item>the lines of each process are put together, in the order of the processes' birth: how they interleave is chance;</item>
/// <item>pids become P0, P1, ... where pids stand: at the start of lines, in siginfo, and in calls on processes;</item>
/// <item>addresses, and the column of results, which depends on their length;</item>
/// <item>times, and CPU time;</item>
/// <item>numbers of pipes and sockets; names from mkdtemp, and the getrandom that the C library makes once it needs randomness;</item>
/// <item>sizes of directories, and the order of entries in them: the file system's own (a run of lstat and unlink is sorted);</item>
/// <item>SIGCHLD lines are listed at the end of all: when they come is chance; and with them a call that one interrupted and that was begun again.</item>
/// </list>
/// </summary>
internal static partial class StraceText
{
    public static List<string> Normalize(string text)
    {
        Dictionary<string, List<string>> processes = [];
        Dictionary<string, string> unfinished = [];
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith(" | ", StringComparison.Ordinal) || line.StartsWith(" * ", StringComparison.Ordinal))
            {
                processes.Last().Value.Add(line); // a dump of the bytes of the call before
                continue;
            }
            Match parts = Line().Match(line);
            if (!parts.Success) throw new FormatException($"no line of strace's: {line}");
            string pid = parts.Groups[1].Value, rest = parts.Groups[2].Value;
            if (!processes.TryGetValue(pid, out List<string>? own)) processes.Add(pid, own = []);
            if (rest.EndsWith(" <unfinished ...>", StringComparison.Ordinal))
            {
                unfinished[pid] = rest[..^" <unfinished ...>".Length];
                continue;
            }
            Match resumed = Resumed().Match(rest);
            own.Add(resumed.Success && unfinished.Remove(pid, out string? begun) ? begun + resumed.Groups[1].Value : rest);
        }
        Dictionary<string, string> names = processes.Keys.Select((pid, i) => (pid, i)).ToDictionary(p => p.pid, p => $"P{p.i}");
        List<string> result = [], children = [];
        foreach ((string pid, List<string> lines) in processes)
        {
            result.Add($"== {names[pid]}");
            List<string> masked = [.. lines.Select(l => Mask(l, names)).Where(l => !l.StartsWith("getrandom(", StringComparison.Ordinal))];
            children.AddRange(masked.Where(IsChild));
            result.AddRange(SortUnlinks(DropInterrupted([.. masked.Where(l => !IsChild(l))])));
        }
        return [.. result, .. children.Order(StringComparer.Ordinal)];
    }

    private static bool IsChild(string line) => line.StartsWith("--- SIGCHLD", StringComparison.Ordinal);

    private static string Mask(string line, Dictionary<string, string> names)
    {
        line = Padding().Replace(line, ") = ");
        line = Address().Replace(line, "ADDRESS");
        line = Seconds().Replace(line, "$1=T");
        line = Ticks().Replace(line, "$1=T");
        line = Times().Replace(line, "$1T");
        line = Pipe().Replace(line, "$1:[N]");
        line = Temporary().Replace(line, "guest.XXXXXX");
        line = DirectorySize().Replace(line, "$1N");
        line = InfoPid().Replace(line, m => $"{m.Groups[1].Value}={names.GetValueOrDefault(m.Groups[2].Value, "P?")}");
        if (ParentCall().IsMatch(line)) line = Number().Replace(line, m => names.GetValueOrDefault(m.Value, "P?"));
        else if (ProcessCall().IsMatch(line)) line = Number().Replace(line, m => names.GetValueOrDefault(m.Value, m.Value));
        return line;
    }

    // A call that says "to be restarted" and is made again at once was interrupted by a signal that nobody wants.
    private static List<string> DropInterrupted(List<string> lines)
    {
        for (int i = lines.Count - 2; i >= 0; i--)
        {
            if (lines[i].Contains("= ? ERESTARTSYS", StringComparison.Ordinal) && lines[i].Split('(')[0] == lines[i + 1].Split('(')[0]) lines.RemoveAt(i);
        }
        return lines;
    }

    private static List<string> SortUnlinks(List<string> lines)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            int end = i;
            while (end < lines.Count && Unlink().IsMatch(lines[end])) end++;
            if (end - i < 2) continue;
            lines.Sort(i, end - i, StringComparer.Ordinal);
            i = end;
        }
        return lines;
    }

    [GeneratedRegex(@"(pipe|socket):\[\d+\]")]
    private static partial Regex Pipe();

    [GeneratedRegex(@"^(\d+) +(.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>(.*)$")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"\)\s+= ")]
    private static partial Regex Padding();

    [GeneratedRegex("0x[0-9a-f]{5,}")]
    private static partial Regex Address();

    [GeneratedRegex(@"(tv_sec|tv_nsec|tv_usec)=-?\d+")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"(si_utime|si_stime|tms_[a-z]+)=\d+( /\* [\d.]+ s \*/)?")]
    private static partial Regex Ticks();

    [GeneratedRegex(@"^(times\(.* = )\d+")]
    private static partial Regex Times();

    [GeneratedRegex(@"guest\.\w{6}")]
    private static partial Regex Temporary();

    [GeneratedRegex(@"(st_mode=S_IFDIR\S*, st_size=)\d+")]
    private static partial Regex DirectorySize();

    [GeneratedRegex(@"(si_pid|l_pid|pid)=(\d+)")]
    private static partial Regex InfoPid();

    [GeneratedRegex(@"^(getppid|set_tid_address)\(")]
    private static partial Regex ParentCall();

    [GeneratedRegex(@"^(getpid|gettid|getpgrp|getpgid|getsid|setsid|setpgid|fork|vfork|clone|clone3|wait4|waitid|kill|tgkill|tkill|rt_sigqueueinfo|process_vm_readv|process_vm_writev)\(")]
    private static partial Regex ProcessCall();

    [GeneratedRegex(@"(?<![\w.])\d+(?=[,)\]]|$)")]
    private static partial Regex Number();

    [GeneratedRegex(@"^(newfstatat\(.*AT_SYMLINK_NOFOLLOW\) = 0|unlink\(.*\) = 0)$")]
    private static partial Regex Unlink();
}
