using Kennel.Probes;

namespace Kennel.Views;

/// <summary>Reads C declarations: <c>ssize_t vfs_read(struct file *file, char *buf, size_t count, loff_t *pos)</c>.</summary>
internal static class CPrototype
{
    /// <summary>Return type, name and parameters.</summary>
    public static (string ReturnType, string Name, IReadOnlyList<ParameterShape> Parameters) Parse(string text)
    {
        int open = text.IndexOf('(');
        ParameterShape head = ParseParameter(text[..open]);
        return (head.Type, head.Name, ParseParameters(text[(open + 1)..text.LastIndexOf(')')]));
    }

    /// <summary>What stands between the parentheses.</summary>
    public static IReadOnlyList<ParameterShape> ParseParameters(string list) =>
        list.Trim() is "" or "void" ? [] : [.. list.Split(',').Select(ParseParameter)];

    // The name is what follows the last blank or star.
    private static ParameterShape ParseParameter(string text)
    {
        text = text.Trim();
        int end = text.LastIndexOfAny([' ', '*']) + 1;
        return new ParameterShape(text[end..], text[..end].TrimEnd());
    }
}
