using System.Globalization;
using Kennel.Tracing.Aggregations;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Runtime;

/// <summary>Globals that a script writes and never reads are printed when it ends.</summary>
internal static class UnreadGlobals
{
    public static void Print(ByteText text, Variable global)
    {
        switch (global.Storage)
        {
            case StapScalar<long> number:
                text.Append($"{global.Name}={Number(global, number.Value)}\n");
                break;
            case StapScalar<string> name:
                text.Append($"{global.Name}={StapStrings.Quote(name.Value, int.MaxValue)}\n");
                break;
            case StapScalar<Statistics> statistics:
                text.Append($"{global.Name} {Figures(statistics.Value)}\n");
                break;
            case StapMap<long> numbers:
                foreach (KeyedTable<long>.Entry entry in numbers.Iterate(-1, 0, null, -1, null)) text.Append($"{global.Name}[{Keys(global, entry.Key)}]={Number(global, entry.Value)}\n");
                break;
            case StapMap<string> names:
                foreach (KeyedTable<string>.Entry entry in names.Iterate(-1, 0, null, -1, null)) text.Append($"{global.Name}[{Keys(global, entry.Key)}]={StapStrings.Quote(entry.Value, int.MaxValue)}\n");
                break;
            case StapMap<Statistics> all:
                foreach (KeyedTable<Statistics>.Entry entry in all.Iterate(-1, 0, null, -1, null)) text.Append($"{global.Name}[{Keys(global, entry.Key)}] {Figures(entry.Value)}\n");
                break;
        }
    }

    private static string Number(Variable global, long value) =>
        global.PointsTo != null ? "0x" + value.ToString("x", CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);

    private static string Keys(Variable global, KeyPart[] key) =>
        string.Join(',', key.Select((k, i) => global.KeyTypes[i] == StapType.String ? StapStrings.Quote((string)k.Item!, int.MaxValue) : k.Number.ToString(CultureInfo.InvariantCulture)));

    private static string Figures(Statistics s) => s.Count == 0 ? "@count=0x0" : $"@count={s.Count} @min={s.Min} @max={s.Max} @sum={s.Sum} @avg={s.Average}";
}
