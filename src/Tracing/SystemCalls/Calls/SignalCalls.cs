using Kennel.Tracing.SystemCalls.Arguments;
using Kennel.Tracing.SystemCalls.Tables;
using static Kennel.Tracing.SystemCalls.Arguments.Plain;
using static Kennel.Tracing.SystemCalls.CallClass;

namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>Signals.</summary>
internal static class SignalCalls
{
    public static readonly CallShape[] All =
    [
        new(13, "rt_sigaction", Signal, SignalNumber, SignalStructs.InAction, SignalStructs.OutAction, Size),
        new(14, "rt_sigprocmask", Signal, Value(SignalNames.ProcMaskHow), SignalStructs.InMask(3), SignalStructs.OutMask(3), Size),
        new(15, "rt_sigreturn", Signal, SignalStructs.FrameMask),
        new(34, "pause", Signal),
        new(62, "kill", Signal | Process, Int, SignalNumber),
        new(127, "rt_sigpending", Signal, SignalStructs.OutMask(1), Size),
        new(128, "rt_sigtimedwait", Signal, SignalStructs.InMask(3), SignalStructs.OutInfo, TimeStructs.LateSpec, Size) { Note = static p => SignalText.Name((int)p.Result) },
        new(129, "rt_sigqueueinfo", Signal | Process, Int, SignalNumber, SignalStructs.InInfo),
        new(130, "rt_sigsuspend", Signal, SignalStructs.InMask(1), Size),
        new(131, "sigaltstack", Signal, SignalStructs.InStack, SignalStructs.OutStack),
        new(200, "tkill", Signal | Process, Int, SignalNumber),
        new(234, "tgkill", Signal | Process, Int, Int, SignalNumber),
        new(282, "signalfd", Desc | Signal, Fd, SignalStructs.InMask(2), Size) { Result = ResultKind.Descriptor },
        new(289, "signalfd4", Desc | Signal, Fd, SignalStructs.InMask(2), Size, Flags(FileNames.SignalFdFlags)) { Result = ResultKind.Descriptor },
        new(297, "rt_tgsigqueueinfo", Signal | Process, Int, Int, SignalNumber, SignalStructs.InInfo),
        new(424, "pidfd_send_signal", Desc | Signal | Process, Fd, SignalNumber, SignalStructs.InInfo, Hex32),
    ];
}
