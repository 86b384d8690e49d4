using System.Buffers.Binary;

namespace Kennel.Machine;

/// <summary>
/// The 512-byte image of FXSAVE and FXRSTOR (Intel SDM volume 1, 10.5.1), to and from <see cref="CpuState"/>: signal frames,
/// core notes and the instructions themselves share it. In the image, x87 registers stand in stack order, ST(0) first; in
/// the state they stand by physical number. The tag byte goes by physical number in both.
/// </summary>
public static unsafe class FxState
{
    public const int Size = 512;

    private const int ErrorSummary = 0x80, Busy = 0x8000;

    /// <summary>The bytes at the front that FXSAVE writes and FXRSTOR reads.</summary>
    public const int Used = 416;

    /// <summary>MXCSR bits that exist (with DAZ).</summary>
    public const uint MxcsrMask = 0xffff;

    /// <summary>Fills the image; bytes that FXSAVE leaves alone are untouched.</summary>
    public static void Save(CpuState* state, Span<byte> image)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(image, state->FpControl);
        BinaryPrimitives.WriteUInt16LittleEndian(image[2..], state->FpStatus);
        image[4] = state->FpTag;
        image[5] = 0;
        // As AMD's processors do: what the last instruction was is stored only while its exception waits to be raised.
        bool pending = (state->FpStatus & ErrorSummary) != 0;
        BinaryPrimitives.WriteUInt16LittleEndian(image[6..], pending ? state->FpOpcode : (ushort)0);
        BinaryPrimitives.WriteUInt64LittleEndian(image[8..], pending ? state->FpInstruction : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(image[16..], pending ? state->FpData : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(image[24..], state->Mxcsr);
        BinaryPrimitives.WriteUInt32LittleEndian(image[28..], MxcsrMask);
        int top = state->FpStatus >> 11 & 7;
        for (int i = 0; i < 8; i++)
        {
            int physical = (top + i) & 7;
            Span<byte> slot = image.Slice(32 + (i * 16), 16);
            BinaryPrimitives.WriteUInt64LittleEndian(slot, state->FpSignificand[physical]);
            BinaryPrimitives.WriteUInt64LittleEndian(slot[8..], state->FpSignExponent[physical]);
        }
        for (int i = 0; i < 32; i++) BinaryPrimitives.WriteUInt64LittleEndian(image[(160 + (i * 8))..], state->Xmm[i]);
    }

    /// <summary>Loads the image. Answers false, changing nothing, when MXCSR has bits that do not exist (#GP).</summary>
    public static bool TryLoad(CpuState* state, ReadOnlySpan<byte> image)
    {
        uint mxcsr = BinaryPrimitives.ReadUInt32LittleEndian(image[24..]);
        if ((mxcsr & ~MxcsrMask) != 0) return false;
        state->Mxcsr = mxcsr;
        ushort control = BinaryPrimitives.ReadUInt16LittleEndian(image), status = BinaryPrimitives.ReadUInt16LittleEndian(image[2..]);
        SetControlAndStatus(state, control, status);
        state->FpTag = image[4];
        state->FpOpcode = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(image[6..]) & 0x7ff);
        state->FpInstruction = BinaryPrimitives.ReadUInt64LittleEndian(image[8..]);
        state->FpData = BinaryPrimitives.ReadUInt64LittleEndian(image[16..]);
        int top = state->FpStatus >> 11 & 7;
        for (int i = 0; i < 8; i++)
        {
            int physical = (top + i) & 7;
            ReadOnlySpan<byte> slot = image.Slice(32 + (i * 16), 16);
            state->FpSignificand[physical] = BinaryPrimitives.ReadUInt64LittleEndian(slot);
            state->FpSignExponent[physical] = BinaryPrimitives.ReadUInt16LittleEndian(slot[8..]);
        }
        for (int i = 0; i < 32; i++) state->Xmm[i] = BinaryPrimitives.ReadUInt64LittleEndian(image[(160 + (i * 8))..]);
        return true;
    }

    /// <summary>
    /// Sets the x87's control and status word as the processor takes them: of the control word's reserved bits one is always set
    /// and the others clear, and the status word's ES and B follow from its flags and their masks.
    /// </summary>
    public static void SetControlAndStatus(CpuState* state, ushort control, ushort status)
    {
        state->FpControl = (ushort)((control & 0x1f3f) | 0x40);
        bool unmasked = (status & ~control & 0x3f) != 0;
        state->FpStatus = (ushort)(unmasked ? status | ErrorSummary | Busy : status & ~(ErrorSummary | Busy));
    }

    /// <summary>x87, MMX, SSE and AVX state as a new program finds it.</summary>
    public static void Reset(CpuState* state)
    {
        ResetX87(state);
        for (int i = 0; i < 32; i++) state->Xmm[i] = 0;
        state->Mxcsr = 0x1f80;
        state->ClearYmmHigh();
    }

    /// <summary>x87 and MMX state as a new program finds it.</summary>
    public static void ResetX87(CpuState* state)
    {
        for (int i = 0; i < 8; i++)
        {
            state->FpSignificand[i] = 0;
            state->FpSignExponent[i] = 0;
        }
        state->FpControl = 0x37f;
        state->FpStatus = 0;
        state->FpTag = 0;
        state->FpOpcode = 0;
        state->FpInstruction = 0;
        state->FpData = 0;
    }
}
