using System.Globalization;
using System.Text;
using Kennel.Abi;

namespace Kennel.Tracing;

/// <summary>A family tree as text, its branches drawn as pstree -g draws them: what each ran, how it ended, CPU time, and life span.</summary>
public static class FamilyTreeText
{
    private const int CommandWidth = 60;

    /// <param name="root">The first program.</param>
    /// <param name="threads">Whether to say how many threads each had.</param>
    public static string Format(FamilyMember root, bool threads = false)
    {
        List<(string Left, FamilyMember Member)> lines = [];
        Add(lines, root, "", "");
        int width = lines.Max(l => l.Left.Length);
        var text = new StringBuilder();
        text.AppendLine($"{"PROCESS".PadRight(width)}  {"END",-9} {"USER",9} {"SYSTEM",9} {"FROM",9} {"TO",9}{(threads ? "  THREADS" : "")}");
        foreach ((string left, FamilyMember member) in lines)
        {
            text.Append(left.PadRight(width)).Append("  ").Append(End(member).PadRight(9)).Append(Seconds(member.UserTime)).Append(Seconds(member.SystemTime));
            text.Append(Seconds(member.Born - root.Born)).Append(member.Died is { } died ? Seconds(died - root.Born) : "         -");
            if (threads) text.Append(CultureInfo.InvariantCulture, $"  {member.Threads,7}");
            text.AppendLine();
        }
        return text.ToString();
    }

    // pstree -g: a last child's branch is a corner, the others' is a fork, and what hangs below a fork has a line beside it.
    private static void Add(List<(string, FamilyMember)> lines, FamilyMember member, string branch, string below)
    {
        lines.Add(($"{branch}{Command(member)} ({member.ProcessId})", member));
        for (int i = 0; i < member.ChildList.Count; i++)
        {
            bool last = i == member.ChildList.Count - 1;
            Add(lines, member.ChildList[i], below + (last ? "└─" : "├─"), below + (last ? "  " : "│ "));
        }
    }

    private static string Command(FamilyMember member)
    {
        if (member.Arguments.Count == 0) return member.Name;
        string text = string.Join(' ', member.Arguments).ReplaceLineEndings(" ");
        return text.Length <= CommandWidth ? text : text[..(CommandWidth - 3)] + "...";
    }

    private static string End(FamilyMember member)
    {
        if (member.Died == null) return "alive";
        if (member.Status.HasExited) return $"exit {member.Status.ExitCode}";
        string name = member.Status.TerminationSignal.ToString();
        return name.StartsWith("SIG", StringComparison.Ordinal) ? name : $"signal {(int)member.Status.TerminationSignal}";
    }

    private static string Seconds(long nanoseconds) => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9,10:F3}");
}
