using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>syscall, breakpoints, and what does nothing.</summary>
internal static unsafe class SystemGroup
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Syscall:
                b.Add(i, &SystemCall);
                return true;
            case Mnemonic.Int3:
                b.Add(i, &Breakpoint);
                return true;
            case Mnemonic.Nop or Mnemonic.Endbr64 or Mnemonic.Endbr32 or Mnemonic.Pause:
                b.Add(i, &Nothing);
                return true;
            default:
                return false;
        }
    }

    private static Op* SystemCall(CpuState* s, Op* op)
    {
        s->R[CpuState.Rcx] = s->R[CpuState.CodeBase] + op->Offset + op->Length;
        s->R[CpuState.R11] = Flags.Image(s);
        return Transfer.LeaveBehind(s, op, StopReason.SystemCall);
    }

    private static Op* Breakpoint(CpuState* s, Op* op) => Transfer.LeaveBehind(s, op, StopReason.Breakpoint);

    private static Op* Nothing(CpuState* s, Op* op) => op + 1;
}
