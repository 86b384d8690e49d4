using System.Buffers.Binary;
using Iced.Intel;
using Kennel.Cpu.Tests.Harness;

namespace Kennel.Cpu.Tests.Sse;

/// <summary>FXSAVE and FXRSTOR, byte for byte, against the host's processor.</summary>
public sealed class FxSaveTests(NativeProcessor native) : IDisposable
{
    private const int MaskField = 28, ControlField = 24;

    private readonly InterpretedProcessor _interpreted = new();

    [Theory]
    [InlineData(Code.Fxsave_m512byte)]
    [InlineData(Code.Fxsave64_m512byte)]
    [InlineData(Code.Fxrstor_m512byte)]
    [InlineData(Code.Fxrstor64_m512byte)]
    public void Image_is_the_processors(Code code)
    {
        var random = new Random(5);
        Vector[] vectors = [.. Enumerable.Range(0, 300).Select(n => RandomVector(code, misaligned: n % 20 == 0, random))];
        Outcome[] there = native.Run(vectors), here = _interpreted.Run(vectors);
        if (code is Code.Fxsave_m512byte or Code.Fxsave64_m512byte)
        {
            // MXCSR_MASK has one bit more on AMD's processors.
            foreach (ref Outcome o in there.AsSpan()) ((Span<byte>)o.Data).Slice(MaskField, 4).Clear();
            foreach (ref Outcome o in here.AsSpan()) ((Span<byte>)o.Data).Slice(MaskField, 4).Clear();
        }
        Comparison.AssertSame(vectors, there, here, _ => new Tolerance { Vectors = true });
    }

    public void Dispose() => _interpreted.Dispose();

    private static Vector RandomVector(Code code, bool misaligned, Random random)
    {
        var v = Vector.Plain();
        v.SetCode(SseInstructions.Encode(code, memory: true, random));
        v.Gpr[3] = Layout.WindowBase - 16 + (misaligned ? 8u : 0);
        FillImage(v.Fx, random, reserved: false);
        FillImage(v.Data, random, reserved: random.Next(8) == 0);
        return v;
    }

    private static void FillImage(Span<byte> image, Random random, bool reserved)
    {
        var values = new SseValues(random);
        values.Fill(image, LaneKind.Integers);
        BinaryPrimitives.WriteUInt16LittleEndian(image, 0x37f);
        BinaryPrimitives.WriteUInt16LittleEndian(image[2..], (ushort)(random.Next(8) << 11));
        image[5] = 0;
        image[6..24].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(image[ControlField..], values.Control() | (reserved ? 0x10000u : 0));
        for (int i = 0; i < 8; i++) image.Slice(42 + (i * 16), 6).Clear();
    }
}
