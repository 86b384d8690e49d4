using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;
using Kennel.Cpu.Tests.Harness;

namespace Kennel.Cpu.Tests.Sse;

/// <summary>Every form of the MMX and SSE instructions, with random and edge operands, against the host's processor.</summary>
public sealed class SseHostTests(NativeProcessor native)
{
    private const int OperandOffset = 16;

    /// <summary>Vectors of each form; more of them for a longer search: KENNEL_SSE_VECTORS.</summary>
    private static readonly int s_vectors =
        int.Parse(Environment.GetEnvironmentVariable("KENNEL_SSE_VECTORS") ?? "60", CultureInfo.InvariantCulture);

    private static readonly int s_seed =
        int.Parse(Environment.GetEnvironmentVariable("KENNEL_SSE_SEED") ?? "1", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(CpuidFeature.MMX, false)]
    [InlineData(CpuidFeature.MMX, true)]
    [InlineData(CpuidFeature.SSE, false)]
    [InlineData(CpuidFeature.SSE, true)]
    [InlineData(CpuidFeature.SSE2, false)]
    [InlineData(CpuidFeature.SSE2, true)]
    [InlineData(CpuidFeature.SSE3, false)]
    [InlineData(CpuidFeature.SSE3, true)]
    [InlineData(CpuidFeature.SSSE3, false)]
    [InlineData(CpuidFeature.SSSE3, true)]
    [InlineData(CpuidFeature.SSE4_1, false)]
    [InlineData(CpuidFeature.SSE4_1, true)]
    [InlineData(CpuidFeature.SSE4_2, false)]
    [InlineData(CpuidFeature.SSE4_2, true)]
    [InlineData(CpuidFeature.AES, false)]
    [InlineData(CpuidFeature.AES, true)]
    [InlineData(CpuidFeature.PCLMULQDQ, false)]
    [InlineData(CpuidFeature.PCLMULQDQ, true)]
    [InlineData(CpuidFeature.SHA, false)]
    [InlineData(CpuidFeature.SHA, true)]
    public void Does_what_the_processor_does(CpuidFeature feature, bool translate)
    {
        Assert.SkipUnless(HostHas(feature), "the host's processor does not have it");
        using var ours = new InterpretedProcessor(translate);
        var random = new Random(s_seed);
        foreach (Code[] codes in SseInstructions.Of(feature).Chunk(Math.Max(1, 20_000 / s_vectors)))
        {
            Vector[] vectors = [.. codes.SelectMany(code => Vectors(code, random))];
            Outcome[] there = native.Run(vectors), here = ours.Run(vectors);
            Comparison.AssertSame(vectors, there, here, _ => new Tolerance { Vectors = true });
        }
    }

    private static bool HostHas(CpuidFeature feature) => feature switch
    {
        CpuidFeature.AES => Aes.IsSupported,
        CpuidFeature.PCLMULQDQ => Pclmulqdq.IsSupported,
        CpuidFeature.SHA => (X86Base.CpuId(7, 0).Ebx & 1 << 29) != 0,
        _ => Sse42.IsSupported,
    };

    private static IEnumerable<Vector> Vectors(Code code, Random random)
    {
        bool memory = SseInstructions.HasMemoryForm(code), only = SseInstructions.HasOnlyMemoryForm(code);
        for (int n = 0; n < s_vectors; n++) yield return RandomVector(code, memory && (only || random.Next(2) == 0), random);
    }

    private static Vector RandomVector(Code code, bool memory, Random random)
    {
        var values = new SseValues(random);
        LaneKind lanes = LanesOf(code);
        var v = Vector.Plain();
        v.SetCode(SseInstructions.Encode(code, memory, random));
        for (int i = 0; i < 16; i++)
        {
            if (i != 4) v.Gpr[i] = values.Integer();
        }
        v.Rflags |= (ulong)random.Next(0x1000) & 0x8d5;
        values.Fill(v.Data, lanes);
        values.Fill(v.Fx[160..416], lanes);
        FillX87(v.Fx, values, random);
        uint control = values.Control();
        BinaryPrimitives.WriteUInt32LittleEndian(v.Fx[24..], control);
        int place = (random.Next(Layout.WindowSize - 64) & ~15) + (random.Next(5) == 0 ? random.Next(16) : 0);
        v.Gpr[3] = Layout.WindowBase + (ulong)(place - OperandOffset);
        v.Gpr[7] = Layout.WindowBase + (ulong)(random.Next(3) == 0 ? 250 : place);
        if (code == Code.Ldmxcsr_m32)
        {
            // Not AMD's bit 17 (misaligned operands allowed), which we do not have.
            uint reserved = random.Next(5) == 0 ? 1u << (16 + (random.Next(2) * random.Next(2, 16))) : 0;
            BinaryPrimitives.WriteUInt32LittleEndian(v.Data[place..], values.Control() | reserved);
        }
        return v;
    }

    private static LaneKind LanesOf(Code code)
    {
        string name = code.Mnemonic().ToString();
        if (name.StartsWith('P')) return LaneKind.Integers;
        if (name.Contains("dq2", StringComparison.Ordinal) || name.Contains("pi2", StringComparison.Ordinal))
        {
            return LaneKind.Integers;
        }
        if (name.Contains("ps", StringComparison.Ordinal) || name.Contains("ss", StringComparison.Ordinal))
        {
            return name is "Cvtsd2ss" or "Cvtpd2ps" ? LaneKind.Doubles : LaneKind.Singles;
        }
        return name.Contains("pd", StringComparison.Ordinal) || name.Contains("sd", StringComparison.Ordinal)
            ? LaneKind.Doubles
            : LaneKind.Integers;
    }

    // Any stack with any tags; now and then an exception waits that the next MMX instruction must raise.
    private static void FillX87(Span<byte> fx, SseValues values, Random random)
    {
        int status = random.Next(8) << 11;
        if (random.Next(16) == 0)
        {
            status |= 0x8081;
            fx[0] &= 0xfe;
        }
        BinaryPrimitives.WriteUInt16LittleEndian(fx[2..], (ushort)status);
        fx[4] = (byte)random.Next(256);
        for (int i = 0; i < 8; i++)
        {
            values.Fill(fx.Slice(32 + (i * 16), 8), LaneKind.Integers);
            BinaryPrimitives.WriteUInt16LittleEndian(fx[(40 + (i * 16))..], (ushort)random.Next(0x10000));
        }
    }
}
