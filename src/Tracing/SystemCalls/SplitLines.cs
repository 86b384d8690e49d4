using Kennel.Abi;

namespace Kennel.Tracing.SystemCalls;

/// <summary>strace's -ff: the text of each thread in a file of its own, so that no line is ever left unfinished.</summary>
/// <param name="open">Opens the output of a thread, by its id.</param>
/// <param name="messages">Where messages about attaching go.</param>
internal sealed class SplitLines(StraceOptions options, PrintSettings settings, Func<int, TextWriter> open, TextWriter messages) : StraceLines
{
    private const int Alone = 1;

    private readonly StraceOptions _options = options with { AlwaysPid = false, IsSplit = true };
    private readonly Dictionary<TracedThread, TextLines> _lines = [];

    public override void Attached(TracedThread thread, int live) => Of(thread).Attached(thread, Alone);

    public override void Entered(TracedThread thread, long time, int live) => Of(thread).Entered(thread, time, Alone);

    public override void Returned(TracedThread thread, long result, long time, int live) => Of(thread).Returned(thread, result, time, Alone);

    public override void FirstProgram(TracedThread thread, CallShape execve, string path, long time, int live) => Of(thread).FirstProgram(thread, execve, path, time, Alone);

    public override void Signal(TracedThread thread, in SignalInfo info, long time, int live) => Of(thread).Signal(thread, info, time, Alone);

    public override void Stopped(TracedThread thread, int signal, long time, int live) => Of(thread).Stopped(thread, signal, time, Alone);

    public override void Abandoned(TracedThread thread, long time, int live) => Of(thread).Abandoned(thread, time, Alone);

    public override void Exited(TracedThread thread, WaitStatus status, long time, int live)
    {
        Of(thread).Exited(thread, status, time, Alone);
        Close(thread);
    }

    public override void Detached(TracedThread thread)
    {
        Of(thread).Detached(thread);
        Close(thread);
    }

    public override void Finish()
    {
        foreach (TracedThread thread in _lines.Keys.ToArray()) Close(thread);
    }

    private TextLines Of(TracedThread thread)
    {
        if (!_lines.TryGetValue(thread, out TextLines? lines))
        {
            _lines.Add(thread, lines = new TextLines(_options, settings, open(thread.Id), messages) { Target = Target });
        }
        return lines;
    }

    private void Close(TracedThread thread)
    {
        if (_lines.Remove(thread, out TextLines? lines)) lines.Close();
    }
}
