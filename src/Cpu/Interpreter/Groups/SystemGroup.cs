using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>syscall, traps, cpuid and time stamps, what does nothing, and what user code may not do.</summary>
internal static unsafe class SystemGroup
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Syscall:
                b.Add(i, &SystemCall);
                return true;
            case Mnemonic.Cpuid:
                b.Add(i, b.Host == null ? &CpuId.Run : &CpuId.RunV3);
                return true;
            case Mnemonic.Rdtsc:
                b.Add(i, &ReadTimeStamp);
                return true;
            case Mnemonic.Rdtscp:
                b.Add(i, &ReadTimeStampAndProcessor);
                return true;
            case Mnemonic.Int3:
                b.Add(i, &Breakpoint);
                return true;
            case Mnemonic.Int when i.Immediate8 == 3:
                b.Add(i, &Breakpoint);
                return true;
            case Mnemonic.Int1:
                b.Add(i, &DebugTrap);
                return true;
            case Mnemonic.Nop or Mnemonic.Reservednop or Mnemonic.Endbr64 or Mnemonic.Endbr32 or Mnemonic.Pause or
                Mnemonic.Rdsspd or Mnemonic.Rdsspq or Mnemonic.Cldemote or
                Mnemonic.Prefetch or Mnemonic.Prefetchw or Mnemonic.Prefetchwt1 or Mnemonic.Prefetchnta or Mnemonic.Prefetcht0 or
                Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 or
                Mnemonic.Prefetchit0 or Mnemonic.Prefetchit1:
                b.Add(i, &Nothing);
                return true;
            case Mnemonic.Lfence or Mnemonic.Sfence or Mnemonic.Mfence:
                b.Add(i, &Fence);
                return true;
            case Mnemonic.Clflush:
                b.AddMemory(i, &FlushLine);
                return true;
            default:
                if (!IsForbidden(i)) return false;
                b.Add(i, &Invalid.GeneralProtection);
                return true;
        }
    }

    // Instructions that exist but need privilege: #GP at level 3 (Intel SDM volume 3, 5.9; in and out: IOPL is 0).
    private static bool IsForbidden(in Instruction i) => i.Mnemonic is
        Mnemonic.Hlt or Mnemonic.Cli or Mnemonic.Sti or Mnemonic.Clts or Mnemonic.In or Mnemonic.Out or
        Mnemonic.Insb or Mnemonic.Insw or Mnemonic.Insd or Mnemonic.Outsb or Mnemonic.Outsw or Mnemonic.Outsd or
        Mnemonic.Lgdt or Mnemonic.Lidt or Mnemonic.Lldt or Mnemonic.Ltr or Mnemonic.Lmsw or
        Mnemonic.Rdmsr or Mnemonic.Wrmsr or Mnemonic.Rdpmc or Mnemonic.Invd or Mnemonic.Wbinvd or Mnemonic.Invlpg or
        Mnemonic.Sysret or Mnemonic.Sysretq or Mnemonic.Swapgs or Mnemonic.Int ||
        (i.Mnemonic == Mnemonic.Mov && (IsPrivileged(i.Op0Register) || IsPrivileged(i.Op1Register)));

    private static bool IsPrivileged(Register register) => register.IsCR() || register.IsDR();

    private static Op* SystemCall(CpuState* s, Op* op)
    {
        s->R[CpuState.Rcx] = s->R[CpuState.CodeBase] + op->Offset + op->Length;
        s->R[CpuState.R11] = Flags.Image(s);
        return Transfer.LeaveBehind(s, op, StopReason.SystemCall);
    }

    private static Op* Breakpoint(CpuState* s, Op* op) => Transfer.LeaveBehind(s, op, StopReason.Breakpoint);

    private static Op* DebugTrap(CpuState* s, Op* op) => Transfer.LeaveBehind(s, op, StopReason.SingleStep);

    private static Op* ReadTimeStamp(CpuState* s, Op* op)
    {
        ReadTimeStamp(Processor.Of(s), s);
        return Transfer.Next(s, op);
    }

    /// <summary>What rdtsc does to the registers.</summary>
    public static void ReadTimeStamp(Processor processor, CpuState* s)
    {
        ulong now = processor.ReadTimeStamp();
        s->R[CpuState.Rax] = (uint)now;
        s->R[CpuState.Rdx] = now >> 32;
    }

    // Linux keeps the processor's number in TSC_AUX: arch/x86/kernel/cpu/common.c, setup_getcpu.
    private static Op* ReadTimeStampAndProcessor(CpuState* s, Op* op)
    {
        s->R[CpuState.Rcx] = (uint)Processor.Of(s).Id;
        return ReadTimeStamp(s, op);
    }

    private static Op* Nothing(CpuState* s, Op* op) => Transfer.Next(s, op);

    private static Op* Fence(CpuState* s, Op* op)
    {
        Interlocked.MemoryBarrier();
        return Transfer.Next(s, op);
    }

    // Does nothing, but faults where a load would.
    private static Op* FlushLine(CpuState* s, Op* op) =>
        Memory.Load(s, Memory.Address(s, op), out byte _) ? Transfer.Next(s, op) : Memory.Fault(s, op);
}
