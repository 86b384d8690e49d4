using System.Runtime.InteropServices;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// The part of the FXSAVE area that the processor writes (Intel SDM, volume 1, 10.5.1): x87 registers in stack order,
/// then XMM0 to XMM15. Also what signal frames hold.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct FxImage
{
    public const int Length = 416;

    public ushort Control, Status;
    public byte Tag, Reserved;
    public ushort Opcode;
    public ulong Instruction, Data;
    public uint Mxcsr, MxcsrMask;
    public fixed ulong Stack[16];
    public fixed ulong Xmm[32];

    /// <summary>Fills the image from the registers.</summary>
    /// <param name="s">The registers.</param>
    /// <param name="wide">Whether the instruction and data pointers are stored with 64 bits (FXSAVE64), not with 32 and a selector.</param>
    public void Capture(CpuState* s, bool wide)
    {
        Control = s->FpControl;
        Status = s->FpStatus;
        Tag = s->FpTag;
        // As AMD's processors do: the pointers are stored only while an exception waits to be raised, else zeros.
        bool pending = X87Stack.IsPending(s);
        Opcode = pending ? s->FpOpcode : (ushort)0;
        Instruction = Pointer(pending ? s->FpInstruction : 0, wide);
        Data = Pointer(pending ? s->FpData : 0, wide);
        Mxcsr = s->Mxcsr;
        MxcsrMask = SseState.MxcsrMask;
        for (int i = 0; i < 8; i++)
        {
            int physical = Physical(Status, i);
            Stack[i * 2] = s->FpSignificand[physical];
            Stack[(i * 2) + 1] = s->FpSignExponent[physical];
        }
        for (int i = 0; i < 32; i++) Xmm[i] = s->Xmm[i];
    }

    /// <summary>Fills the registers from the image, whose <see cref="Mxcsr"/> must be valid.</summary>
    public void Apply(CpuState* s, bool wide)
    {
        s->FpControl = X87Stack.ValidControl(Control);
        s->FpStatus = Status;
        s->FpTag = Tag;
        X87Stack.SummarizeErrors(s);
        s->FpOpcode = (ushort)(Opcode & 0x7ff);
        s->FpInstruction = Pointer(Instruction, wide);
        s->FpData = Pointer(Data, wide);
        s->Mxcsr = Mxcsr;
        for (int i = 0; i < 8; i++)
        {
            int physical = Physical(Status, i);
            s->FpSignificand[physical] = Stack[i * 2];
            s->FpSignExponent[physical] = (ushort)Stack[(i * 2) + 1];
        }
        for (int i = 0; i < 32; i++) s->Xmm[i] = Xmm[i];
    }

    private static ulong Pointer(ulong value, bool wide) => wide ? value : (uint)value;

    private static int Physical(ushort status, int stack) => ((status >> 11) + stack) & 7;
}
