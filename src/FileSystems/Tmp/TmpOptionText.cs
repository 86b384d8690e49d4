using System.Globalization;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.FileSystems.Tmp;

/// <summary>A tmpfs's options as mount gets them (man 5 tmpfs): "size=10m,mode=1777,uid=5".</summary>
public static class TmpOptionText
{
    /// <summary>For <see cref="VfsState.FileSystemTypes"/>.</summary>
    public static (Errno Error, FileSystem? FileSystem) Make(LinuxTask current, string source, string options)
    {
        Errno e = Parse(options, current.Kernel.Options.MemoryLimit, out TmpOptions parsed);
        return e != Errno.None ? (e, null) : (e, new TmpFileSystem(current.Kernel, parsed));
    }

    /// <summary>EINVAL for what tmpfs does not know.</summary>
    public static Errno Parse(string text, long memory, out TmpOptions options)
    {
        options = new TmpOptions();
        foreach (string option in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = option.IndexOf('=');
            string name = equals < 0 ? option : option[..equals], value = equals < 0 ? "" : option[(equals + 1)..];
            TmpOptions? next = name switch
            {
                "size" => Size(value, memory) is { } size ? options with { Size = size } : null,
                "nr_blocks" => Size(value, 0) is { } blocks ? options with { Size = blocks * 4096 } : null,
                "nr_inodes" => Size(value, 0) is { } inodes ? options with { Inodes = inodes } : null,
                "mode" => Octal(value) is { } mode ? options with { RootPermissions = mode } : null,
                "uid" => uint.TryParse(value, CultureInfo.InvariantCulture, out uint uid) ? options with { Uid = uid } : null,
                "gid" => uint.TryParse(value, CultureInfo.InvariantCulture, out uint gid) ? options with { Gid = gid } : null,
                "huge" or "mpol" or "inode64" or "inode32" or "noswap" => options,
                _ => null,
            };
            if (next == null) return Errno.EINVAL;
            options = next;
        }
        return Errno.None;
    }

    // "10", "10k", "10m", "10g", and percents of the memory.
    private static long? Size(string text, long memory)
    {
        if (text.Length == 0) return null;
        int shift = char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        bool isPercent = text[^1] == '%' && memory > 0;
        string digits = shift > 0 || isPercent ? text[..^1] : text;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return null;
        return isPercent ? memory / 100 * number : number << shift;
    }

    private static uint? Octal(string text)
    {
        uint value = 0;
        foreach (char c in text)
        {
            if (c is < '0' or > '7') return null;
            value = (value << 3) + (uint)(c - '0');
        }
        return text.Length is 0 or > 5 ? null : value & 0xfff;
    }
}
