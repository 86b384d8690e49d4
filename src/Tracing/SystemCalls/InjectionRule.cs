using System.Globalization;
using Kennel.Probes;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls;

/// <summary>What <c>-e inject=SET:error=EIO:when=3+2</c> says: which calls, which of their times, and what happens then.</summary>
internal sealed record InjectionRule(HashSet<int> Calls)
{
    private const long NotImplemented = 38;

    /// <summary>What the caller gets instead of the call; null to make the call.</summary>
    public long? Result { get; private set; }

    /// <summary>A signal for the caller; 0 for none.</summary>
    public int Signal { get; private set; }

    /// <summary>Nanoseconds.</summary>
    public long DelayEnter { get; private set; }

    /// <inheritdoc cref="DelayEnter"/>
    public long DelayExit { get; private set; }

    /// <summary>The first time, the last one, and how many lie between two.</summary>
    public (int First, int Last, int Step) When { get; private set; } = (1, int.MaxValue, 1);

    /// <summary>Whether the <paramref name="time"/>th call of a thread is meant, counted from 1.</summary>
    public bool Matches(int time) => time >= When.First && time <= When.Last && (When.Step == 0 ? time == When.First : (time - When.First) % When.Step == 0);

    public Injection Injection => new(Result != null, Result ?? 0, DelayEnter, Signal);

    public static InjectionRule Parse(string text, bool isFault)
    {
        string[] parts = text.Split(':');
        var rule = new InjectionRule(StraceExpressions.Calls(parts[0])) { Result = isFault ? -NotImplemented : null };
        foreach (string part in parts.Skip(1))
        {
            int equals = part.IndexOf('=');
            if (equals < 0 || !rule.Take(part[..equals], part[(equals + 1)..], isFault)) throw Invalid(text);
        }
        if (rule is { Result: null, Signal: 0, DelayEnter: 0, DelayExit: 0 }) throw Invalid(text);
        return rule;
    }

    private bool Take(string name, string value, bool isFault)
    {
        switch (name)
        {
            case "error":
                int error = ErrorNames.Find(value);
                Result = -error;
                return error != 0;
            case "retval" when !isFault:
                Result = ParseNumber(value);
                return Result >= 0;
            case "signal" when !isFault:
                Signal = SignalText.Find(value);
                return Signal != 0;
            case "delay_enter" when !isFault:
                DelayEnter = ParseTime(value);
                return DelayEnter >= 0;
            case "delay_exit" when !isFault:
                DelayExit = ParseTime(value);
                return DelayExit >= 0;
            case "when":
                return TakeWhen(value);
            default:
                return false;
        }
    }

    // FIRST[..LAST][+[STEP]]
    private bool TakeWhen(string value)
    {
        int plus = value.IndexOf('+'), step = 0;
        if (plus >= 0)
        {
            step = plus + 1 == value.Length ? 1 : Positive(value[(plus + 1)..]);
            if (step < 0) return false;
            value = value[..plus];
        }
        int dots = value.IndexOf("..", StringComparison.Ordinal);
        int first = Positive(dots < 0 ? value : value[..dots]), last = dots < 0 ? int.MaxValue : Positive(value[(dots + 2)..]);
        if (dots >= 0 && plus < 0) step = 1;
        When = (first, last, step);
        return first > 0 && last >= first;
    }

    private static int Positive(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n > 0 ? n : -1;

    private static long ParseNumber(string text) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex) ? hex : -1
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : -1;

    // Microseconds, unless a unit says otherwise.
    private static long ParseTime(string text)
    {
        (string suffix, long unit) = text switch
        {
            _ when text.EndsWith("ns", StringComparison.Ordinal) => ("ns", 1L),
            _ when text.EndsWith("us", StringComparison.Ordinal) => ("us", 1000L),
            _ when text.EndsWith("ms", StringComparison.Ordinal) => ("ms", 1_000_000L),
            _ when text.EndsWith('s') => ("s", 1_000_000_000L),
            _ => ("", 1000L),
        };
        long number = ParseNumber(text[..^suffix.Length]);
        return number < 0 || number > long.MaxValue / unit ? -1 : number * unit;
    }

    private static StraceUsageException Invalid(string text) => new($"invalid argument '{text}' to '-e inject'");
}
