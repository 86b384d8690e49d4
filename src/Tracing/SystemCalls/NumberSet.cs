using System.Globalization;

namespace Kennel.Tracing.SystemCalls;

/// <summary>A set of descriptors as strace takes it: numbers, all, none; "!" in front turns it round.</summary>
internal sealed class NumberSet(HashSet<int> numbers, bool isInverted)
{
    public bool Contains(int number) => numbers.Contains(number) != isInverted;

    public static NumberSet Parse(string text, string kind)
    {
        bool isInverted = text.StartsWith('!');
        HashSet<int> numbers = [];
        foreach (string word in text[(isInverted ? 1 : 0)..].Split(','))
        {
            if (word == "all") return new NumberSet([], !isInverted);
            if (word == "none") continue;
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) throw new StraceUsageException($"invalid descriptor '{word}' to '-e {kind}'");
            numbers.Add(number);
        }
        return new NumberSet(numbers, isInverted);
    }
}
