using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Machine;
using Kennel.Probes;
using Kennel.Signals;
using Kennel.Views;

namespace Kennel.Tasks;

/// <summary>
/// Calling a handler and coming back. Entering saves every register, the mask and the floating-point state on the handler's
/// stack, in the layout that Linux has, below the red zone or on the alternate stack; rt_sigreturn loads all of it back.
/// </summary>
/// <remarks>Linux: arch/x86/kernel/signal.c, signal_64.c.</remarks>
public sealed unsafe partial class LinuxTask
{
    // Status flags, TF, DF, RF and AC: what sigreturn lets a program change (Linux: FIX_EFLAGS).
    private const uint ChangeableFlags = 0x40000 | 0x800 | 0x400 | 0x100 | 0x80 | 0x40 | 0x10 | 0x4 | 0x1 | 0x10000;
    private const uint TrapFlag = 0x100, DirectionFlag = 0x400, ResumeFlag = 0x10000;
    private const int RedZone = 128;

    // The last trap, for the frame (Linux: thread.trap_nr, error_code, cr2).
    private (ulong Number, ulong ErrorCode, ulong Address) _trap;

    // Restart first, if the handler wants the broken-off call made again; then the frame. Linux: handle_signal.
    [KernelFunction("arch/x86/kernel/signal.c", "void handle_signal(int sig = info.Number)")]
    internal void EnterHandler(in SignalInfo info, in SignalAction action)
    {
        if (MustResolveRestart) ResolveRestart(action);
        if (Kernel.Watches(EventKind.SignalHandled)) Kernel.FireTaken(Kernel.Probes.SignalHandled, info, action.Handler);
        ulong maskToSave = _hasSavedMask ? _savedMask : Blocked;
        if (!BuildFrame(info, action, maskToSave))
        {
            FailFrame(info.Signal);
            return;
        }
        _hasSavedMask = false;
        ulong mask = Blocked | action.Mask;
        if (!action.Has(SignalActionFlags.NoDefer)) mask |= SignalSet.Bit(info.Signal);
        SetBlocked(mask);
    }

    [KernelFunction("arch/x86/kernel/signal_64.c", "int x64_setup_rt_frame(int sig = info.Number)", Result = "returned ? 0L : -14L")]
    internal bool BuildFrame(in SignalInfo info, in SignalAction action, ulong mask)
    {
        if (!action.Has(SignalActionFlags.Restorer)) return false;
        Kernel.Engine.MaterializeFlags(Cpu);
        if (!FindFrame(action, out ulong fpState, out ulong address)) return false;
        var frame = new SignalFrame { ReturnAddress = action.Restorer };
        frame.Context.Flags = UserContext.FlagsValue | (HasAvx ? UserContext.ExtendedState : 0);
        frame.Context.Stack = new StackRecord { Address = AlternateStack.Address, Size = AlternateStack.Size, Flags = AlternateStack.Flags };
        frame.Context.Mask = mask;
        SaveRegisters(ref frame.Context.Machine);
        frame.Context.Machine.OldMask = mask;
        frame.Context.Machine.FpState = fpState;
        frame.Info = info;
        Span<byte> image = stackalloc byte[FpStateSize];
        image.Clear();
        SaveFpState(image);
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in frame, 1));
        if (!action.Has(SignalActionFlags.SigInfo)) bytes = bytes[..^sizeof(SignalInfo)];
        if (!Memory!.CopyOut(fpState, image) || !Memory.CopyOut(address, bytes)) return false;
        if ((AlternateStack.Flags & AlternateStack.AutoDisarm) != 0) AlternateStack = AlternateStack.None;

        Cpu->R[CpuState.Rdi] = (ulong)info.Number;
        Cpu->R[CpuState.Rax] = 0;
        Cpu->R[CpuState.Rsi] = address + SignalFrame.InfoOffset;
        Cpu->R[CpuState.Rdx] = address + SignalFrame.ContextOffset;
        Cpu->R[CpuState.Rsp] = address;
        Cpu->Rip = action.Handler;
        Cpu->Eflags &= ~(TrapFlag | DirectionFlag | ResumeFlag);
        FxState.Reset(Cpu);
        return true;
    }

    // Linux: get_sigframe. The frame's address is 8 below a multiple of 16, as after a call.
    private bool FindFrame(in SignalAction action, out ulong fpState, out ulong address)
    {
        ulong sp = Cpu->R[CpuState.Rsp];
        bool nested = AlternateStack.Contains(sp);
        bool entering = false;
        sp -= RedZone;
        if (action.Has(SignalActionFlags.OnStack) && AlternateStack.Size != 0 && StackFlags(sp) == 0)
        {
            sp = AlternateStack.Address + AlternateStack.Size;
            entering = true;
        }
        fpState = (sp - (ulong)FpStateSize) & ~63UL;
        address = ((fpState - (ulong)sizeof(SignalFrame)) & ~15UL) - 8;
        // Running off the alternate stack is a fault at once, not silent damage.
        return !(nested || entering) || (address > AlternateStack.Address && address - AlternateStack.Address <= AlternateStack.Size);
    }

    /// <summary>SS_DISABLE, SS_ONSTACK or 0, for a stack pointer. Linux: sas_ss_flags.</summary>
    internal uint StackFlags(ulong sp)
    {
        if (AlternateStack.Size == 0) return AlternateStack.Disable;
        return AlternateStack.Contains(sp) ? AlternateStack.OnStack : 0;
    }

    private void SaveRegisters(ref SignalContext context)
    {
        ulong* r = Cpu->R;
        (context.R8, context.R9, context.R10, context.R11) = (r[CpuState.R8], r[CpuState.R9], r[CpuState.R10], r[CpuState.R11]);
        (context.R12, context.R13, context.R14, context.R15) = (r[CpuState.R12], r[CpuState.R13], r[CpuState.R14], r[CpuState.R15]);
        (context.Rdi, context.Rsi, context.Rbp, context.Rbx) = (r[CpuState.Rdi], r[CpuState.Rsi], r[CpuState.Rbp], r[CpuState.Rbx]);
        (context.Rdx, context.Rax, context.Rcx, context.Rsp) = (r[CpuState.Rdx], r[CpuState.Rax], r[CpuState.Rcx], r[CpuState.Rsp]);
        (context.Rip, context.Flags) = (Cpu->Rip, Cpu->Eflags);
        (context.Cs, context.Ss) = (SignalContext.UserCode, SignalContext.UserStack);
        (context.TrapNumber, context.ErrorCode, context.FaultAddress) = _trap;
    }

    /// <summary>rt_sigreturn: the frame lies at the stack pointer, its return address popped already.</summary>
    internal void ReturnFromHandler()
    {
        SkipSyscallResult = true;
        RestartBlock = null;
        ulong address = Cpu->R[CpuState.Rsp] - 8;
        SignalFrame frame = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref frame, 1));
        if (!Memory!.CopyIn(address, bytes[..^sizeof(SignalInfo)]))
        {
            FailReturn(address);
            return;
        }
        SetBlocked(frame.Context.Mask);
        Kernel.Engine.MaterializeFlags(Cpu);
        LoadRegisters(frame.Context.Machine);
        if (!LoadFpState(frame.Context.Machine.FpState) || (frame.Context.Machine.Cs | 3) != SignalContext.UserCode)
        {
            FailReturn(address);
            return;
        }
        StackRecord stack = frame.Context.Stack;
        SetAlternateStack(stack.Address, stack.Size, stack.Flags); // as restore_altstack: errors do not matter here
    }

    private void LoadRegisters(in SignalContext context)
    {
        ulong* r = Cpu->R;
        (r[CpuState.R8], r[CpuState.R9], r[CpuState.R10], r[CpuState.R11]) = (context.R8, context.R9, context.R10, context.R11);
        (r[CpuState.R12], r[CpuState.R13], r[CpuState.R14], r[CpuState.R15]) = (context.R12, context.R13, context.R14, context.R15);
        (r[CpuState.Rdi], r[CpuState.Rsi], r[CpuState.Rbp], r[CpuState.Rbx]) = (context.Rdi, context.Rsi, context.Rbp, context.Rbx);
        (r[CpuState.Rdx], r[CpuState.Rax], r[CpuState.Rcx], r[CpuState.Rsp]) = (context.Rdx, context.Rax, context.Rcx, context.Rsp);
        Cpu->Rip = context.Rip;
        Cpu->Eflags = (Cpu->Eflags & ~ChangeableFlags) | ((uint)context.Flags & ChangeableFlags);
    }

    private void FailReturn(ulong address)
    {
        Kernel.Log.WriteOnce($"{this}: bad frame in rt_sigreturn at {address:x}");
        ForceSignal(Signal.SIGSEGV);
    }

    // Linux: force_sigsegv.
    private void FailFrame(Signal signal) => ForceSignal(SignalInfo.FromKernel(Signal.SIGSEGV), mustDie: signal == Signal.SIGSEGV);

    // No handler runs: the call is made again. Linux: arch_do_signal_or_restart.
    private void RestartSystemCall()
    {
        MustResolveRestart = false;
        InSyscall = -1;
        var error = (Errno)(-(long)Cpu->R[CpuState.Rax]);
        const ulong RestartSyscallNumber = 219;
        Cpu->R[CpuState.Rax] = error == Errno.ERESTART_RESTARTBLOCK ? RestartSyscallNumber : SyscallRegister;
        Cpu->Rip -= 2;
    }

    // A handler runs: most calls answer EINTR unless it has SA_RESTART.
    private void ResolveRestart(in SignalAction action)
    {
        MustResolveRestart = false;
        InSyscall = -1;
        var error = (Errno)(-(long)Cpu->R[CpuState.Rax]);
        if (error == Errno.ERESTARTNOINTR || (error == Errno.ERESTARTSYS && action.Has(SignalActionFlags.Restart)))
        {
            Cpu->R[CpuState.Rax] = SyscallRegister;
            Cpu->Rip -= 2;
            return;
        }
        Cpu->R[CpuState.Rax] = unchecked((ulong)-(long)Errno.EINTR);
    }

    /// <summary>sigaltstack's rules. Linux: kernel/signal.c, do_sigaltstack.</summary>
    internal Errno SetAlternateStack(ulong address, ulong size, uint flags)
    {
        const uint MinimumSize = 2048;
        if (AlternateStack.Contains(Cpu->R[CpuState.Rsp])) return Errno.EPERM;
        uint mode = flags & ~AlternateStack.AutoDisarm;
        if (mode is not (0 or AlternateStack.OnStack or AlternateStack.Disable)) return Errno.EINVAL;
        if (mode == AlternateStack.Disable) (address, size) = (0, 0);
        else if (size < MinimumSize) return Errno.ENOMEM;
        AlternateStack = new AlternateStack(address, size, flags);
        return Errno.None;
    }
}
