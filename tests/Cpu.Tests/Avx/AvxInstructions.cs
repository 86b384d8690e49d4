using Iced.Intel;
using Kennel.Cpu.Tests.Harness;

namespace Kennel.Cpu.Tests.Avx;

/// <summary>Makes encodings of every form that x86-64-v3 adds, with random operands.</summary>
public static class AvxInstructions
{
    /// <summary>Where the memory operand is, from its base register.</summary>
    public const int OperandOffset = 16;

    private static readonly HashSet<CpuidFeature> s_features =
    [
        CpuidFeature.AVX, CpuidFeature.AVX2, CpuidFeature.FMA, CpuidFeature.F16C, CpuidFeature.BMI1, CpuidFeature.BMI2,
        CpuidFeature.LZCNT, CpuidFeature.MOVBE, CpuidFeature.AES, CpuidFeature.PCLMULQDQ,
    ];

    private static readonly Register[] s_bases =
    [
        Register.RBX, Register.RSP, Register.R8, Register.R10, Register.R11, Register.R12, Register.R13, Register.R15,
    ];

    /// <summary>All codes that 64-bit programs may use.</summary>
    public static Code[] All { get; } =
    [
        .. Enum.GetValues<Code>().Where(code =>
        {
            OpCodeInfo info = code.ToOpCode();
            bool added = info.Encoding == EncodingKind.VEX || (info.Encoding == EncodingKind.Legacy && code.Mnemonic() is Mnemonic.Lzcnt or Mnemonic.Tzcnt or Mnemonic.Movbe);
            return info.IsInstruction && info.Mode64 && added && code.CpuidFeatures().All(s_features.Contains);
        }),
    ];

    public static bool IsGather(Code code) => Kinds(code).Any(IsVectorAddress);

    /// <summary>A random instruction of the form.</summary>
    /// <param name="code">The form.</param>
    /// <param name="memory">Whether an operand that may be in memory is.</param>
    /// <param name="random">Where operands come from.</param>
    public static Instruction Make(Code code, bool memory, Random random)
    {
        var i = new Instruction { Code = code };
        OpCodeOperandKind[] kinds = Kinds(code);
        int[] vectors = [.. Enumerable.Range(0, 16).OrderBy(_ => random.Next())]; // a gather's must differ
        bool gathers = IsGather(code);
        for (int n = 0; n < kinds.Length; n++)
        {
            if (kinds[n] == OpCodeOperandKind.mem || IsVectorAddress(kinds[n]) || (memory && IsMemory(kinds[n]))) SetMemory(ref i, n, kinds[n], vectors[3], random);
            else if (kinds[n] == OpCodeOperandKind.imm8) SetImmediate(ref i, n, random);
            else if (kinds[n] == OpCodeOperandKind.seg_rDI) i.SetOpKind(n, OpKind.MemorySegRDI);
            else SetRegister(ref i, n, kinds[n], gathers ? vectors[n] : random.Next(16), random);
        }
        return i;
    }

    /// <summary>The bytes of an instruction.</summary>
    public static byte[] Encode(in Instruction i)
    {
        var writer = new ByteWriter();
        Encoder.Create(64, writer).Encode(i, Layout.CodeBase + 0x800);
        return [.. writer.Bytes];
    }

    /// <summary>Whether it changes one of some registers.</summary>
    public static bool Changes(in Instruction i, Register[] registers)
    {
        foreach (UsedRegister used in new InstructionInfoFactory().GetInfo(i).GetUsedRegisters())
        {
            bool writes = used.Access is not (OpAccess.None or OpAccess.Read or OpAccess.CondRead or OpAccess.NoMemAccess);
            if (writes && registers.Contains(used.Register.GetFullRegister())) return true;
        }
        return false;
    }

    public static OpCodeOperandKind[] Kinds(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        return [.. Enumerable.Range(0, info.OpCount).Select(info.GetOpKind)];
    }

    public static bool IsMemory(OpCodeOperandKind kind) =>
        kind is OpCodeOperandKind.mem or OpCodeOperandKind.xmm_or_mem or OpCodeOperandKind.ymm_or_mem
            or OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r64_or_mem;

    private static bool IsVectorAddress(OpCodeOperandKind kind) =>
        kind is OpCodeOperandKind.mem_vsib32x or OpCodeOperandKind.mem_vsib32y or OpCodeOperandKind.mem_vsib64x or OpCodeOperandKind.mem_vsib64y;

    private static void SetMemory(ref Instruction i, int n, OpCodeOperandKind kind, int vector, Random random)
    {
        i.SetOpKind(n, OpKind.Memory);
        i.MemoryBase = s_bases[random.Next(s_bases.Length)];
        i.MemoryDisplacement64 = OperandOffset;
        i.MemoryDisplSize = 1;
        if (!IsVectorAddress(kind)) return;
        bool whole = kind is OpCodeOperandKind.mem_vsib32y or OpCodeOperandKind.mem_vsib64y;
        i.MemoryIndex = (whole ? Register.YMM0 : Register.XMM0) + vector;
        i.MemoryIndexScale = 1 << random.Next(4);
    }

    private static void SetImmediate(ref Instruction i, int n, Random random)
    {
        i.SetOpKind(n, OpKind.Immediate8);
        i.Immediate8 = random.Next(2) == 0 ? (byte)random.Next(16) : (byte)random.Next(256);
    }

    private static void SetRegister(ref Instruction i, int n, OpCodeOperandKind kind, int vector, Random random)
    {
        i.SetOpKind(n, OpKind.Register);
        i.SetOpRegister(n, kind switch
        {
            OpCodeOperandKind.ymm_reg or OpCodeOperandKind.ymm_rm or OpCodeOperandKind.ymm_or_mem or OpCodeOperandKind.ymm_vvvv or OpCodeOperandKind.ymm_is4 => Register.YMM0 + vector,
            OpCodeOperandKind.r16_reg or OpCodeOperandKind.r16_or_mem => Register.AX + random.Next(16),
            OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r32_vvvv => Register.EAX + random.Next(16),
            OpCodeOperandKind.r64_reg or OpCodeOperandKind.r64_or_mem or OpCodeOperandKind.r64_vvvv => Register.RAX + random.Next(16),
            _ => Register.XMM0 + vector,
        });
    }

    private sealed class ByteWriter : CodeWriter
    {
        public List<byte> Bytes { get; } = [];

        public override void WriteByte(byte value) => Bytes.Add(value);
    }
}
