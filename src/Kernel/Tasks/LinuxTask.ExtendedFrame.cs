using System.Buffers.Binary;
using Kennel.Machine;

namespace Kennel.Tasks;

/// <summary>
/// The floating-point state in a signal frame: FXSAVE's image, or, where programs may use AVX, XSAVE's, which says so in bytes that FXSAVE leaves
/// to software, and ends in a mark of its own.
/// </summary>
/// <remarks>Linux: arch/x86/kernel/fpu/signal.c.</remarks>
public sealed unsafe partial class LinuxTask
{
    // struct _fpx_sw_bytes.
    private const int SoftwareAt = 464, FeaturesAt = SoftwareAt + 8, SizeAt = SoftwareAt + 16;
    private const uint FirstMagic = 0x4650_5853, SecondMagic = 0x4650_5845;
    private const int SmallestExtended = XsaveState.YmmAt;

    private bool HasAvx => Kernel.Engine.CpuLevel >= CpuLevel.V3;

    // With room for the mark behind the image.
    private int FpStateSize => HasAvx ? XsaveState.Size + sizeof(uint) : FxState.Size;

    // Linux: save_xstate_epilog.
    private void SaveFpState(Span<byte> image)
    {
        FxState.Save(Cpu, image);
        if (!HasAvx) return;
        BinaryPrimitives.WriteUInt32LittleEndian(image[SoftwareAt..], FirstMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(image[(SoftwareAt + 4)..], XsaveState.Size + sizeof(uint));
        BinaryPrimitives.WriteUInt64LittleEndian(image[FeaturesAt..], XsaveState.All);
        BinaryPrimitives.WriteUInt32LittleEndian(image[SizeAt..], XsaveState.Size);
        BinaryPrimitives.WriteUInt64LittleEndian(image[XsaveState.HeaderAt..], XsaveState.InUse(Cpu));
        XsaveState.SaveYmm(Cpu, image[XsaveState.YmmAt..]);
        BinaryPrimitives.WriteUInt32LittleEndian(image[XsaveState.Size..], SecondMagic);
    }

    private bool LoadFpState(ulong address)
    {
        if (address == 0)
        {
            FxState.Reset(Cpu);
            return true;
        }
        Span<byte> image = stackalloc byte[XsaveState.Size];
        if (!Memory!.CopyIn(address, image[..FxState.Size])) return false;
        if (HasAvx && IsExtended(address, image, out ulong features))
        {
            if (!Memory.CopyIn(address, image) || !XsaveState.IsValid(image, features)) return false;
            XsaveState.Load(Cpu, image, features);
            if ((features & XsaveState.X87) == 0) FxState.ResetX87(Cpu);
            if ((features & XsaveState.Avx) == 0) Cpu->ClearYmmHigh();
            return true;
        }
        if (!FxState.TryLoad(Cpu, image)) return false;
        Cpu->ClearYmmHigh();
        return true;
    }

    // Linux: check_xstate_in_sigframe. A frame that somebody made without the marks is one of FXSAVE.
    private bool IsExtended(ulong address, ReadOnlySpan<byte> image, out ulong features)
    {
        features = BinaryPrimitives.ReadUInt64LittleEndian(image[FeaturesAt..]) & XsaveState.All;
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(image[SizeAt..]), extended = BinaryPrimitives.ReadUInt32LittleEndian(image[(SoftwareAt + 4)..]);
        bool marked = BinaryPrimitives.ReadUInt32LittleEndian(image[SoftwareAt..]) == FirstMagic;
        if (!marked || size < SmallestExtended || size > XsaveState.Size || size > extended) return false;
        Span<byte> mark = stackalloc byte[sizeof(uint)];
        return Memory!.CopyIn(address + size, mark) && BinaryPrimitives.ReadUInt32LittleEndian(mark) == SecondMagic;
    }
}
