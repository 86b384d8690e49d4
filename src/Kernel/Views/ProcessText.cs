using System.Text;
using Kennel.Tasks;

namespace Kennel.Views;

/// <summary>A process' name and arguments as ps shows them.</summary>
internal static class ProcessText
{
    private const int LongestArguments = 79;

    /// <summary>The leader's name; the idle task's is Solaris' "sched".</summary>
    public static string Name(ThreadGroup group) => group.Leader == group.Kernel.Tasks.Idle ? "sched" : group.Leader.Comm;

    /// <summary>Arguments joined by blanks and cut at 79 bytes, as exec got them; the name where there are none.</summary>
    public static string Arguments(ThreadGroup group)
    {
        if (group.Arguments.Count == 0 || group.Leader.IsKernelThread) return Name(group);
        var text = new StringBuilder();
        foreach (byte[] argument in group.Arguments)
        {
            if (text.Length > 0) text.Append(' ');
            text.Append(Encoding.Latin1.GetString(argument));
            if (text.Length >= LongestArguments) break;
        }
        return text.ToString(0, Math.Min(text.Length, LongestArguments));
    }

    /// <summary>Where the pointers to the arguments lie: behind their number, where the stack began.</summary>
    public static ulong ArgumentVector(ThreadGroup group) => StackOf(group) is var stack and not 0 ? stack + 8 : 0;

    /// <summary>Where the pointers to the environment lie: behind those, and a null.</summary>
    public static ulong EnvironmentVector(ThreadGroup group) => StackOf(group) is var stack and not 0 ? stack + 8 + (8 * ((ulong)group.Arguments.Count + 1)) : 0;

    private static ulong StackOf(ThreadGroup group) => group.Threads.Find(static t => t.Memory != null)?.Memory?.Layout.StackStart ?? 0;
}
