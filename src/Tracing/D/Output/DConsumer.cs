using System.Globalization;
using System.Text;
using Kennel.Tracing.D.Runtime;

namespace Kennel.Tracing.D.Output;

/// <summary>
/// Takes what clauses record, in its order, and prints it. A clause's records come together at its end, or not at all when it
/// faulted; what acts on aggregations is a record as well, and is done in its turn.
/// </summary>
/// <param name="output">Where to print.</param>
/// <param name="options">The session's options.</param>
/// <param name="testing">Whether the columns that differ from run to run are left out (_DTRACE_TESTING).</param>
internal sealed class DConsumer(DOutput output, DOptions options, bool testing)
{
    private readonly StringBuilder _text = new();
    private readonly Dictionary<long, List<object>> _speculations = [];
    private List<object> _items = [];
    private long _speculation = -1, _commit = -1;
    private (DProbe Probe, DClause Clause, int Cpu, List<object> Items)? _held;
    private (DProbe Probe, DClause Clause)? _last;
    private int _indent;
    private bool _hasHeader;
    private long _failedSpeculations, _errorsInError;

    internal DRuntime? Runtime { get; set; }

    /// <summary>The script's exit status, once exit() was called.</summary>
    public int? ExitStatus { get; private set; }

    /// <summary>Adds text to the record of the present clause.</summary>
    public void Text(string text) => _text.Append(text);

    /// <summary>Adds something to be done when the record is consumed.</summary>
    public void Later(Action<StringBuilder> action)
    {
        TakeText();
        _items.Add(action);
    }

    public void Exit(long status)
    {
        ExitStatus = (int)status;
    }

    /// <summary>speculation(): a new buffer's number; 0 when there is none free.</summary>
    public long NewSpeculation()
    {
        for (long id = 1; id <= options.Speculations; id++)
        {
            if (_speculations.TryAdd(id, [])) return id;
        }
        _failedSpeculations++;
        return 0;
    }

    /// <summary>speculate(): the rest of the record goes to a buffer. False ends the clause: there is no such buffer.</summary>
    public bool Speculate(long id)
    {
        if (!_speculations.ContainsKey(id)) return false;
        _speculation = id;
        return true;
    }

    public void Commit(long id) => _commit = id;

    public void DiscardSpeculation(long id) => _speculations.Remove(id);

    /// <summary>Ends a clause: its record is complete.</summary>
    public void End(DProbe probe, DClause clause, int cpu)
    {
        if (!clause.Records && _commit < 0) return;
        if (clause.Records)
        {
            TakeText();
            List<object> items = _items;
            _items = [];
            if (_speculation >= 0) _speculations[_speculation].Add((probe, clause, cpu, items));
            else Consume(probe, clause, cpu, items);
        }
        if (_commit >= 0 && _speculations.Remove(_commit, out List<object>? speculated))
        {
            foreach (object record in speculated)
            {
                (DProbe p, DClause c, int n, List<object> list) = ((DProbe, DClause, int, List<object>))record;
                Consume(p, c, n, list);
            }
        }
        Drop();
    }

    /// <summary>Ends a clause that faulted or was cut short: nothing of its record stays.</summary>
    public void Drop()
    {
        if (_text.Length == 0 && _items.Count == 0 && _speculation < 0 && _commit < 0) return;
        _text.Clear();
        if (_items.Count > 0) _items = [];
        _speculation = _commit = -1;
    }

    public void Reopen(string path) => output.Reopen(path);

    public void TruncateOutput() => output.Truncate();

    public void FlushOutput() => output.Flush();

    /// <summary>A message on the standard error stream, in its turn.</summary>
    public void Message(string text)
    {
        FlushHeld(null, null);
        output.WriteError("dtrace: " + text);
    }

    /// <summary>An error in ERROR's own clauses: it is counted, and said at the end.</summary>
    public void CountErrorInError() => _errorsInError++;

    private void SayDrops()
    {
        Say("SPECUNAVAIL", _failedSpeculations, "failed speculation", " (no speculative buffer available)");
        Say("DBLERROR", _errorsInError, "error", " in ERROR probe enabling");

        void Say(string tag, long count, string what, string why)
        {
            if (count > 0) Message(string.Create(CultureInfo.InvariantCulture, $"{(options.DropTags ? $"[DTRACEDROP_{tag}] " : "")}{count} {what}{(count > 1 ? "s" : "")}{why}"));
        }
    }

    /// <summary>The last words: a new line, then what printa has not shown.</summary>
    public void Finish(IEnumerable<DAggregation> aggregations, bool isInterrupted)
    {
        FlushHeld(null, null);
        SayDrops();
        output.Write(isInterrupted ? "\n\n" : "\n");
        var text = new StringBuilder();
        AggregationText.WriteUnprinted(text, aggregations, options);
        output.Write(text);
        output.Flush();
        output.SayWaited();
    }

    private void TakeText()
    {
        if (_text.Length == 0) return;
        _items.Add(_text.ToString());
        _text.Clear();
    }

    private void Consume(DProbe probe, DClause clause, int cpu, List<object> items)
    {
        FlushHeld(probe, clause);
        // What a return looks like depends on whether the same probe goes on with another clause.
        if (options.FlowIndent && probe.IsReturn) _held = (probe, clause, cpu, items);
        else Print(probe, clause, cpu, items, probe.IsEntry && !(_last is { } last && last.Probe == probe && last.Clause != clause), false);
    }

    private void FlushHeld(DProbe? nextProbe, DClause? nextClause)
    {
        if (_held is not { } held) return;
        _held = null;
        Print(held.Probe, held.Clause, held.Cpu, held.Items, false, !(held.Probe == nextProbe && held.Clause != nextClause));
    }

    private void Print(DProbe probe, DClause clause, int cpu, List<object> items, bool isEntry, bool isReturn)
    {
        // The header comes with the first record, so that a script which only aggregates prints none.
        if (!_hasHeader && (options.FlowIndent || !options.Quiet)) output.Write(Header);
        _hasHeader = true;
        _last = (probe, clause);
        bool quiet = options.Quiet;
        if (!quiet || options.FlowIndent) output.Write(Prefix(probe, cpu, isEntry, isReturn));
        var text = new StringBuilder();
        foreach (object item in items)
        {
            if (item is string s) text.Append(s);
            else ((Action<StringBuilder>)item)(text);
            if (text.Length > 0) output.Write(text);
            text.Clear();
        }
        if (!quiet) output.Write("\n");
    }

    private string Header => options.FlowIndent
        ? testing ? $"{"FUNCTION",-41}\n" : $"{"CPU",3} {"FUNCTION",-41}\n"
        : testing ? $"{"FUNCTION:NAME",32}\n" : $"{"CPU",3} {"ID",6} {"FUNCTION:NAME",32}\n";

    private string Prefix(DProbe probe, int cpu, bool isEntry, bool isReturn)
    {
        string name;
        if (!options.FlowIndent)
        {
            name = $"{probe.Function}:{probe.Name}";
            return testing ? $"{name,32} " : string.Create(CultureInfo.InvariantCulture, $"{cpu,3} {probe.Id,6} {name,32} ");
        }
        bool syscall = probe.Provider == "syscall";
        if (isReturn) _indent = Math.Max(_indent - 2, 0);
        string blanks = new(' ', _indent);
        if (isEntry)
        {
            name = blanks + (syscall ? " => " : " -> ") + probe.Function;
            _indent += 2;
        }
        else if (isReturn) name = blanks + (syscall ? " <= " : " <- ") + probe.Function;
        else name = $"{blanks}| {probe.Function}:{probe.Name}";
        return testing ? $"{name,-41} " : string.Create(CultureInfo.InvariantCulture, $"{cpu,3} {name,-41} ");
    }
}
