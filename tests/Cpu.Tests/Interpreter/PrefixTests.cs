using Iced.Intel;
using Kennel.Cpu.Tests.Harness;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>Prefixes that do not belong, come twice or in odd orders; instructions that are too long.</summary>
public sealed class PrefixTests(NativeProcessor native)
{
    private const DecoderOptions Options = DecoderOptions.NoMPFX_0FBC | DecoderOptions.NoMPFX_0FBD;

    // No FS: the host's own thread uses it.
    private static readonly byte[] Prefixes = [0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x2e, 0x36, 0x3e, 0x26, 0x65, 0x40, 0x48, 0x4f];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OddPrefixesMeanTheSame(bool translate)
    {
        var random = new Random(5);
        var generator = new FormGenerator(4);
        var vectors = new List<Vector>();
        foreach (Code code in IntegerFormTests.Forms())
        {
            for (int n = 0; n < 20 && generator.TryCreate(code, out Vector vector); n++)
            {
                ReadOnlySpan<byte> bytes = vector.Code;
                byte[] extra = new byte[random.Next(1, 4)];
                for (int i = 0; i < extra.Length; i++) extra[i] = Prefixes[random.Next(Prefixes.Length)];
                byte[] prefixed = [.. extra, .. bytes[..(int)vector.CodeLength]];
                if (!IsComparable(prefixed)) continue;
                vector.SetCode(prefixed, vector.CodeOffset);
                vectors.Add(vector);
            }
        }
        Vector[] all = [.. vectors];
        using var interpreted = new InterpretedProcessor(translate);
        Outcome[] expected = native.Run(all), actual = interpreted.Run(all);
        for (int n = 0; n < all.Length; n++)
        {
            // A call to no address at all has pushed its return address by the time that is noticed.
            bool call = translate && expected[n].Signal == 11 && First(all[n]).FlowControl == FlowControl.IndirectCall;
            if (call) actual[n].Data = expected[n].Data;
        }
        // In translated code, flags about to be overwritten are not kept for a fault.
        Comparison.AssertSame(all, expected, actual, n => translate && expected[n].Signal != 5 ? new Tolerance { Flags = 0x400 } : IntegerFormTests.ToleranceOf(all[n]));
    }

    private static Instruction First(in Vector vector)
    {
        ReadOnlySpan<byte> code = vector.Code;
        return Decoder.Create(64, code[..(int)vector.CodeLength].ToArray(), Options).Decode();
    }

    /// <summary>What later processors take for tzcnt and lzcnt is bsf and bsr here; compilers count on that where the operand is not zero.</summary>
    [Fact]
    public void BitScansIgnoreRepeatPrefixes()
    {
        var vectors = new List<Vector>();
        byte[][] scans = [[0x0f, 0xbc, 0xc3], [0x48, 0x0f, 0xbc, 0xc3], [0x48, 0x0f, 0xbd, 0xc3], [0x44, 0x0f, 0xbc, 0x19], [0x66, 0x0f, 0xbd, 0xd3]];
        foreach (byte[] scan in scans)
        {
            foreach (byte prefix in (byte[])[0, 0xf2, 0xf3])
            {
                foreach (ulong value in (ulong[])[0, 1, 0x8000_0000_0000_0000, 0xffff_0000, 0x0001_0000_0000])
                {
                    Vector v = Vector.Plain();
                    v.Gpr[0] = v.Gpr[2] = v.Gpr[11] = 0x1234_5678_9abc_def0;
                    v.Gpr[3] = value;
                    v.Gpr[1] = Layout.WindowBase + 8;
                    BitConverter.TryWriteBytes(((Span<byte>)v.Data)[8..], value);
                    v.SetCode(prefix == 0 ? scan : [prefix, .. scan]);
                    vectors.Add(v);
                }
            }
        }
        Vector[] all = [.. vectors];
        using InterpretedProcessor interpreted = new(), translated = new(translate: true);
        Outcome[] expected = interpreted.Run(all);
        Comparison.AssertSame(all, expected, translated.Run(all), static _ => new Tolerance { Flags = 0x40 });
        for (int n = 0; n < all.Length; n++)
        {
            int plain = n - (n % 15) + (n % 5); // the same without a prefix
            Assert.Equal(((ReadOnlySpan<ulong>)expected[plain].Gpr).ToArray(), ((ReadOnlySpan<ulong>)expected[n].Gpr).ToArray());
        }
    }

    [Fact]
    public void AnInstructionOfMoreThanFifteenBytesIsRefused()
    {
        var vectors = new Vector[3];
        for (int i = 0; i < vectors.Length; i++)
        {
            byte[] code = new byte[14 + i + 1];
            code.AsSpan().Fill(0x66);
            code[^1] = 0x90;
            vectors[i] = Vector.Plain();
            vectors[i].SetCode(code, i == 2 ? 0xff8u : 0x800u);
        }
        using var interpreted = new InterpretedProcessor();
        Outcome[] ours = interpreted.Run(vectors);
        Comparison.AssertSame(vectors, native.Run(vectors), ours, static _ => new Tolerance());
        Assert.Equal(5u, ours[0].Signal);
        Assert.Equal(11u, ours[1].Signal);
    }

    private static bool IsComparable(byte[] code)
    {
        if (code.Length > Layout.CodeSize) return false;
        var decoder = Decoder.Create(64, code, Options);
        // Prefixes change the size of immediates, so that there may be several instructions now.
        while (decoder.IP < (ulong)code.Length)
        {
            Instruction i = decoder.Decode();
            if (i.IsInvalid) return decoder.LastError != DecoderError.NoMoreBytes;
            if (!IsComparable(i, code)) return false;
        }
        return true;
    }

    // Another instruction may have come of it: one that is not compared here, or that the interpreter has not.
    private static bool IsComparable(in Instruction i, byte[] code)
    {
        if (!i.Code.CpuidFeatures().All(IntegerFormTests.Features.Contains)) return false;
        if (IntegerFormTests.IsExcluded(i.Code) || IntegerFormTests.DependsOnMake(i.Code)) return false;
        // Only Intel's processors ignore the operand size of near branches.
        bool branch = i.FlowControl is not (FlowControl.Next or FlowControl.Interrupt or FlowControl.Exception);
        if (branch && code.AsSpan(0, Math.Min(5, code.Length)).Contains((byte)0x66)) return false;
        // These are others on hosts that have tzcnt and lzcnt; pause with REX.B is an xchg that the decoder does not know.
        bool renamed = i.Mnemonic is Mnemonic.Bsf or Mnemonic.Bsr && code.AsSpan().Contains((byte)0xf3);
        return !renamed && i.Mnemonic is not (Mnemonic.Loop or Mnemonic.Loope or Mnemonic.Loopne or Mnemonic.Pause);
    }
}
