using System.CommandLine;

namespace Kennel.Cli;

/// <summary>
/// Rewrites a command line that follows getopt's rules into one that System.CommandLine reads the same way: short options taken apart
/// (<c>-qCs FILE</c>, <c>-s100</c>, <c>-tt</c>), and <c>--</c> put where the program begins.
/// </summary>
internal static class GetoptWords
{
    /// <summary>Rewrites the words behind a command that names a tracer; all others stay as they are.</summary>
    public static IReadOnlyList<string> Apply(Command root, string[] args) => args[0] switch
    {
        "trace" or "tree" => RewriteFor(root, args, stopAtOperand: true),
        "dtrace" or "stap" => RewriteFor(root, args, stopAtOperand: false),
        _ => args,
    };

    /// <param name="command">The command: its options say which letters there are, and which of them take a value.</param>
    /// <param name="args">Its words, the command's name left out.</param>
    /// <param name="stopAtOperand">Whether the first word that is no option begins the program, as with strace (getopt's "+").</param>
    public static List<string> Rewrite(Command command, IEnumerable<string> args, bool stopAtOperand)
    {
        var takesValue = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (Option option in command.Options)
        {
            // A value that may be left out stands behind "=" only.
            bool takes = option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0 && !option.Arity.Equals(ArgumentArity.ZeroOrOne);
            foreach (string name in option.Aliases.Append(option.Name)) takesValue[name] = takes;
        }
        List<string> result = [];
        string[] words = [.. args];
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            if (word == "--") return [.. result, .. words[i..]];
            if (word.Length < 2 || word[0] != '-')
            {
                if (stopAtOperand) return [.. result, "--", .. words[i..]];
                result.Add(word);
                continue;
            }
            bool wantsNext = word[1] == '-' ? AddLong(word, takesValue, result) : AddShort(word, takesValue, result);
            if (wantsNext && i + 1 < words.Length) AddValue(result, words[++i]);
        }
        return result;
    }

    private static IReadOnlyList<string> RewriteFor(Command root, string[] args, bool stopAtOperand) =>
        root.Subcommands.FirstOrDefault(c => c.Name == args[0]) is { } command ? [args[0], .. Rewrite(command, args.Skip(1), stopAtOperand)] : args;

    private static bool AddLong(string word, Dictionary<string, bool> takesValue, List<string> result)
    {
        result.Add(word);
        return !word.Contains('=') && takesValue.GetValueOrDefault(word);
    }

    private static bool AddShort(string word, Dictionary<string, bool> takesValue, List<string> result)
    {
        for (int i = 1; i < word.Length; i++)
        {
            string letter = "-" + word[i];
            if (!takesValue.TryGetValue(letter, out bool value))
            {
                result.Add(i == 1 ? word : letter); // unknown: let it be reported
                if (i == 1) return false;
                continue;
            }
            result.Add(letter);
            if (!value) continue;
            if (i + 1 == word.Length) return true;
            AddValue(result, word[(i + 1)..]);
            return false;
        }
        return false;
    }

    // A value may look like an option; joined by "=", it is not taken for one.
    private static void AddValue(List<string> result, string value) => result[^1] += "=" + value;
}
