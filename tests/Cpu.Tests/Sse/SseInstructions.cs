using Iced.Intel;
using Kennel.Cpu.Tests.Harness;

namespace Kennel.Cpu.Tests.Sse;

/// <summary>Makes encodings of every form of the MMX and SSE instructions, with random operands.</summary>
public static class SseInstructions
{
    /// <summary>
    /// The instruction codes of a feature that 64-bit programs may use and that this part of the interpreter runs.
    /// </summary>
    public static Code[] Of(CpuidFeature feature) =>
    [
        .. Enum.GetValues<Code>().Where(code =>
        {
            OpCodeInfo info = code.ToOpCode();
            return info.IsInstruction && info.Encoding == EncodingKind.Legacy && info.Mode64
                && code.CpuidFeatures().Contains(feature) && !code.ToString().StartsWith("Fisttp", StringComparison.Ordinal);
        }),
    ];

    /// <summary>Whether an operand can be in memory.</summary>
    public static bool HasMemoryForm(Code code) => Kinds(code).Any(IsMemory);

    /// <summary>Whether an operand can only be in memory.</summary>
    public static bool HasOnlyMemoryForm(Code code) => Kinds(code).Contains(OpCodeOperandKind.mem);

    /// <summary>The instruction with random registers and immediate; the memory operand, if wanted, is at [rbx + 16].</summary>
    public static byte[] Encode(Code code, bool memory, Random random)
    {
        var i = new Instruction { Code = code };
        OpCodeOperandKind[] kinds = Kinds(code);
        for (int n = 0; n < kinds.Length; n++)
        {
            if (kinds[n] == OpCodeOperandKind.mem || (memory && IsMemory(kinds[n])))
            {
                i.SetOpKind(n, OpKind.Memory);
                i.MemoryBase = Register.RBX;
                i.MemoryDisplacement64 = 16;
                i.MemoryDisplSize = 1;
            }
            else if (kinds[n] == OpCodeOperandKind.imm8)
            {
                i.SetOpKind(n, OpKind.Immediate8);
                i.Immediate8 = random.Next(2) == 0 ? (byte)random.Next(16) : (byte)random.Next(256);
            }
            else if (kinds[n] == OpCodeOperandKind.seg_rDI)
            {
                i.SetOpKind(n, OpKind.MemorySegRDI);
            }
            else
            {
                i.SetOpKind(n, OpKind.Register);
                i.SetOpRegister(n, RegisterOf(kinds[n], random));
            }
        }
        var writer = new ByteWriter();
        Encoder.Create(64, writer).Encode(i, Layout.CodeBase + 0x800);
        return [.. writer.Bytes];
    }

    private static OpCodeOperandKind[] Kinds(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        return [.. Enumerable.Range(0, info.OpCount).Select(info.GetOpKind)];
    }

    private static bool IsMemory(OpCodeOperandKind kind) =>
        kind is OpCodeOperandKind.mem or OpCodeOperandKind.mm_or_mem or OpCodeOperandKind.xmm_or_mem
            or OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r32_or_mem
            or OpCodeOperandKind.r64_or_mem;

    // RBX holds the operand's address and RSP the stack's; both stay out of it.
    private static Register RegisterOf(OpCodeOperandKind kind, Random random) => kind switch
    {
        OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm or OpCodeOperandKind.mm_or_mem => Register.MM0 + random.Next(8),
        OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_rm or OpCodeOperandKind.xmm_or_mem => Register.XMM0 + random.Next(16),
        OpCodeOperandKind.r8_or_mem => General(Register.AL, random),
        OpCodeOperandKind.r16_or_mem => General(Register.AX, random),
        OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_or_mem => General(Register.EAX, random),
        OpCodeOperandKind.r64_reg or OpCodeOperandKind.r64_or_mem => General(Register.RAX, random),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No register of that kind."),
    };

    private static Register General(Register first, Random random) => first + random.Next(3);

    private sealed class ByteWriter : CodeWriter
    {
        public List<byte> Bytes { get; } = [];

        public override void WriteByte(byte value) => Bytes.Add(value);
    }
}
