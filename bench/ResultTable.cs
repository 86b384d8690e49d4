using System.Globalization;
using System.Text;

namespace Kennel.Bench;

/// <summary>All measurements, as one table in Markdown that is readable as it stands.</summary>
internal sealed class ResultTable(List<Host> hosts)
{
    private readonly List<Measurement> _rows = [];

    /// <summary>What went wrong, one line each.</summary>
    public List<string> Notes => [.. _rows.SelectMany(row => row.Notes)];

    /// <summary>Adds a row.</summary>
    public void Add(Measurement row) => _rows.Add(row);

    /// <summary>The table, with geometric means of both parts.</summary>
    public string ToMarkdown()
    {
        List<string[]> cells = [Header(), []];
        AddPart(cells, _rows.Where(row => !row.IsKernel), "operations");
        AddPart(cells, _rows.Where(row => row.IsKernel), "CPU kernels");
        return Format(cells);
    }

    // Only an engine that counts instructions has a rate.
    private bool HasRates => _rows.Any(row => row.InstructionRate > 0);

    private string[] Header()
    {
        List<string> header = ["", .. hosts.Take(1).Select(h => h.Name)];
        foreach (Host host in hosts.Skip(1))
            header.AddRange([host.Name, "ratio"]);
        return HasRates ? [.. header, "guest Minstr/s"] : [.. header];
    }

    private void AddPart(List<string[]> cells, IEnumerable<Measurement> part, string title)
    {
        Measurement[] rows = [.. part];
        foreach (Measurement row in rows)
        {
            List<string> line = [row.Row, Time(row.Nanoseconds[0])];
            for (int i = 1; i < hosts.Count; i++)
                line.AddRange([Time(row.Nanoseconds[i]), Ratio(row.Nanoseconds[i] / row.Nanoseconds[0])]);
            if (HasRates)
                line.Add(row.InstructionRate > 0 ? (row.InstructionRate / 1e6).ToString("F0", CultureInfo.InvariantCulture) : "");
            cells.Add([.. line]);
        }
        if (rows.Length < 2)
            return;
        List<string> mean = [$"**{title}, geometric mean**", ""];
        for (int i = 1; i < hosts.Count; i++)
            mean.AddRange(["", Ratio(GeometricMean(rows.Select(row => row.Nanoseconds[i] / row.Nanoseconds[0])))]);
        if (HasRates)
            mean.Add(Rate(GeometricMean(rows.Select(row => row.InstructionRate > 0 ? row.InstructionRate : (double?)null))));
        cells.Add([.. mean]);
    }

    private static double? GeometricMean(IEnumerable<double?> values)
    {
        double[] logs = [.. values.Where(v => v > 0).Select(v => Math.Log(v!.Value))];
        return logs.Length == 0 ? null : Math.Exp(logs.Average());
    }

    private static string Rate(double? perSecond) => perSecond is { } r ? (r / 1e6).ToString("F0", CultureInfo.InvariantCulture) : "";

    private static string Ratio(double? ratio) => ratio switch
    {
        null => "",
        < 0.1 => ratio.Value.ToString("F4", CultureInfo.InvariantCulture) + "×",
        < 10 => ratio.Value.ToString("F2", CultureInfo.InvariantCulture) + "×",
        _ => ratio.Value.ToString("F0", CultureInfo.InvariantCulture) + "×",
    };

    private static string Time(double? nanoseconds) => nanoseconds switch
    {
        null => "failed",
        < 1e3 => nanoseconds.Value.ToString("F0", CultureInfo.InvariantCulture) + " ns",
        < 1e6 => (nanoseconds.Value / 1e3).ToString("F1", CultureInfo.InvariantCulture) + " µs",
        < 1e9 => (nanoseconds.Value / 1e6).ToString("F1", CultureInfo.InvariantCulture) + " ms",
        _ => (nanoseconds.Value / 1e9).ToString("F2", CultureInfo.InvariantCulture) + " s",
    };

    private static string Format(List<string[]> cells)
    {
        int columns = cells[0].Length;
        int[] widths = [.. Enumerable.Range(0, columns).Select(c => Math.Max(3, cells.Where(l => l.Length > c).Max(l => l[c].Length)))];
        var text = new StringBuilder();
        foreach (string[] line in cells)
        {
            text.Append('|');
            for (int c = 0; c < columns; c++)
            {
                if (line.Length == 0)
                    text.Append(c == 0 ? new string('-', widths[c] + 2) : new string('-', widths[c] + 1) + ":");
                else
                    text.Append(' ').Append(c == 0 ? line[c].PadRight(widths[c]) : line[c].PadLeft(widths[c])).Append(' ');
                text.Append('|');
            }
            text.Append('\n');
        }
        return text.ToString();
    }
}
