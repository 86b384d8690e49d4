namespace Kennel.Tracing.SystemCalls.Tables;

/// <summary>Names of bits and codes of signals. The order is that of strace's output.</summary>
internal static class SignalNames
{
    public static readonly Xlat ProcMaskHow = new("SIG_???",
        [(0x0, "SIG_BLOCK"), (0x1, "SIG_UNBLOCK"), (0x2, "SIG_SETMASK")]);

    public static readonly Xlat ActionFlags = new("SA_???",
        [(0x4000000, "SA_RESTORER"), (0x8000000, "SA_ONSTACK"), (0x10000000, "SA_RESTART"), (0x20000000, "SA_INTERRUPT"),
         (0x40000000, "SA_NODEFER"), (0x80000000, "SA_RESETHAND"), (0x4, "SA_SIGINFO"), (0x1, "SA_NOCLDSTOP"), (0x2, "SA_NOCLDWAIT")]);

    public static readonly Xlat StackFlags = new("SS_???",
        [(0x1, "SS_ONSTACK"), (0x2, "SS_DISABLE"), (0x80000000, "SS_AUTODISARM")]);

    public static readonly Xlat GenericCodes = new("SI_???",
        [(0x0, "SI_USER"), (0x80, "SI_KERNEL"), (0xffffffff, "SI_QUEUE"), (0xfffffffe, "SI_TIMER"), (0xfffffffd, "SI_MESGQ"),
         (0xfffffffc, "SI_ASYNCIO"), (0xfffffffb, "SI_SIGIO"), (0xfffffffa, "SI_TKILL"), (0xffffffc4, "SI_ASYNCNL")]);

    public static readonly Xlat ChildCodes = new("CLD_???",
        [(0x1, "CLD_EXITED"), (0x2, "CLD_KILLED"), (0x3, "CLD_DUMPED"), (0x4, "CLD_TRAPPED"), (0x5, "CLD_STOPPED"),
         (0x6, "CLD_CONTINUED")]);

    public static readonly Xlat FaultCodes = new("SEGV_???",
        [(0x1, "SEGV_MAPERR"), (0x2, "SEGV_ACCERR"), (0x3, "SEGV_BNDERR"), (0x4, "SEGV_PKUERR")]);

    public static readonly Xlat BusCodes = new("BUS_???",
        [(0x1, "BUS_ADRALN"), (0x2, "BUS_ADRERR"), (0x3, "BUS_OBJERR"), (0x4, "BUS_MCEERR_AR"), (0x5, "BUS_MCEERR_AO")]);

    public static readonly Xlat FpeCodes = new("FPE_???",
        [(0x1, "FPE_INTDIV"), (0x2, "FPE_INTOVF"), (0x3, "FPE_FLTDIV"), (0x4, "FPE_FLTOVF"), (0x5, "FPE_FLTUND"), (0x6, "FPE_FLTRES"),
         (0x7, "FPE_FLTINV"), (0x8, "FPE_FLTSUB")]);

    public static readonly Xlat IllegalCodes = new("ILL_???",
        [(0x1, "ILL_ILLOPC"), (0x2, "ILL_ILLOPN"), (0x3, "ILL_ILLADR"), (0x4, "ILL_ILLTRP"), (0x5, "ILL_PRVOPC"), (0x6, "ILL_PRVREG"),
         (0x7, "ILL_COPROC"), (0x8, "ILL_BADSTK")]);

    public static readonly Xlat TrapCodes = new("TRAP_???",
        [(0x1, "TRAP_BRKPT"), (0x2, "TRAP_TRACE"), (0x3, "TRAP_BRANCH"), (0x4, "TRAP_HWBKPT")]);

    public static readonly Xlat PollCodes = new("POLL_???",
        [(0x1, "POLL_IN"), (0x2, "POLL_OUT"), (0x3, "POLL_MSG"), (0x4, "POLL_ERR"), (0x5, "POLL_PRI"), (0x6, "POLL_HUP")]);
}
