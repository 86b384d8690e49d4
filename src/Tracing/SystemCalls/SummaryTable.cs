using System.Globalization;

namespace Kennel.Tracing.SystemCalls;

/// <summary>The table of -c: calls, errors and time by system call.</summary>
internal sealed class SummaryTable
{
    private readonly Dictionary<CallShape, Row> _rows = new(ReferenceEqualityComparer.Instance);
    private Row? _last;
    private CallShape? _lastCall;

    public void Add(CallShape call, bool failed, long nanoseconds)
    {
        Row row = call == _lastCall ? _last! : Find(call);
        row.Calls++;
        if (failed) row.Errors++;
        row.Time += Math.Max(0, nanoseconds);
    }

    private Row Find(CallShape call)
    {
        if (!_rows.TryGetValue(call, out Row? row)) _rows.Add(call, row = new Row(call.Name));
        (_lastCall, _last) = (call, row);
        return row;
    }

    public void Write(TextWriter output, string sort)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        const string Line = "------ ----------- ----------- --------- --------- ----------------";
        output.WriteLine("% time     seconds  usecs/call     calls    errors syscall");
        output.WriteLine(Line);
        long total = _rows.Values.Sum(r => r.Time), calls = _rows.Values.Sum(r => r.Calls), errors = _rows.Values.Sum(r => r.Errors);
        foreach (Row r in Sorted(sort))
        {
            double share = total == 0 ? 0 : 100.0 * r.Time / total;
            output.WriteLine(string.Create(c, $"{share,6:F2} {r.Time / 1e9,11:F6} {r.Time / 1000 / r.Calls,11} {r.Calls,9} {(r.Errors == 0 ? "" : r.Errors),9} {r.Name}"));
        }
        output.WriteLine(Line);
        long perCall = calls == 0 ? 0 : total / 1000 / calls;
        output.WriteLine(string.Create(c, $"{(calls == 0 ? "0.00" : "100.00"),6} {total / 1e9,11:F6} {perCall,11} {calls,9} {(errors == 0 ? "" : errors),9} total"));
    }

    private IEnumerable<Row> Sorted(string sort) => sort switch
    {
        "calls" => _rows.Values.OrderByDescending(r => r.Calls),
        "errors" => _rows.Values.OrderByDescending(r => r.Errors),
        "name" => _rows.Values.OrderBy(r => r.Name, StringComparer.Ordinal),
        "nothing" => _rows.Values,
        _ => _rows.Values.OrderByDescending(r => r.Time),
    };

    private sealed class Row(string name)
    {
        public string Name { get; } = name;

        public long Calls { get; set; }

        public long Errors { get; set; }

        public long Time { get; set; }
    }
}
