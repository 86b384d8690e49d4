using System.Buffers.Binary;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>Between an FXSAVE64 image (Intel SDM, FXSAVE; the last-instruction fields as AMD has them) and <see cref="CpuState"/>.</summary>
public static unsafe class FxState
{
    private const int ErrorSummary = 0x80, Busy = 0x8000;

    public static void Load(CpuState* s, ReadOnlySpan<byte> fx)
    {
        s->FpControl = (ushort)((BinaryPrimitives.ReadUInt16LittleEndian(fx) & 0x1f3f) | 0x40);
        s->FpStatus = Summarized(s->FpControl, BinaryPrimitives.ReadUInt16LittleEndian(fx[2..]));
        s->FpTag = fx[4];
        s->FpOpcode = BinaryPrimitives.ReadUInt16LittleEndian(fx[6..]);
        s->FpInstruction = BinaryPrimitives.ReadUInt64LittleEndian(fx[8..]);
        s->FpData = BinaryPrimitives.ReadUInt64LittleEndian(fx[16..]);
        s->Mxcsr = BinaryPrimitives.ReadUInt32LittleEndian(fx[24..]);
        for (int i = 0; i < 8; i++)
        {
            int physical = (Top(s) + i) & 7;
            s->FpSignificand[physical] = BinaryPrimitives.ReadUInt64LittleEndian(fx[(32 + (i * 16))..]);
            s->FpSignExponent[physical] = BinaryPrimitives.ReadUInt16LittleEndian(fx[(40 + (i * 16))..]);
        }
        for (int i = 0; i < 32; i++) s->Xmm[i] = BinaryPrimitives.ReadUInt64LittleEndian(fx[(160 + (i * 8))..]);
    }

    public static void Store(CpuState* s, ref FxImage image)
    {
        Span<byte> fx = image;
        fx.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(fx, s->FpControl);
        BinaryPrimitives.WriteUInt16LittleEndian(fx[2..], s->FpStatus);
        fx[4] = s->FpTag;
        if ((s->FpStatus & ErrorSummary) != 0)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(fx[6..], s->FpOpcode);
            BinaryPrimitives.WriteUInt64LittleEndian(fx[8..], s->FpInstruction);
            BinaryPrimitives.WriteUInt64LittleEndian(fx[16..], s->FpData);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(fx[24..], s->Mxcsr);
        for (int i = 0; i < 8; i++)
        {
            int physical = (Top(s) + i) & 7;
            BinaryPrimitives.WriteUInt64LittleEndian(fx[(32 + (i * 16))..], s->FpSignificand[physical]);
            BinaryPrimitives.WriteUInt16LittleEndian(fx[(40 + (i * 16))..], s->FpSignExponent[physical]);
        }
        for (int i = 0; i < 32; i++) BinaryPrimitives.WriteUInt64LittleEndian(fx[(160 + (i * 8))..], s->Xmm[i]);
    }

    // The processor makes ES and B follow from flags and masks, whatever the image says.
    private static ushort Summarized(ushort control, ushort status) =>
        (ushort)((status & ~control & 0x3f) != 0 ? status | ErrorSummary | Busy : status & ~(ErrorSummary | Busy));

    private static int Top(CpuState* s) => (s->FpStatus >> 11) & 7;
}
