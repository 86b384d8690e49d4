using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Tests.Sse;
using Kennel.Cpu.Translator;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Rewritten instructions are the same instructions, but for the operands that were to change.</summary>
public sealed unsafe class RewriterTests
{
    [Fact]
    public void RewritesEveryFormThatIsCopied()
    {
        var generator = new FormGenerator(21);
        var random = new Random(21);
        int rewritten = 0;
        IEnumerable<Code> sse = ((CpuidFeature[])[CpuidFeature.SSE, CpuidFeature.SSE2, CpuidFeature.SSE3, CpuidFeature.SSSE3, CpuidFeature.SSE4_1])
            .SelectMany(SseInstructions.Of);
        foreach (Code code in IntegerFormTests.Forms().Concat(sse))
        {
            for (int n = 0; n < 40 && generator.TryCreate(code, out Vector vector); n++)
            {
                if (Check(vector, random)) rewritten++;
            }
        }
        Assert.True(rewritten > 15_000, $"only {rewritten}");
    }

    private static bool Check(in Vector vector, Random random)
    {
        ReadOnlySpan<byte> code = vector.Code;
        byte[] bytes = code[..(int)vector.CodeLength].ToArray();
        Instruction before = Decoder.Create(64, bytes).Decode();
        if (before.IsInvalid) return false;
        InstructionForm form = InstructionForm.Learn(before);
        if (!form.CanCopy) return false;
        byte* to = stackalloc byte[16];
        int reg = random.Next(16), rm = random.Next(1, 16), length; // xchg of rax and rax is nop
        InstructionRewriter parts;
        bool high = HasHighByte(before);
        fixed (byte* from = bytes)
        {
            parts = InstructionRewriter.Parse(from, before.Length);
            length = parts.Write(to,
                form.RegOperand >= 0 && !high ? reg : InstructionRewriter.Same,
                parts.HasMemory ? InstructionRewriter.AtT : (form.RmOperand >= 0 || form.OpcodeOperand >= 0) && !high ? rm : InstructionRewriter.Same,
                high);
        }
        if (length == 0)
        {
            Assert.True(high);
            return false;
        }
        Instruction after = Decoder.Create(64, new ReadOnlySpan<byte>(to, length).ToArray()).Decode();
        Assert.Equal(length, after.Length);
        Assert.Equal(before.Code, after.Code);
        Assert.Equal(before.HasLockPrefix, after.HasLockPrefix);
        for (int n = 0; n < before.OpCount; n++) CheckOperand(before, after, n, form, reg, rm, high);
        return true;
    }

    private static void CheckOperand(in Instruction before, in Instruction after, int n, InstructionForm form, int reg, int rm, bool high)
    {
        Assert.Equal(before.GetOpKind(n), after.GetOpKind(n));
        switch (before.GetOpKind(n))
        {
            case OpKind.Register:
                int wanted = high ? -1 : n == form.RegOperand ? reg : n == form.RmOperand || n == form.OpcodeOperand ? rm : -1;
                Register expected = before.GetOpRegister(n), actual = after.GetOpRegister(n);
                if (wanted < 0)
                {
                    Assert.Equal(expected, actual);
                    break;
                }
                Assert.Equal(expected.GetSize(), actual.GetSize());
                if (expected.GetSize() > 1 || after.Op0Register is not (>= Register.AH and <= Register.BH)) Assert.Equal(wanted, NumberOf(actual, wanted));
                break;
            case OpKind.Memory:
                Assert.Equal(Register.R11, after.MemoryBase);
                Assert.Equal(Register.None, after.MemoryIndex);
                Assert.Equal(0UL, after.MemoryDisplacement64);
                Assert.False(after.HasSegmentPrefix);
                Assert.Equal(before.MemorySize, after.MemorySize);
                break;
            default:
                Assert.Equal(before.GetImmediate(n), after.GetImmediate(n));
                break;
        }
    }

    // Without REX, byte registers 4 to 7 are AH to BH: the translator never asks for those (it adds no REX where none was).
    private static int NumberOf(Register register, int wanted) =>
        register is >= Register.AH and <= Register.BH ? wanted : register.GetFullRegister() - Register.RAX;

    private static bool HasHighByte(in Instruction i)
    {
        for (int n = 0; n < i.OpCount; n++)
        {
            if (i.GetOpKind(n) == OpKind.Register && i.GetOpRegister(n) is >= Register.AH and <= Register.BH) return true;
        }
        return false;
    }
}
