using System.Runtime.InteropServices;

namespace Kennel.Abi;

/// <summary>siginfo_t, laid out as on x86-64 (man 2 sigaction): which fields mean something follows from the code.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
public unsafe struct SignalInfo
{
    [FieldOffset(0)] public int Number;
    [FieldOffset(4)] public int Error;
    [FieldOffset(8)] public int Code;

    /// <summary>Sender, as the receiver's pid namespace numbers it (kill, rt, SIGCHLD).</summary>
    [FieldOffset(16)] public int Pid;
    [FieldOffset(20)] public uint Uid;

    /// <summary>sigqueue's and timers' value.</summary>
    [FieldOffset(24)] public ulong Value;

    /// <summary>SIGCHLD: exit code or signal.</summary>
    [FieldOffset(24)] public int Status;

    /// <summary>SIGCHLD: CPU time in clock ticks.</summary>
    [FieldOffset(32)] public long UserTicks;
    [FieldOffset(40)] public long SystemTicks;

    /// <summary>Fault address.</summary>
    [FieldOffset(16)] public ulong Address;

    /// <summary>POSIX timers: timer id and overrun count.</summary>
    [FieldOffset(16)] public int TimerId;
    [FieldOffset(20)] public int Overrun;

    /// <summary>SIGIO.</summary>
    [FieldOffset(16)] public long Band;
    [FieldOffset(24)] public int Fd;

    [FieldOffset(0)] private fixed byte _bytes[128];

    public readonly Signal Signal => (Signal)Number;

    /// <summary>Sent by the kernel itself (SEND_SIG_PRIV).</summary>
    public static SignalInfo FromKernel(Signal signal) => new() { Number = (int)signal, Code = SignalCode.Kernel };

    /// <summary>A fault at an address.</summary>
    public static SignalInfo Fault(Signal signal, int code, ulong address) => new() { Number = (int)signal, Code = code, Address = address };

    /// <summary>Sent by a process.</summary>
    public static SignalInfo FromUser(Signal signal, int code, int pid, uint uid) => new() { Number = (int)signal, Code = code, Pid = pid, Uid = uid };
}

/// <summary>Values of si_code (include/uapi/asm-generic/siginfo.h).</summary>
public static class SignalCode
{
    public const int User = 0, Kernel = 0x80, Queue = -1, Timer = -2, MessageQueue = -3, AsyncIo = -4, SigIo = -5, Tkill = -6;

    public const int ChildExited = 1, ChildKilled = 2, ChildDumped = 3, ChildTrapped = 4, ChildStopped = 5, ChildContinued = 6;

    public const int IllegalOperand = 2;

    public const int IntegerDivide = 1, IntegerOverflow = 2, FloatDivide = 3, FloatOverflow = 4, FloatUnderflow = 5, FloatInexact = 6, FloatInvalid = 7;

    public const int MapError = 1, AccessError = 2;

    public const int BusAlignment = 1, BusAddress = 2;

    public const int TrapBreakpoint = 1, TrapTrace = 2;
}
