using System.Globalization;
using System.Text;
using Kennel.Abi;
using Kennel.Probes;

namespace Kennel.Tracing.Timeline;

/// <summary>The words of a timeline.</summary>
internal static class TimelineText
{
    private const int LongestText = 2000;

    /// <summary>Cuts what a guest may have made endless.</summary>
    public static string Bounded(string text) => text.Length <= LongestText ? text : string.Concat(text.AsSpan(0, LongestText - 1), "…");

    /// <summary>The same text, with U+FFFD for halves of surrogate pairs, which UTF-8 cannot hold.</summary>
    public static string WellFormed(string text) => text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0 ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>The same text with escapes for what would be invisible, would turn the text around it, or cannot stand in a file.</summary>
    public static string Visible(string text)
    {
        StringBuilder? result = null;
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = char.IsSurrogatePair(text, i);
            bool isShown = isPair || !(char.IsControl(text[i]) || char.IsSurrogate(text[i]) || IsInvisible(text[i]));
            if (!isShown) result ??= new StringBuilder(text, 0, i, text.Length + 16);
            if (!isShown) result!.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            else result?.Append(text, i, isPair ? 2 : 1);
            if (isPair) i++;
        }
        return result?.ToString() ?? text;
    }

    /// <summary>Arguments with blanks between them, as ps shows them.</summary>
    public static string CommandLine(IReadOnlyList<string> arguments)
    {
        int length = 0;
        return Bounded(string.Join(' ', arguments.TakeWhile(a => (length += a.Length + 1) - a.Length <= LongestText)));
    }

    /// <summary>SIGCHLD, SIGRT_2, ...</summary>
    public static string Signal(int number) =>
        Enum.IsDefined((Signal)number) ? ((Signal)number).ToString() : number >= 32 ? $"SIGRT_{number - 32}" : $"signal {number}";

    /// <summary>ENOENT, ...</summary>
    public static string Error(long number) => Enum.IsDefined((Errno)number) ? ((Errno)number).ToString() : $"error {number}";

    /// <summary>Who sent a signal.</summary>
    public static string Sender(ITracedTask task) => task.ThreadId == 0 ? "the kernel" : Bounded($"{task.Name} {task.ThreadId}");

    /// <summary>How a thread ended.</summary>
    public static string Exit(WaitStatus status) =>
        status.HasExited ? $"exit {status.ExitCode}" : $"killed by {Signal((int)status.TerminationSignal)}{(status.CoreDumped ? ", core dumped" : "")}";

    /// <summary>What a system call returned; null when it will be made again after a signal.</summary>
    public static string? Result(long result) => result switch
    {
        >= -516 and <= -512 => null,
        < 0 and >= -4095 => $"-1 {Error(-result)}",
        > 0xffff_ffff => $"0x{result:x}",
        _ => result.ToString(CultureInfo.InvariantCulture),
    };

    // Marks of direction, joiners, line separators, and the two that are no characters.
    private static bool IsInvisible(char c) =>
        c is '\u061c' or (>= '\u200b' and <= '\u200f') or (>= '\u2028' and <= '\u202e') or (>= '\u2060' and <= '\u206f') or '\ufeff' or '\ufffe' or '\uffff';
}
