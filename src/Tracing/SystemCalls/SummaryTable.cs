using System.Globalization;
using System.Text;

namespace Kennel.Tracing.SystemCalls;

/// <summary>
/// The table of -c: calls, errors and time by system call. It has to be cheap from the start: numbers, not names, and nothing that .NET must compile first.
/// </summary>
internal sealed class SummaryTable(StraceOptions options)
{
    private const int Known = 512;
    private const double Second = 1e9;

    private readonly Row?[] _byNumber = new Row?[Known];
    private readonly List<Row> _rows = [];

    public void Add(int call, bool failed, long nanoseconds)
    {
        Row row = ((uint)call < Known ? _byNumber[call] : _rows.Find(r => r.Number == call)) ?? NewRow(call);
        row.Add(failed, Math.Max(0, nanoseconds - options.SummaryOverhead));
    }

    private Row NewRow(int call)
    {
        var row = new Row(call);
        _rows.Add(row);
        if ((uint)call < Known) _byNumber[call] = row;
        return row;
    }

    /// <param name="nameOf">A call's name by its number.</param>
    public void Write(TextWriter output, Func<int, string> nameOf)
    {
        var total = new Row(-1) { Name = "total" };
        foreach (Row row in _rows)
        {
            row.Name = nameOf(row.Number);
            total.Add(row);
        }
        _rows.Sort((a, b) => Compare(a, b));
        string line = Line(static column => new string('-', Width(column)), static column => new string('-', NameWidth));
        output.WriteLine(Line(static column => Head(column).PadLeft(Width(column)), static _ => "syscall"));
        output.WriteLine(line);
        foreach (Row row in _rows) output.WriteLine(Text(row, total));
        output.WriteLine(line);
        output.WriteLine(Text(total, total));
    }

    private string Text(Row row, Row total) => Line(column => Cell(column, row, total).PadLeft(Width(column)), _ => row.Name);

    // The name stands at the left, and is filled up unless it is the last.
    private string Line(Func<SummaryColumn, string> cell, Func<SummaryColumn, string> name)
    {
        var text = new StringBuilder();
        for (int i = 0; i < options.SummaryColumns.Count; i++)
        {
            SummaryColumn column = options.SummaryColumns[i];
            if (i > 0) text.Append(' ');
            if (column != SummaryColumn.Name) text.Append(cell(column));
            else text.Append(i + 1 < options.SummaryColumns.Count ? name(column).PadRight(NameWidth) : name(column));
        }
        return text.ToString();
    }

    private static string Cell(SummaryColumn column, Row row, Row total)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        return column switch
        {
            SummaryColumn.TimePercent => (row == total ? (total.Calls == 0 ? 0 : 100) : total.Time == 0 ? 0 : 100.0 * row.Time / total.Time).ToString("F2", c),
            SummaryColumn.TotalTime => (row.Time / Second).ToString("F6", c),
            SummaryColumn.LeastTime => (row.Least / Second).ToString("F6", c),
            SummaryColumn.MostTime => (row.Most / Second).ToString("F6", c),
            SummaryColumn.AverageTime => (row.Calls == 0 ? 0 : row.Time / 1000 / row.Calls).ToString(c),
            SummaryColumn.Calls => row.Calls.ToString(c),
            _ => row.Errors == 0 ? "" : row.Errors.ToString(c),
        };
    }

    private static string Head(SummaryColumn column) => column switch
    {
        SummaryColumn.TimePercent => "% time",
        SummaryColumn.TotalTime => "seconds",
        SummaryColumn.LeastTime => "shortest",
        SummaryColumn.MostTime => "longest",
        SummaryColumn.AverageTime => "usecs/call",
        SummaryColumn.Calls => "calls",
        _ => "errors",
    };

    private const int NameWidth = 16;

    private static int Width(SummaryColumn column) => column switch
    {
        SummaryColumn.TimePercent => 6,
        SummaryColumn.TotalTime or SummaryColumn.AverageTime => 11,
        SummaryColumn.LeastTime or SummaryColumn.MostTime => 8,
        _ => 9,
    };

    private int Compare(Row a, Row b)
    {
        int order = options.SummarySort switch
        {
            null => 0,
            SummaryColumn.Name => string.CompareOrdinal(a.Name, b.Name),
            SummaryColumn.Calls => b.Calls.CompareTo(a.Calls),
            SummaryColumn.Errors => b.Errors.CompareTo(a.Errors),
            SummaryColumn.LeastTime => b.Least.CompareTo(a.Least),
            SummaryColumn.MostTime => b.Most.CompareTo(a.Most),
            SummaryColumn.AverageTime => (b.Time / b.Calls).CompareTo(a.Time / a.Calls),
            _ => b.Time.CompareTo(a.Time),
        };
        return order != 0 ? order : a.Number.CompareTo(b.Number);
    }

    private sealed class Row(int number)
    {
        public int Number => number;

        public string Name { get; set; } = "";

        public long Calls { get; private set; }

        public long Errors { get; private set; }

        public long Time { get; private set; }

        public long Least { get; private set; }

        public long Most { get; private set; }

        public void Add(bool failed, long nanoseconds)
        {
            if (Calls == 0 || nanoseconds < Least) Least = nanoseconds;
            if (nanoseconds > Most) Most = nanoseconds;
            Calls++;
            if (failed) Errors++;
            Time += nanoseconds;
        }

        public void Add(Row other)
        {
            if (Calls == 0 || other.Least < Least) Least = other.Least;
            Most = Math.Max(Most, other.Most);
            Calls += other.Calls;
            Errors += other.Errors;
            Time += other.Time;
        }
    }
}
