using Iced.Intel;
using Kennel.Cpu.Tests.Harness;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>Prefixes that do not belong, come twice or in odd orders; instructions that are too long.</summary>
public sealed class PrefixTests(NativeProcessor native)
{
    private const DecoderOptions Options = DecoderOptions.NoMPFX_0FBC | DecoderOptions.NoMPFX_0FBD;

    // No FS: the host's own thread uses it.
    private static readonly byte[] Prefixes = [0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x2e, 0x36, 0x3e, 0x26, 0x65, 0x40, 0x48, 0x4f];

    [Fact]
    public void OddPrefixesMeanTheSame()
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
        using var interpreted = new InterpretedProcessor();
        Comparison.AssertSame(all, native.Run(all), interpreted.Run(all), n => IntegerFormTests.ToleranceOf(all[n]));
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
