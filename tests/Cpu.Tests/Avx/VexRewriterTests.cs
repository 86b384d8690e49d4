using Iced.Intel;
using Kennel.Cpu.Hosted;
using Kennel.Cpu.Translator;

namespace Kennel.Cpu.Tests.Avx;

/// <summary>Rewritten instructions with a VEX prefix are the same instructions, but for the operands that were to change.</summary>
public sealed unsafe class VexRewriterTests
{
    private static readonly int[] s_homes = [0, 3, 5, 8, 12, 13, 15];

    [Fact]
    public void RewritesEveryForm()
    {
        var random = new Random(22);
        int rewritten = 0;
        foreach (Code code in AvxInstructions.All.Where(code => code.ToOpCode().Encoding == EncodingKind.VEX))
        {
            for (int n = 0; n < 60; n++)
            {
                if (Check(AvxInstructions.Encode(AvxInstructions.Make(code, n % 2 == 0, random)), random)) rewritten++;
            }
        }
        Assert.True(rewritten > 35_000, $"only {rewritten}");
    }

    private static bool Check(byte[] bytes, Random random)
    {
        Instruction before = Decoder.Create(64, bytes).Decode();
        HostForm form = HostForm.Learn(before);
        if (!form.CanRun) return false;
        byte* to = stackalloc byte[24];
        int reg = random.Next(16), vvvv = random.Next(16), rm = random.Next(16), length, fold = -1, displacement = 0;
        fixed (byte* from = bytes)
        {
            var parts = VexRewriter.Parse(from, before.Length);
            if (parts.HasMemory && random.Next(2) == 0)
            {
                fold = s_homes[random.Next(s_homes.Length)];
                displacement = random.Next(2) == 0 ? random.Next(-128, 128) : random.Next();
                parts.FoldInto(fold, displacement);
            }
            length = parts.Write(to, form.RegOperand >= 0 ? reg : InstructionRewriter.Same, form.VvvvOperand >= 0 ? vvvv : InstructionRewriter.Same,
                parts.HasMemory ? InstructionRewriter.AtT : form.RmOperand >= 0 ? rm : InstructionRewriter.Same);
        }
        Instruction after = Decoder.Create(64, new ReadOnlySpan<byte>(to, length).ToArray()).Decode();
        Assert.Equal(length, after.Length);
        Assert.Equal(before.Code, after.Code);
        for (int n = 0; n < before.OpCount; n++)
        {
            Assert.Equal(before.GetOpKind(n), after.GetOpKind(n));
            if (before.GetOpKind(n) == OpKind.Memory) CheckMemory(before, after, fold, displacement);
            else if (before.GetOpKind(n) != OpKind.Register) Assert.Equal(before.GetImmediate(n), after.GetImmediate(n));
            else CheckRegister(before.GetOpRegister(n), after.GetOpRegister(n), n == form.RegOperand ? reg : n == form.VvvvOperand ? vvvv : n == form.RmOperand ? rm : -1);
        }
        return true;
    }

    private static void CheckMemory(in Instruction before, in Instruction after, int fold, int displacement)
    {
        Assert.Equal(before.MemorySize, after.MemorySize);
        Assert.Equal(fold < 0 ? Register.R11 : Register.RAX + fold, after.MemoryBase);
        Assert.Equal(fold < 0 ? Register.None : Register.R11, after.MemoryIndex);
        Assert.Equal((ulong)displacement, after.MemoryDisplacement64);
        Assert.False(after.HasSegmentPrefix);
    }

    private static void CheckRegister(Register before, Register after, int wanted)
    {
        Assert.Equal(before.GetSize(), after.GetSize());
        Assert.Equal(wanted < 0 ? before.GetNumber() : wanted, after.GetNumber());
    }
}
