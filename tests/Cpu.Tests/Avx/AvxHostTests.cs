using System.Buffers.Binary;
using System.Globalization;
using Iced.Intel;
using Kennel.Cpu.Interpreter;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Sse;
using Kennel.Cpu.Translator;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Avx;

/// <summary>Every form that x86-64-v3 adds, with random and edge operands, against the host's processor.</summary>
public sealed class AvxHostTests(NativeProcessor native)
{
    /// <summary>Vectors of each form; more of them for a longer search: KENNEL_AVX_VECTORS.</summary>
    private static readonly int s_vectors =
        int.Parse(Environment.GetEnvironmentVariable("KENNEL_AVX_VECTORS") ?? "40", CultureInfo.InvariantCulture);

    private static readonly int s_seed =
        int.Parse(Environment.GetEnvironmentVariable("KENNEL_AVX_SEED") ?? "1", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Does_what_the_processor_does(bool steps)
    {
        Assert.SkipUnless(TranslatorEngine.HostHasV3, "the host's processor does not have it");
        var random = new Random(s_seed);
        foreach (Code[] codes in AvxInstructions.All.Chunk(Math.Max(1, 20_000 / s_vectors)))
        {
            using var ours = new InterpretedProcessor(translate: true, CpuLevel.V3) { Budget = steps ? static () => 1 : null };
            Vector[] vectors = [.. codes.SelectMany(code => Enumerable.Range(0, s_vectors).Select(_ => RandomVector(code, random)))];
            Outcome[] there = native.Run(vectors), here = ours.Run(vectors);
            // With underflow unmasked, the processor rounds as if exponents had no limit, and tells by that whether a tiny result is exact.
            // A dot product breaks off in its middle.
            Comparison.AssertSame(vectors, there, here, n => new Tolerance
            {
                Vectors = true,
                Flags = 0xcd5 & ~UndefinedBy(vectors[n]),
                Mxcsr = there[n].Signal != 8 ? 0xffffu : MnemonicOf(vectors[n]) is Mnemonic.Vdpps or Mnemonic.Vdppd ? 0xffc0u : 0xffdfu,
            });
        }
    }

    private static Mnemonic MnemonicOf(in Vector v)
    {
        ReadOnlySpan<byte> code = v.Code;
        return Decoder.Create(64, code[..(int)v.CodeLength].ToArray()).Decode().Mnemonic;
    }

    private static ulong UndefinedBy(in Vector v)
    {
        ReadOnlySpan<byte> code = v.Code;
        RflagsBits undefined = Decoder.Create(64, code[..(int)v.CodeLength].ToArray()).Decode().RflagsUndefined;
        ulong flags = 0;
        if ((undefined & RflagsBits.CF) != 0) flags |= 1;
        if ((undefined & RflagsBits.PF) != 0) flags |= 4;
        if ((undefined & RflagsBits.AF) != 0) flags |= 0x10;
        if ((undefined & RflagsBits.ZF) != 0) flags |= 0x40;
        if ((undefined & RflagsBits.SF) != 0) flags |= 0x80;
        if ((undefined & RflagsBits.OF) != 0) flags |= 0x800;
        return flags;
    }

    private static Vector RandomVector(Code code, Random random)
    {
        var values = new SseValues(random);
        LaneKind lanes = LanesOf(code);
        Instruction i = AvxInstructions.Make(code, random.Next(2) == 0, random);
        var v = Vector.Plain();
        v.SetCode(AvxInstructions.Encode(i));
        for (int r = 0; r < 16; r++)
        {
            if (r != 4) v.Gpr[r] = values.Integer();
        }
        v.Rflags |= (ulong)random.Next(0x1000) & 0x8d5;
        values.Fill(v.Data, lanes);
        values.Fill(v.Fx[160..416], lanes);
        if (random.Next(4) != 0) values.Fill(v.Ymm, lanes);
        BinaryPrimitives.WriteUInt32LittleEndian(v.Fx[24..], values.Control());
        int place = random.Next(5) switch
        {
            0 => random.Next(Layout.WindowSize - 64),
            1 => 224 + random.Next(33), // up to the page's end and over it
            _ => random.Next(Layout.WindowSize - 64) & ~31,
        };
        ulong target = Layout.WindowBase + (ulong)place;
        // Whether bytes that are left out may fault is the processor's choice.
        if (random.Next(16) == 0 && code != Code.VEX_Vmaskmovdqu_rDI_xmm_xmm) target = Layout.DataBase + 0x2000 - (ulong)random.Next(40); // behind it nothing is mapped
        if (code == Code.VEX_Vldmxcsr_m32) BinaryPrimitives.WriteUInt32LittleEndian(v.Data[place..], values.Control() | (random.Next(5) == 0 ? 1u << 18 : 0));
        if (code == Code.VEX_Vmaskmovdqu_rDI_xmm_xmm) v.Gpr[7] = target;
        else if (i.MemoryBase != Register.None) v.Gpr[i.MemoryBase - Register.RAX] = target - AvxInstructions.OperandOffset;
        if (AvxInstructions.IsGather(code)) AimIndexes(ref v, i, random);
        return v;
    }

    // Elements of the index vector that lead into the window, now and then out of it.
    private static void AimIndexes(ref Vector v, in Instruction i, Random random)
    {
        v.Gpr[i.MemoryBase - Register.RAX] = Layout.WindowBase + (Layout.WindowSize / 2) - AvxInstructions.OperandOffset;
        bool wide = i.Mnemonic is Mnemonic.Vpgatherqd or Mnemonic.Vpgatherqq or Mnemonic.Vgatherqps or Mnemonic.Vgatherqpd;
        int register = i.MemoryIndex >= Register.YMM0 ? i.MemoryIndex - Register.YMM0 : i.MemoryIndex - Register.XMM0;
        for (int n = 0; n < 32; n += wide ? 8 : 4)
        {
            long offset = random.Next(-250, 240) / i.MemoryIndexScale;
            if (random.Next(60) == 0) offset = random.Next(-100_000, 100_000);
            Span<byte> half = n < 16 ? v.Fx[(160 + (register * 16))..] : v.Ymm[(register * 16)..];
            if (wide) BinaryPrimitives.WriteInt64LittleEndian(half[(n & 15)..], offset);
            else BinaryPrimitives.WriteInt32LittleEndian(half[(n & 15)..], (int)offset);
        }
    }

    private static LaneKind LanesOf(Code code)
    {
        string name = code.Mnemonic().ToString();
        if (name[1] == 'p' || name[0] != 'V') return LaneKind.Integers;
        if (name.Contains("dq2", StringComparison.Ordinal)) return LaneKind.Integers;
        if (name.Contains("ps", StringComparison.Ordinal) || name.Contains("ss", StringComparison.Ordinal))
        {
            return name is "Vcvtsd2ss" or "Vcvtpd2ps" ? LaneKind.Doubles : LaneKind.Singles;
        }
        return name.Contains("pd", StringComparison.Ordinal) || name.Contains("sd", StringComparison.Ordinal) ? LaneKind.Doubles : LaneKind.Integers;
    }
}
