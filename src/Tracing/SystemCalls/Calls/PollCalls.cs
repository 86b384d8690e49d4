using Kennel.Tracing.SystemCalls.Arguments;
using Kennel.Tracing.SystemCalls.Tables;
using static Kennel.Tracing.SystemCalls.Arguments.Plain;
using static Kennel.Tracing.SystemCalls.CallClass;

namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>Waiting for several descriptors, and the descriptors made for that.</summary>
internal static class PollCalls
{
    public static readonly CallShape[] All =
    [
        new(7, "poll", Desc, FileStructs.Polled, UInt, Int) { Note = static p => PollArgs.PollNote(p, withTime: false) },
        new(23, "select", Desc, Int, PollArgs.Set, PollArgs.Set, PollArgs.Set, TimeStructs.InVal) { Note = static p => PollArgs.SelectNote(p, nanoseconds: false) },
        new(213, "epoll_create", Desc, Int) { Result = ResultKind.Descriptor },
        new(232, "epoll_wait", Desc, Fd, PollArgs.Events, Int, Int),
        new(233, "epoll_ctl", Desc, Fd, Value(FileNames.EpollOperations), Fd, PollArgs.Event1),
        new(253, "inotify_init", Desc) { Result = ResultKind.Descriptor },
        new(255, "inotify_rm_watch", Desc, Fd, Int),
        new(270, "pselect6", Desc, Int, PollArgs.Set, PollArgs.Set, PollArgs.Set, TimeStructs.InSpec, PollArgs.MaskAndSize) { Note = static p => PollArgs.SelectNote(p, nanoseconds: true) },
        new(271, "ppoll", Desc, FileStructs.Polled, UInt, TimeStructs.InSpec, SignalStructs.InMask(4), Size) { Note = static p => PollArgs.PollNote(p, withTime: true) },
        new(281, "epoll_pwait", Desc, Fd, PollArgs.Events, Int, Int, SignalStructs.InMask(5), Size),
        new(284, "eventfd", Desc, UInt) { Result = ResultKind.Descriptor },
        new(290, "eventfd2", Desc, UInt, Flags(FileNames.EventFlags)) { Result = ResultKind.Descriptor },
        new(291, "epoll_create1", Desc, Flags(FileNames.EpollFlags)) { Result = ResultKind.Descriptor },
        new(294, "inotify_init1", Desc, Flags(FileNames.InotifyFlags)) { Result = ResultKind.Descriptor },
        new(300, "fanotify_init", Desc, Hex32, Hex32) { Result = ResultKind.Descriptor },
        new(301, "fanotify_mark", Desc | CallClass.File, Fd, Hex32, Hex, DirFd, FilePath),
        new(441, "epoll_pwait2", Desc, Fd, PollArgs.Events, Int, TimeStructs.InSpec, SignalStructs.InMask(5), Size),
    ];
}
