using System.Runtime.InteropServices;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// The guest's x87 and MMX registers between <see cref="CpuState"/> and the image that generated code loads (FXRSTOR) on its way in,
/// when it has asked for that, and saves (FXSAVE) on its way out.
/// </summary>
/// <remarks>
/// They are only loaded while no x87 exception can be raised: all are masked and none waits. So generated code sees no exception, and
/// what changes the masks is looked at first or left to the interpreter.
/// </remarks>
internal static unsafe class X87State
{
    private const ushort Masks = 0x3f, ErrorSummary = 0x80, TopField = 0x3800;

    /// <summary>Whether the state may be in the processor.</summary>
    public static bool CanLoad(CpuState* s) => (s->FpControl & Masks) == Masks && (s->FpStatus & ErrorSummary) == 0;

    /// <summary>Fills the context's image; generated code loads it when it is entered next.</summary>
    public static void Load(TranslatorContext* c, CpuState* s)
    {
        Image* image = ImageOf(c);
        image->Control = s->FpControl;
        image->Status = s->FpStatus;
        image->Tag = s->FpTag;
        image->Opcode = 0; // the host's are not looked at
        image->Instruction = 0;
        image->Data = 0;
        image->Mxcsr = 0x1f80; // the real one follows
        int top = s->FpStatus >> 11;
        for (int i = 0; i < 8; i++)
        {
            image->Registers[i * 2] = s->FpSignificand[(top + i) & 7];
            image->Registers[(i * 2) + 1] = s->FpSignExponent[(top + i) & 7];
        }
        c->X87Loaded = 1;
        c->LastX87 = -1;
        c->LastX87Data = s->FpData;
    }

    /// <summary>Takes the image back after generated code has been left.</summary>
    public static void Unload(TranslatorContext* c, CpuState* s, TranslationStore store)
    {
        c->X87Loaded = 0;
        Image* image = ImageOf(c);
        s->FpControl = image->Control;
        s->FpStatus = image->Status;
        s->FpTag = image->Tag;
        int top = image->Status >> 11;
        for (int i = 0; i < 8; i++)
        {
            s->FpSignificand[(top + i) & 7] = image->Registers[i * 2];
            s->FpSignExponent[(top + i) & 7] = (ushort)image->Registers[(i * 2) + 1];
        }
        if (c->LastX87 < 0) return;
        X87Site last = store.X87Site(c->LastX87);
        s->FpOpcode = last.Opcode;
        s->FpInstruction = last.Rip;
        s->FpData = c->LastX87Data;
    }

    private static Image* ImageOf(TranslatorContext* c) => (Image*)((byte*)c + TranslatorContext.X87ImageAt);

    /// <summary>What FXSAVE64 stores (Intel SDM volume 1, 10.5.1), without the SSE registers.</summary>
    [StructLayout(LayoutKind.Explicit)]
    private struct Image
    {
        [FieldOffset(0)]
        public ushort Control;

        [FieldOffset(2)]
        public ushort Status;

        [FieldOffset(4)]
        public byte Tag;

        [FieldOffset(6)]
        public ushort Opcode;

        [FieldOffset(8)]
        public ulong Instruction;

        [FieldOffset(16)]
        public ulong Data;

        [FieldOffset(24)]
        public uint Mxcsr;

        /// <summary>Significand, then sign and exponent, in the order of the stack.</summary>
        [FieldOffset(32)]
        public fixed ulong Registers[16];
    }
}
