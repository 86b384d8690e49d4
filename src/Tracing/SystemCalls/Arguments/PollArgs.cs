using System.Text;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls.Arguments;

/// <summary>select, poll and epoll: what they wait for, and what they found.</summary>
internal static class PollArgs
{
    private const int MaxDescriptors = 1024;

    public static readonly Arg Set = new(static (p, v) =>
    {
        if (ReadSet(p, v) is { } fds) p.Text($"[{string.Join(' ', fds)}]");
        else p.Address(v);
    });

    public static readonly Arg Events = Plain.Exit(static (p, v) =>
    {
        if (p.Failed) p.Address(v);
        else p.Array(v, (ulong)p.Result, 12, static (p, r) => Event(p, r));
    });

    public static readonly Arg Event1 = new(static (p, v) =>
    {
        const ulong Delete = 2;
        if (p.A[1] == Delete) p.Address(v);
        else p.Struct(v, 12, EventFields);
    });

    /// <summary>pselect6's last: a mask and its size behind one pointer.</summary>
    public static readonly Arg MaskAndSize = new(static (p, v) => p.Struct(v, 16, static (p, r) =>
    {
        p.Text("sigmask=");
        SignalStructs.WriteMask(p, r.U64(0));
        p.Text($", sigsetsize={r.U64(8)}");
    }));

    /// <summary>select's answer: <c>in [3], left {tv_sec=0, tv_usec=9}</c>.</summary>
    public static string? SelectNote(CallPrinter p, bool nanoseconds)
    {
        if (p.Result == 0) return "Timeout";
        var text = new StringBuilder();
        string[] names = ["in", "out", "except"];
        for (int i = 0; i < names.Length; i++)
        {
            if (ReadSet(p, p.A[1 + i]) is not { Count: > 0 } fds) continue;
            text.Append(text.Length == 0 ? "" : ", ").Append(names[i]).Append($" [{string.Join(' ', fds)}]");
        }
        if (p.Read(p.A[4], 16) is { } left)
        {
            var r = new Record(left);
            text.Append(text.Length == 0 ? "" : ", ").Append($"left {{tv_sec={r.S64(0)}, tv_{(nanoseconds ? "n" : "u")}sec={r.S64(8)}}}");
        }
        return text.Length == 0 ? null : text.ToString();
    }

    /// <summary>poll's answer: the descriptors that are ready.</summary>
    public static string? PollNote(CallPrinter p, bool withTime)
    {
        if (p.Result == 0) return "Timeout";
        var text = new StringBuilder();
        for (ulong i = 0; i < (uint)p.A[1] && p.Read(p.A[0] + (i * 8), 8) is { } bytes; i++)
        {
            var r = new Record(bytes);
            if (r.U16(6) == 0 || r.S32(0) < 0) continue;
            text.Append(text.Length == 0 ? "[" : ", ").Append($"{{fd={r.S32(0)}, revents={FileNames.PollEvents.Flags(r.U16(6))}}}");
        }
        if (text.Length > 0) text.Append(']');
        if (withTime && p.Read(p.A[2], 16) is { } left)
        {
            var r = new Record(left);
            text.Append(text.Length == 0 ? "" : ", ").Append($"left {{tv_sec={r.S64(0)}, tv_nsec={r.S64(8)}}}");
        }
        return text.Length == 0 ? null : text.ToString();
    }

    private static List<int>? ReadSet(CallPrinter p, ulong address)
    {
        int count = (int)Math.Min((uint)p.A[0], MaxDescriptors);
        if (address == 0 || p.Read(address, (count + 7) / 8) is not { } bytes) return null;
        return [.. Enumerable.Range(0, count).Where(i => (bytes[i >> 3] >> (i & 7) & 1) != 0)];
    }

    private static void Event(CallPrinter p, Record r)
    {
        p.Text("{");
        EventFields(p, r);
        p.Text("}");
    }

    private static void EventFields(CallPrinter p, Record r) =>
        p.Text($"events={FileNames.EpollEvents.Flags(r.U32(0))}, data={{u32={r.U32(4)}, u64={r.U64(4)}}}");
}
