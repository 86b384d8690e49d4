using System.Globalization;
using System.Net;
using System.Text;

namespace Kennel.Tracing.D.Runtime;

/// <summary>The functions on strings. A null string is NULL: it may be compared, and anything else with it is a fault.</summary>
internal sealed partial class DRuntime
{
    private string? _tokens;

    internal static string Solid(string? text) => text ?? throw new DFault(DFaultCode.BadAddress);

    /// <summary>Cuts a string to the size that strings have.</summary>
    internal string Cut(string text) => text.Length < Options.StringSize ? text : text[..(Options.StringSize - 1)];

    // What a variable holds after NULL was assigned to it; one that nothing was assigned to is empty.
    private static readonly string NullText = new('\0', 1);

    internal string Stored(string? text) => text == null ? NullText : Cut(text);

    /// <summary>A variable's text: NULL stays NULL.</summary>
    internal static string? Loaded(string? stored) => stored == null ? "" : ReferenceEquals(stored, NullText) ? null : stored;

    /// <summary>Whether a thread's variable, or an element, is NULL: also when nothing was assigned to it.</summary>
    internal static bool IsNull(string? stored) => stored == null || ReferenceEquals(stored, NullText);

    internal static int Compare(string? left, string? right)
    {
        if (left == null || right == null) return left == right ? 0 : left == null ? -1 : 1;
        return string.CompareOrdinal(left, right);
    }

    internal static bool AreEqual(string? left, string? right) => left == right;

    internal static long Strlen(string? text) => Solid(text).Length;

    internal string Strjoin(string? left, string? right) => Cut(Solid(left) + Solid(right));

    internal static string? Strstr(string? text, string? part)
    {
        int at = Solid(text).IndexOf(Solid(part), StringComparison.Ordinal);
        return at < 0 ? null : text![at..];
    }

    internal static string? Strchr(string? text, long c)
    {
        int at = (byte)c == 0 ? Solid(text).Length : Solid(text).IndexOf((char)(byte)c, StringComparison.Ordinal);
        return at < 0 ? null : text![at..];
    }

    internal static string? Strrchr(string? text, long c)
    {
        int at = (byte)c == 0 ? Solid(text).Length : Solid(text).LastIndexOf((char)(byte)c);
        return at < 0 ? null : text![at..];
    }

    // Perl's index: a position below 0 counts as 0, one beyond the end finds an empty string at the end only.
    internal static long Index(string? text, string? part, long from)
    {
        string s = Solid(text), p = Solid(part);
        long at = Math.Clamp(from, 0, s.Length);
        return s.IndexOf(p, (int)at, StringComparison.Ordinal);
    }

    internal static long RightIndex(string? text, string? part, long from)
    {
        string s = Solid(text), p = Solid(part);
        if (from < 0) return p.Length == 0 ? 0 : -1;
        for (int at = (int)Math.Min(from, s.Length - p.Length); at >= 0; at--)
        {
            if (string.CompareOrdinal(s, at, p, 0, p.Length) == 0) return at;
        }
        return -1;
    }

    internal static string Substr(string? text, long start, long count)
    {
        string s = Solid(text);
        long length = s.Length;
        if (start < 0)
        {
            start += length;
            if (start < 0 && start + (count == long.MaxValue ? length : count) > 0 && count >= 0)
            {
                if (count != long.MaxValue) count += start;
                start = 0;
            }
        }
        if (start < 0 || start >= length) return "";
        long end = count == long.MaxValue ? length : count < 0 ? length + count : Math.Min(start + count, length);
        return end <= start ? "" : s[(int)start..(int)end];
    }

    internal string? Strtok(string? text, string? delimiters)
    {
        string set = Solid(delimiters);
        string? rest = text ?? _tokens;
        if (rest == null)
        {
            if (text == null && !_tokenStarted) throw new DFault(DFaultCode.BadAddress);
            return null;
        }
        _tokenStarted = true;
        int start = 0;
        while (start < rest.Length && set.Contains(rest[start], StringComparison.Ordinal)) start++;
        if (start == rest.Length)
        {
            _tokens = null;
            return null;
        }
        int end = start;
        while (end < rest.Length && !set.Contains(rest[end], StringComparison.Ordinal)) end++;
        _tokens = end < rest.Length ? rest[(end + 1)..] : null;
        return rest[start..end];
    }

    private bool _tokenStarted;

    internal static string Basename(string? path)
    {
        string s = Solid(path);
        if (s.Length == 0) return ".";
        string trimmed = s.TrimEnd('/');
        return trimmed.Length == 0 ? "/" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    internal static string Dirname(string? path)
    {
        string s = Solid(path);
        if (s.Length == 0) return ".";
        string trimmed = s.TrimEnd('/');
        if (trimmed.Length == 0) return "/";
        int slash = trimmed.LastIndexOf('/');
        if (slash < 0) return ".";
        string parent = trimmed[..slash].TrimEnd('/');
        return parent.Length == 0 ? "/" : parent;
    }

    /// <summary>Takes "//", "/./" and "/x/../" out of a path; links are not looked at. A "/." at the end stays, as it does there.</summary>
    internal static string Cleanpath(string? path)
    {
        string s = Solid(path);
        var result = new StringBuilder();
        for (int i = 0; i < s.Length;)
        {
            if (s[i] != '/') result.Append(s[i++]);
            else if (At(i + 1) == '/') i++;
            else if (At(i + 1) == '.' && At(i + 2) == '/') i += 2;
            else if (At(i + 1) == '.' && At(i + 2) == '.' && At(i + 3) is '/' or '\0')
            {
                i += 3;
                int up = result.ToString().LastIndexOf('/');
                result.Length = Math.Max(up, 0);
                if (i >= s.Length) result.Append('/');
            }
            else result.Append(s[i++]);
        }
        return result.ToString();

        char At(int index) => index < s.Length ? s[index] : '\0';
    }

    internal static string ToUpper(string? text) => string.Concat(Solid(text).Select(c => c is >= 'a' and <= 'z' ? (char)(c - 32) : c));

    internal static string ToLower(string? text) => string.Concat(Solid(text).Select(c => c is >= 'A' and <= 'Z' ? (char)(c + 32) : c));

    internal static string NumberText(long value, long radix)
    {
        if (radix == 10) return value.ToString(CultureInfo.InvariantCulture);
        if (radix is < 2 or > 36) throw new DFault(DFaultCode.IllegalOperation);
        // As lltostr does: a minus sign for base 10 only, 0x and 0 in front for the bases that C writes so.
        ulong rest = (ulong)value;
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, "0123456789abcdefghijklmnopqrstuvwxyz"[(int)(rest % (ulong)radix)]);
            rest /= (ulong)radix;
        }
        while (rest != 0);
        return (radix == 16 ? "0x" : radix == 8 ? "0" : "") + digits;
    }

    internal static long ParseNumber(string? text, long radix)
    {
        if (radix is < 2 or > 36) throw new DFault(DFaultCode.IllegalOperation);
        string s = Solid(text).TrimStart(' ', '\t', '\n', '\r', '\v', '\f');
        bool negative = s.StartsWith('-');
        if (negative || s.StartsWith('+')) s = s[1..];
        if (radix == 16 && s.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) s = s[2..];
        Int128 value = 0;
        foreach (char c in s)
        {
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : 99;
            if (digit >= radix) break;
            value = (value * radix) + digit;
            if (value > long.MaxValue) return negative ? long.MinValue : long.MaxValue;
        }
        return (long)(negative ? -value : value);
    }

    internal string Inet4(long address) => new IPAddress(Memory.Bytes(address, 4)).ToString();

    internal string Inet6(long address) => new IPAddress(Memory.Bytes(address, 16)).ToString();

    /// <summary>A string behind its first few characters.</summary>
    internal static string Rest(string? text, long by)
    {
        string s = Solid(text);
        return by < 0 ? throw new DFault(DFaultCode.BadAddress) : by >= s.Length ? "" : s[(int)by..];
    }

    /// <summary>A link-layer address: Ethernet (ARPHRD_ETHER 1) and InfiniBand (ARPHRD_INFINIBAND 32).</summary>
    internal string LinkAddress(long type, long address) => type switch
    {
        1 => Hexadecimal(Memory.Bytes(address, 6)),
        32 => Hexadecimal(Memory.Bytes(address, 20)),
        _ => throw new DFault(DFaultCode.IllegalOperation),
    };

    private static string Hexadecimal(byte[] bytes) => string.Join(':', bytes.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));

    internal string InetAny(long family, long address) => family switch
    {
        2 => Inet4(address),
        10 or 26 => Inet6(address),
        _ => throw new DFault(DFaultCode.IllegalOperation),
    };

    internal static long Swap(long value, int size) => size switch
    {
        2 => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((ushort)value),
        4 => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((uint)value),
        _ => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value),
    };
}
