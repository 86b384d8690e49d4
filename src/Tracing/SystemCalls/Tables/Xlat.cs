using System.Text;

namespace Kennel.Tracing.SystemCalls.Tables;

/// <summary>A table that names bits or values.</summary>
/// <param name="unknown">What stands for those without a name: <c>O_???</c>.</param>
/// <param name="entries">Values and names, in the order of printing.</param>
internal sealed class Xlat(string unknown, (ulong Value, string Name)[] entries)
{
    private readonly Dictionary<ulong, string> _byValue = Index(entries);

    /// <summary>The name of a value; null when it has none.</summary>
    public string? Find(ulong value) => _byValue.GetValueOrDefault(value);

    /// <summary>The value of a name; null when there is no such name.</summary>
    public ulong? FindValue(string name)
    {
        foreach ((ulong value, string known) in entries)
        {
            if (known == name) return value;
        }
        return null;
    }

    /// <summary>A value by name, or <c>0x7 /* O_??? */</c>.</summary>
    public string Value(ulong value) => Find(value) ?? $"{Hex(value)} /* {unknown} */";

    /// <summary>Bits by their names, joined; what is left over as a number.</summary>
    public string Flags(ulong value)
    {
        if (value == 0) return Find(0) ?? "0";
        var text = new StringBuilder();
        ulong rest = AppendFlags(text, value);
        if (rest == 0) return text.ToString();
        if (text.Length == 0) return $"{Hex(value)} /* {unknown} */";
        return text.Append('|').Append(Hex(rest)).ToString();
    }

    /// <summary>Appends the names of bits, joined. Answers the bits that have none.</summary>
    public ulong AppendFlags(StringBuilder text, ulong value)
    {
        bool any = text.Length > 0;
        foreach ((ulong bits, string name) in entries)
        {
            if (bits == 0 || (value & bits) != bits) continue;
            if (any) text.Append('|');
            any = true;
            text.Append(name);
            value &= ~bits;
        }
        return value;
    }

    /// <summary>A number as printf's %#x has it.</summary>
    public static string Hex(ulong value) => value == 0 ? "0" : $"0x{value:x}";

    private static Dictionary<ulong, string> Index((ulong Value, string Name)[] entries)
    {
        var result = new Dictionary<ulong, string>();
        foreach ((ulong value, string name) in entries) result.TryAdd(value, name);
        return result;
    }
}
