using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Kennel.Machine;

/// <summary>
/// The image of XSAVE and its like (Intel SDM volume 1, chapter 13) for x87, SSE and AVX: what FXSAVE stores, a header, and the upper
/// halves of the YMM registers. With these three components the compacted form has everything in the same places.
/// </summary>
public static unsafe class XsaveState
{
    /// <summary>Bytes of the image, and where its parts behind FXSAVE's begin.</summary>
    public const int Size = 832, HeaderAt = FxState.Size, YmmAt = 576, YmmSize = 256;

    /// <summary>State components: bits of XCR0 and XSTATE_BV.</summary>
    public const ulong X87 = 1, Sse = 2, Avx = 4, All = X87 | Sse | Avx;

    private const ulong Compacted = 1UL << 63;
    private const int MxcsrAt = 24;

    /// <summary>The components that are not as after a reset, as far as that is known.</summary>
    public static ulong InUse(CpuState* state) => X87 | Sse | (state->YmmInUse != 0 ? Avx : 0);

    /// <summary>Copies the upper halves out.</summary>
    public static void SaveYmm(CpuState* state, Span<byte> to) => new ReadOnlySpan<byte>(state->YmmHigh, YmmSize).CopyTo(to);

    /// <summary>Copies the upper halves in.</summary>
    public static void LoadYmm(CpuState* state, ReadOnlySpan<byte> from)
    {
        from[..YmmSize].CopyTo(new Span<byte>(state->YmmHigh, YmmSize));
        state->YmmInUse = 1;
    }

    /// <summary>Whether an image can be loaded: XRSTOR raises #GP otherwise.</summary>
    /// <param name="image">The image, with its header.</param>
    /// <param name="requested">The components to be loaded.</param>
    public static bool IsValid(ReadOnlySpan<byte> image, ulong requested)
    {
        ReadOnlySpan<ulong> header = MemoryMarshal.Cast<byte, ulong>(image.Slice(HeaderAt, 64));
        ulong present = header[0], compaction = header[1];
        bool compacted = (compaction & Compacted) != 0;
        if ((present & ~All) != 0 || header[2] != 0) return false;
        if (compacted)
        {
            if ((compaction & ~(Compacted | All)) != 0 || (present & ~compaction) != 0 || header[3..].ContainsAnyExcept(0UL)) return false;
        }
        else if (compaction != 0)
        {
            return false;
        }
        bool loadsMxcsr = compacted ? (requested & present & Sse) != 0 : (requested & (Sse | Avx)) != 0;
        return !loadsMxcsr || (BinaryPrimitives.ReadUInt32LittleEndian(image[MxcsrAt..]) & ~FxState.MxcsrMask) == 0;
    }

    /// <summary>Loads the requested components of a valid image; those that it does not hold become as after a reset.</summary>
    public static void Load(CpuState* state, ReadOnlySpan<byte> image, ulong requested)
    {
        ulong present = BinaryPrimitives.ReadUInt64LittleEndian(image[HeaderAt..]);
        bool compacted = (BinaryPrimitives.ReadUInt64LittleEndian(image[(HeaderAt + 8)..]) & Compacted) != 0;
        CpuState before = *state;
        Span<byte> legacy = stackalloc byte[FxState.Size];
        image[..FxState.Size].CopyTo(legacy);
        legacy[MxcsrAt + 2] = legacy[MxcsrAt + 3] = 0; // looked at where it is loaded; elsewhere it may hold anything
        FxState.TryLoad(state, legacy);
        if ((requested & X87) == 0) CopyX87(&before, state);
        else if ((present & X87) == 0) FxState.ResetX87(state);
        if ((requested & present & Sse) == 0)
        {
            for (int i = 0; i < 32; i++) state->Xmm[i] = (requested & Sse) != 0 ? 0 : before.Xmm[i];
        }
        bool loadsMxcsr = compacted ? (requested & present & Sse) != 0 : (requested & (Sse | Avx)) != 0;
        if (!loadsMxcsr) state->Mxcsr = (requested & Sse) != 0 ? 0x1f80 : before.Mxcsr;
        if ((requested & Avx) == 0) return;
        if ((present & Avx) != 0) LoadYmm(state, image[YmmAt..]);
        else state->ClearYmmHigh();
    }

    private static void CopyX87(CpuState* from, CpuState* to)
    {
        for (int i = 0; i < 8; i++)
        {
            to->FpSignificand[i] = from->FpSignificand[i];
            to->FpSignExponent[i] = from->FpSignExponent[i];
        }
        (to->FpControl, to->FpStatus, to->FpTag) = (from->FpControl, from->FpStatus, from->FpTag);
        (to->FpOpcode, to->FpInstruction, to->FpData) = (from->FpOpcode, from->FpInstruction, from->FpData);
    }
}
