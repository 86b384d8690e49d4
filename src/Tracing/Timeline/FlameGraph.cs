using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Kennel.Tracing.Timeline;

/// <summary>
/// Counted stacks as a picture: a box for each function on top of its caller's, as wide as its samples are many. A self-contained SVG,
/// or the same inside a page; a script in it zooms and searches, and without one it is still a picture.
/// </summary>
public static class FlameGraph
{
    private const int Width = 1200, Row = 18, Margin = 10, Top = 54, Bottom = 34;

    /// <summary>Samples narrower than this, pixels of the whole picture, are not drawn.</summary>
    private const double Narrowest = 0.02;

    /// <summary>Writes the picture.</summary>
    /// <param name="stacks">The samples.</param>
    /// <param name="title">Its heading.</param>
    /// <param name="asPage">Whether it is to be HTML around the SVG.</param>
    public static string Draw(FoldedStacks stacks, string title, bool asPage)
    {
        int depth = stacks.Total == 0 ? 2 : Depth(stacks.Root, 0, stacks.Total);
        int height = Top + (depth * Row) + Bottom;
        var text = new StringBuilder();
        string script = TimelinePage.Read("flame.js");
        if (asPage)
        {
            string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
            text.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
            text.Append($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'\">\n");
            text.Append($"<title>{Safe(title)}</title><style>body {{ margin: 0; background: light-dark(#fff, #15181c); color-scheme: light dark; }}</style></head><body>\n");
        }
        else
        {
            text.Append("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n");
        }
        string size = string.Create(CultureInfo.InvariantCulture, $"width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\"");
        text.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" {size} id=\"flames\" data-total=\"{stacks.Total}\" data-margin=\"{Margin}\">\n");
        text.Append("<style>").Append(TimelinePage.Read("flame.css")).Append("</style>\n");
        text.Append($"<rect class=\"back\" width=\"100%\" height=\"100%\"/>\n<text class=\"title\" x=\"{Margin}\" y=\"24\">{Safe(title)}</text>\n");
        text.Append($"<text class=\"info\" id=\"info\" x=\"{Margin}\" y=\"{height - 13}\">{Samples(stacks.Total)}</text>\n");
        text.Append($"<text class=\"tool\" id=\"reset\" x=\"{Margin}\" y=\"44\" visibility=\"hidden\">Show all</text>");
        text.Append($"<text class=\"tool\" id=\"search\" x=\"{Width - Margin}\" y=\"24\" text-anchor=\"end\">Search</text>\n");
        if (stacks.Total == 0) text.Append($"<text class=\"info\" x=\"{Width / 2}\" y=\"{Top + Row}\" text-anchor=\"middle\">No samples: the programs ran too shortly.</text>\n");
        else AppendFrame(text, stacks.Root, 0, 0, stacks.Total, height - Bottom - Row);
        text.Append("<script><![CDATA[").Append(script).Append("]]></script>\n</svg>\n");
        if (asPage) text.Append("</body></html>\n");
        return text.ToString();
    }

    private static int Depth(FoldedStacks.Node node, int above, long total) =>
        node.Children.Values.Where(c => IsWide(c.Total, total)).Select(c => Depth(c, above + 1, total)).DefaultIfEmpty(above + 1).Max();

    private static bool IsWide(long samples, long total) => samples * (double)Width / total >= Narrowest;

    private static void AppendFrame(StringBuilder text, FoldedStacks.Node node, long from, int depth, long total, int bottom)
    {
        double scale = (Width - (2.0 * Margin)) / total, x = Margin + (from * scale), width = node.Total * scale;
        int y = bottom - (depth * Row);
        string name = Safe(node.Name);
        double share = 100.0 * node.Total / total;
        text.Append(CultureInfo.InvariantCulture, $"<g class=\"f\" data-x=\"{from}\" data-w=\"{node.Total}\"><title>{name} ({Samples(node.Total)}, {share:0.0} %)</title>");
        text.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.##}\" y=\"{y}\" width=\"{Math.Max(0.1, width):0.##}\" height=\"{Row - 1}\" fill=\"{Colour(node.Name, depth)}\" rx=\"1.5\"/>");
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 4:0.##}\" y=\"{y + 13}\">{Safe(Fitting(TimelineText.Visible(node.Name), width))}</text></g>\n");
        foreach (FoldedStacks.Node child in node.Sorted)
        {
            if (IsWide(child.Total, total)) AppendFrame(text, child, from, depth + 1, total, bottom);
            from += child.Total;
        }
    }

    // Letters of the picture's font are about 6.6 wide; the script knows it, too.
    private static string Fitting(string name, double width)
    {
        int letters = (int)((width - 8) / 6.6);
        return letters >= name.Length ? name : letters < 3 ? "" : name[..(letters - 1)] + "…";
    }

    // Warm for functions, by name, so that the same function looks the same everywhere; blue for the kernel, grey for what has no name.
    private static string Colour(string name, int depth)
    {
        if (depth == 0) return "#b9bec6";
        if (name.StartsWith('[')) return "#c9ccd1";
        uint hash = 2166136261;
        foreach (char c in name) hash = (hash ^ c) * 16777619;
        bool isKernel = name.EndsWith(StackSampler.InKernel, StringComparison.Ordinal);
        (int hue, int light) = isKernel ? (205 + ((int)(hash % 20)), 72) : depth == 1 ? (150 + ((int)(hash % 30)), 70) : (12 + ((int)(hash % 40)), 64 + ((int)(hash / 64 % 10)));
        return $"hsl({hue}, {(depth == 1 ? 35 : 82)}%, {light}%)";
    }

    private static string Samples(long count) => string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {(count == 1 ? "sample" : "samples")}");

    private static string Safe(string text) => TimelineText.Visible(text)
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);
}
