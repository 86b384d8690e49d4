using System.Runtime.InteropServices;

namespace Kennel.Abi;

/// <summary>
/// struct rt_sigframe of x86-64: what a handler finds on its stack, from its return address on. The FXSAVE image stands
/// above, at <see cref="SignalContext.FpState"/>.
/// </summary>
/// <remarks>Linux: arch/x86/include/asm/sigframe.h, uapi/asm/sigcontext.h, uapi/asm-generic/ucontext.h.</remarks>
[StructLayout(LayoutKind.Sequential)]
public struct SignalFrame
{
    public const ulong ContextOffset = 8, InfoOffset = 312;

    /// <summary>The restorer, which calls rt_sigreturn.</summary>
    public ulong ReturnAddress;
    public UserContext Context;
    public SignalInfo Info;
}

/// <summary>struct ucontext.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct UserContext
{
    /// <summary>UC_SIGCONTEXT_SS and UC_STRICT_RESTORE_SS; UC_FP_XSTATE only on processors with XSAVE.</summary>
    public const ulong FlagsValue = 2 | 4;

    /// <summary>UC_FP_XSTATE: the floating-point state has XSAVE's layout.</summary>
    public const ulong ExtendedState = 1;

    public ulong Flags;
    public ulong Link;
    public StackRecord Stack;
    public SignalContext Machine;
    public ulong Mask;
}

/// <summary>stack_t.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StackRecord
{
    public ulong Address;
    public uint Flags;
    public uint Padding;
    public ulong Size;
}

/// <summary>struct sigcontext_64.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct SignalContext
{
    public const ushort UserCode = 0x33, UserStack = 0x2b;

    public ulong R8, R9, R10, R11, R12, R13, R14, R15;
    public ulong Rdi, Rsi, Rbp, Rbx, Rdx, Rax, Rcx, Rsp, Rip;
    public ulong Flags;
    public ushort Cs, Gs, Fs, Ss;
    public ulong ErrorCode, TrapNumber;
    public ulong OldMask;
    public ulong FaultAddress;

    /// <summary>Address of the FXSAVE or XSAVE image; 0 for none.</summary>
    public ulong FpState;
    public fixed ulong Reserved[8];
}
