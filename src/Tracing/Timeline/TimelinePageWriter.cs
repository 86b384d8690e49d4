using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Kennel.Tracing.Timeline;

/// <summary>
/// One page that shows the timeline by itself. The records are packed bytes, put into the page as base64 while the guest runs:
/// whatever a guest calls itself, its name is never markup or script.
/// </summary>
/// <remarks>
/// A record is a byte with its kind, then varints (7 bits a byte, low ones first). All but <see cref="Op.Text"/> begin with the time since
/// the record before. Texts are numbered from 1 in the order of their records; 0 is none. Threads are numbered from 0. The same is said in
/// Page/records.js.
/// </remarks>
internal sealed class TimelinePageWriter(TimelineOutput output) : ITimelineWriter
{
    // A multiple of 3, so that blocks of base64 can be decoded each by itself.
    private const int BlockBytes = 3 * 16384;

    // When so many texts are known, numbering goes on but old ones are forgotten here: memory stays bounded.
    private const int MostTexts = 50_000;

    private readonly ArrayBufferWriter<byte> _block = new(2 * BlockBytes);
    private readonly Dictionary<string, ulong> _texts = new(StringComparer.Ordinal);
    private ulong _textCount;
    private long _last;

    /// <summary>Kinds of records.</summary>
    internal enum Op : byte
    {
        /// <summary>Bytes of UTF-8, their number first.</summary>
        Text,

        /// <summary>A thread: 1 when it is new, its number, tid, pid, maker + 1, name, command line.</summary>
        Thread,

        /// <summary>Thread, state, processor, text of the call that it sleeps in, text of what it sleeps on.</summary>
        State,

        /// <summary>Thread.</summary>
        End,

        /// <summary>Kind, from, to.</summary>
        Flow,

        /// <summary>Thread, kind, text.</summary>
        Mark,

        /// <summary>Thread, text of its name.</summary>
        Call,

        /// <summary>Thread, text of the result.</summary>
        CallEnd,

        /// <summary>Live, zombies, copied pages.</summary>
        Count,

        /// <summary>Nothing; the last one.</summary>
        Finish,

        /// <summary>The first one: text of the title, processors, seconds since 1970.</summary>
        Start,
    }

    public void Start(TimelineHeader header)
    {
        Write(TimelinePage.Head);
        ulong title = Text(header.Title);
        Begin(Op.Start, 0);
        Number(title);
        Number((ulong)header.Processors);
        Number((ulong)(header.WallClock / 1_000_000_000));
    }

    public void Describe(long time, TimelineThread thread, bool isNew)
    {
        ulong name = Text(thread.Name), command = Text(thread.Process.CommandLine);
        Begin(Op.Thread, time);
        Number(isNew ? 1u : 0u);
        Number((ulong)thread.Index);
        Number((ulong)thread.ThreadId);
        Number((ulong)thread.Process.ProcessId);
        Number((ulong)(thread.Process.Maker + 1));
        Number(name);
        Number(command);
        Commit();
    }

    public void State(long time, TimelineThread thread)
    {
        bool sleeps = thread.State is TimelineState.Sleeping or TimelineState.Blocked;
        ulong call = sleeps ? Text(thread.SleepCall) : 0, text = sleeps ? Text(thread.SleepText) : 0;
        Begin(Op.State, time);
        Number((ulong)thread.Index);
        Number((ulong)thread.State);
        Number((ulong)thread.Cpu);
        Number(call);
        Number(text);
        Commit();
    }

    public void End(long time, TimelineThread thread)
    {
        Begin(Op.End, time);
        Number((ulong)thread.Index);
        Commit();
    }

    public void Processor(long time, int cpu, TimelineThread? thread)
    {
        // The page finds what a processor ran from the threads' states.
    }

    public void Flow(long time, FlowKind kind, TimelineThread from, TimelineThread to)
    {
        Begin(Op.Flow, time);
        Number((ulong)kind);
        Number((ulong)from.Index);
        Number((ulong)to.Index);
        Commit();
    }

    public void Mark(long time, TimelineThread thread, MarkKind kind, string text)
    {
        ulong number = Text(text);
        Begin(Op.Mark, time);
        Number((ulong)thread.Index);
        Number((ulong)kind);
        Number(number);
        Commit();
    }

    public void Call(long time, TimelineThread thread, string name)
    {
        ulong number = Text(name);
        Begin(Op.Call, time);
        Number((ulong)thread.Index);
        Number(number);
        Commit();
    }

    public void CallEnd(long time, TimelineThread thread, string? result)
    {
        ulong number = Text(result);
        Begin(Op.CallEnd, time);
        Number((ulong)thread.Index);
        Number(number);
        Commit();
    }

    public void Count(long time, in TimelineCounters counters)
    {
        Begin(Op.Count, time);
        Number((ulong)Math.Max(0, counters.Live));
        Number((ulong)Math.Max(0, counters.Zombies));
        Number((ulong)counters.CopiedPages);
        Commit();
    }

    public void Finish(long time)
    {
        Begin(Op.Finish, time);
        WriteBlock(_block.WrittenSpan);
        _block.ResetWrittenCount();
        Write(TimelinePage.Tail);
    }

    private void Begin(Op op, long time)
    {
        _block.Write([(byte)op]);
        Number((ulong)(time - _last));
        _last = time;
    }

    // A text is a record of its own, so it is written before the one that names it begins.
    private ulong Text(string? text)
    {
        if (string.IsNullOrEmpty(text)) return 0;
        if (_texts.TryGetValue(text, out ulong known)) return known;
        if (_texts.Count >= MostTexts) _texts.Clear();
        _texts.Add(text, ++_textCount);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        _block.Write([(byte)Op.Text]);
        Number((ulong)bytes.Length);
        _block.Write(bytes);
        return _textCount;
    }

    private void Number(ulong value)
    {
        Span<byte> bytes = _block.GetSpan(10);
        int length = 0;
        for (; value >= 0x80; value >>= 7) bytes[length++] = (byte)(value | 0x80);
        bytes[length++] = (byte)value;
        _block.Advance(length);
    }

    private void Commit()
    {
        if (_block.WrittenCount < BlockBytes) return;
        ReadOnlySpan<byte> all = _block.WrittenSpan;
        int whole = all.Length / 3 * 3;
        WriteBlock(all[..whole]);
        byte[] rest = all[whole..].ToArray();
        _block.ResetWrittenCount();
        _block.Write(rest);
        output.Commit();
    }

    private void WriteBlock(ReadOnlySpan<byte> bytes)
    {
        Write("<script type=\"text/plain\" class=\"records\">");
        Base64.EncodeToUtf8(bytes, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out int written);
        output.Advance(written);
        Write("</script>\n");
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, output);
}
