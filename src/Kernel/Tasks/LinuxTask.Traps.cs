using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Probes;
using Kennel.Views;

namespace Kennel.Tasks;

/// <summary>What the processor stops for, other than system calls: page faults are repaired, the rest becomes a signal.</summary>
/// <remarks>Linux: arch/x86/kernel/traps.c, arch/x86/mm/fault.c.</remarks>
public sealed unsafe partial class LinuxTask
{
    private const ulong DivideTrap = 0, DebugTrap = 1, BreakpointTrap = 3, InvalidOpcodeTrap = 6, StackTrap = 12, ProtectionTrap = 13, PageFaultTrap = 14,
        X87Trap = 16, SimdTrap = 19;

    // Page-fault error code bits: the page was there, a write, from user mode, an instruction fetch.
    private const ulong Protection = 1, Write = 2, User = 4, Fetch = 16;

    private void HandleTrap(StopReason reason)
    {
        ulong rip = Cpu->Rip;
        switch (reason)
        {
            case StopReason.PageFault:
                HandlePageFault();
                break;
            case StopReason.DivideError:
                Trap(DivideTrap, SignalInfo.Fault(Signal.SIGFPE, SignalCode.IntegerDivide, rip));
                break;
            case StopReason.InvalidOpcode:
                Trap(InvalidOpcodeTrap, SignalInfo.Fault(Signal.SIGILL, SignalCode.IllegalOperand, rip));
                break;
            case StopReason.GeneralProtection:
                Trap(ProtectionTrap, SignalInfo.FromKernel(Signal.SIGSEGV));
                break;
            case StopReason.StackFault:
                Trap(StackTrap, SignalInfo.FromKernel(Signal.SIGBUS));
                break;
            case StopReason.FloatingPoint:
                HandleFloatingPoint(rip);
                break;
            case StopReason.Watch:
                HandleWatch(rip);
                break;
            case StopReason.Breakpoint:
                Trap(BreakpointTrap, SignalInfo.FromKernel(Signal.SIGTRAP));
                break;
            case StopReason.SingleStep:
                Trap(DebugTrap, SignalInfo.Fault(Signal.SIGTRAP, SignalCode.TrapTrace, rip));
                break;
            default:
                throw new InvalidOperationException($"The engine stopped for {reason}."); // else the task would stop for it for ever
        }
    }

    /// <summary>Where its last page fault was.</summary>
    internal ulong FaultAddress => Cpu->FaultAddress;

    private void Trap(ulong number, in SignalInfo info, ulong errorCode = 0, ulong address = 0)
    {
        _trap = (number, errorCode, address);
        if (Kernel.Watches(EventKind.Faulted)) Kernel.FireTaken(Kernel.Probes.Faulted, info, info.Address);
        ForceSignal(info);
    }

    [KernelFunction("arch/x86/mm/fault.c", "void exc_page_fault(unsigned long address = this.FaultAddress)")]
    internal void HandlePageFault()
    {
        ulong address = Cpu->FaultAddress;
        PageAccess access = Cpu->FaultAccess;
        FaultResult result = Memory!.HandleFault(address, access, fromUser: true);
        if (result == FaultResult.Handled)
        {
            NoticeResident();
            return;
        }
        if (result == FaultResult.OutOfMemory)
        {
            ForceSignal(SignalInfo.FromKernel(Signal.SIGKILL), mustDie: true);
            return;
        }
        ulong code = User;
        if (result == FaultResult.NotAllowed) code |= Protection;
        if ((access & PageAccess.Write) != 0) code |= Write;
        if ((access & PageAccess.Execute) != 0) code |= Fetch;
        Trap(PageFaultTrap, result switch
        {
            FaultResult.NotAllowed => SignalInfo.Fault(Signal.SIGSEGV, SignalCode.AccessError, address),
            FaultResult.BehindFile => SignalInfo.Fault(Signal.SIGBUS, SignalCode.BusAddress, address),
            _ => SignalInfo.Fault(Signal.SIGSEGV, SignalCode.MapError, address),
        }, code, address);
    }

    // The watched instruction is stepped over, even if it has to be tried again after a page fault, before it is told again.
    private void HandleWatch(ulong rip)
    {
        _steppingOver = (rip, Cpu->Retired);
        if (!Kernel.Probes.UserBreakpoint.IsEnabled || Memory!.Find(rip) is not { } area) return;
        long offset = (area.PageAt(rip & ~0xfffUL) << 12) + (long)(rip & 0xfff);
        foreach (int id in Kernel.CodeWatches.At(area.Pages, offset, Group.Leader.Id.Value))
        {
            Probes.KernelEvent record = Kernel.NewRecord(Probes.EventKind.UserBreakpoint);
            record.Number = id;
            record.A0 = rip;
            Kernel.Probes.UserBreakpoint.Fire(record);
        }
    }

    // Whether the next instruction is a watched one that was told of already; the number tells a loop's next round from a second try.
    private bool IsSteppingOver()
    {
        if (_steppingOver == (Cpu->Rip, Cpu->Retired)) return true;
        _steppingOver = default;
        return false;
    }

    private (ulong Rip, ulong Retired) _steppingOver;

    // Which exception it was follows from the unmasked flags. Linux: fpu__exception_code.
    private void HandleFloatingPoint(ulong rip)
    {
        int simd = (int)(Cpu->Mxcsr & ~(Cpu->Mxcsr >> 7) & 0x3f);
        int x87 = Cpu->FpStatus & ~Cpu->FpControl & 0x3f;
        bool isX87 = x87 != 0 && (Cpu->FpStatus & 0x80) != 0;
        int flags = isX87 ? x87 : simd;
        int code = 0;
        if ((flags & 1) != 0) code = SignalCode.FloatInvalid;
        else if ((flags & 4) != 0) code = SignalCode.FloatDivide;
        else if ((flags & 8) != 0) code = SignalCode.FloatOverflow;
        else if ((flags & 0x12) != 0) code = SignalCode.FloatUnderflow;
        else if ((flags & 0x20) != 0) code = SignalCode.FloatInexact;
        Trap(isX87 ? X87Trap : SimdTrap, SignalInfo.Fault(Signal.SIGFPE, code, rip));
    }

    /// <summary>Keeps the high-water mark of resident pages (ru_maxrss).</summary>
    internal void NoticeResident()
    {
        if (Memory != null && Memory.Pages.Resident > Group.PeakResident) Group.PeakResident = Memory.Pages.Resident;
    }
}
