using System.Buffers.Binary;
using System.Text;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// cpuid: a processor of level x86-64-v2 with AES, PCLMULQDQ and SHA, which is exactly what the interpreter has. Family and model are those of Intel's first
/// with SSE4.2 and POPCNT (Nehalem), so that programs that choose by model choose what is there. With what x86-64-v3 adds, those of the first with AVX2 (Haswell).
/// </summary>
internal static unsafe class CpuId
{
    private const uint HighestBasic = 0xb, HighestBasicV3 = 0xd, HighestExtended = 0x8000_0008;

    // Leaf 1, ECX and EDX (Intel SDM volume 2, CPUID).
    private const uint Sse3 = 1 << 0, PclMulQdq = 1 << 1, Aes = 1 << 25, Ssse3 = 1 << 9, CmpXchg16B = 1 << 13, Sse41 = 1 << 19, Sse42 = 1 << 20, PopCnt = 1 << 23,
        Hypervisor = 1u << 31;
    private const uint Fpu = 1 << 0, TimeStamp = 1 << 4, CmpXchg8B = 1 << 8, Cmov = 1 << 15, ClFlush = 1 << 19, Mmx = 1 << 23,
        FxSave = 1 << 24, Sse = 1 << 25, Sse2 = 1 << 26, Threads = 1 << 28;

    // The same, of x86-64-v3.
    private const uint Fma = 1 << 12, Movbe = 1 << 22, Xsave = 1 << 26, OsXsave = 1 << 27, Avx = 1 << 28, F16C = 1 << 29;
    private const uint Bmi1 = 1 << 3, Avx2 = 1 << 5, Bmi2 = 1 << 8, Lzcnt = 1 << 5;

    // Leaf 0xd, subleaf 1, EAX.
    private const uint XsaveOpt = 1 << 0, XsaveC = 1 << 1, XgetbvOne = 1 << 2;

    // Leaf 7, EBX. rep movsb and rep stosb are the fastest way to copy and to fill, as both engines do whole ranges at once.
    private const uint FastRepeats = 1 << 9, Sha = 1 << 29;

    // Leaf 0x80000001.
    private const uint Lahf = 1 << 0, PrefetchW = 1 << 8;
    private const uint Syscall = 1 << 11, NoExecute = 1 << 20, RdTscp = 1 << 27, LongMode = 1 << 29;

    private const uint Signature = 0x0001_06a5; // family 6, model 0x1a, stepping 5
    private const uint SignatureV3 = 0x0003_06c3; // family 6, model 0x3c, stepping 3
    private const string Brand = "Kennel virtual CPU (x86-64-v2)", BrandV3 = "Kennel virtual CPU (x86-64-v3)";

    public static Op* Run(CpuState* s, Op* op)
    {
        Run(Processor.Of(s), s, CpuLevel.V2);
        return Transfer.Next(s, op);
    }

    /// <summary>The same of a processor of level x86-64-v3.</summary>
    public static Op* RunV3(CpuState* s, Op* op)
    {
        Run(Processor.Of(s), s, CpuLevel.V3);
        return Transfer.Next(s, op);
    }

    /// <summary>What it does to the registers.</summary>
    public static void Run(Processor processor, CpuState* s, CpuLevel level)
    {
        uint leaf = (uint)s->R[CpuState.Rax], subleaf = (uint)s->R[CpuState.Rcx], id = (uint)processor.Id, count = (uint)processor.Set.Count;
        (uint a, uint b, uint c, uint d) = level == CpuLevel.V3 ? LeafV3(leaf, subleaf, id, count) : Leaf(leaf, subleaf, id, count);
        s->R[CpuState.Rax] = a;
        s->R[CpuState.Rbx] = b;
        s->R[CpuState.Rcx] = c;
        s->R[CpuState.Rdx] = d;
    }

    // What differs.
    private static (uint A, uint B, uint C, uint D) LeafV3(uint leaf, uint subleaf, uint id, uint count)
    {
        if (leaf is > HighestBasicV3 and < 0x4000_0000 or > HighestExtended) leaf = HighestBasicV3;
        (uint a, uint b, uint c, uint d) = leaf is > HighestBasic and < 0x4000_0000 ? default : Leaf(leaf, subleaf, id, count);
        return leaf switch
        {
            0 => (HighestBasicV3, b, c, d),
            1 => (SignatureV3, b, c | Fma | Movbe | Xsave | OsXsave | Avx | F16C, d),
            7 when subleaf == 0 => (a, b | Bmi1 | Avx2 | Bmi2, c, d),
            0xd => ExtendedState(subleaf),
            0x8000_0001 => (a, b, c | Lzcnt, d),
            0x8000_0002 or 0x8000_0003 or 0x8000_0004 => BrandPart(BrandV3, (int)(leaf - 0x8000_0002)),
            _ => (a, b, c, d),
        };
    }

    // Components, sizes, and where each is.
    private static (uint A, uint B, uint C, uint D) ExtendedState(uint subleaf) => subleaf switch
    {
        0 => ((uint)XsaveState.All, XsaveState.Size, XsaveState.Size, 0),
        1 => (XsaveOpt | XsaveC | XgetbvOne, XsaveState.Size, 0, 0),
        2 => (XsaveState.YmmSize, XsaveState.YmmAt, 0, 0),
        _ => (0, 0, 0, 0),
    };

    private static (uint A, uint B, uint C, uint D) Leaf(uint leaf, uint subleaf, uint id, uint count)
    {
        // What is beyond the highest leaf answers as the highest basic one (Intel SDM); the hypervisor range is empty.
        if (leaf is > HighestBasic and < 0x4000_0000 or > HighestExtended) leaf = HighestBasic;
        return leaf switch
        {
            0 => (HighestBasic, 0x756e_6547, 0x6c65_746e, 0x4965_6e69), // "GenuineIntel"
            1 => (Signature, (id << 24) | (Math.Min(count, 255) << 16) | (8 << 8),
                Sse3 | PclMulQdq | Aes | Ssse3 | CmpXchg16B | Sse41 | Sse42 | PopCnt | Hypervisor,
                Fpu | TimeStamp | CmpXchg8B | Cmov | ClFlush | Mmx | FxSave | Sse | Sse2 | (count > 1 ? Threads : 0)),
            2 => (0x092c_2101, 0xe4, 0, 0), // the caches of leaf 4 by number: C libraries ask for less of these than of those
            4 => Cache(subleaf, count),
            7 when subleaf == 0 => (0, FastRepeats | Sha, 0, 0),
            0xb => Topology(subleaf, id, count),
            0x8000_0000 => (HighestExtended, 0, 0, 0),
            0x8000_0001 => (0, 0, Lahf | PrefetchW, Syscall | NoExecute | RdTscp | LongMode),
            0x8000_0002 or 0x8000_0003 or 0x8000_0004 => BrandPart(Brand, (int)(leaf - 0x8000_0002)),
            0x8000_0006 => (0, 0, (256 << 16) | (6 << 12) | 64, 0), // second level: 256 KiB, 8 ways, lines of 64
            0x8000_0007 => (0, 0, 0, 1 << 8), // the time stamp is invariant
            0x8000_0008 => ((48 << 8) | 40, 0, 0, 0), // bits of addresses
            _ => (0, 0, 0, 0),
        };
    }

    // Type, level, ways, sets; lines of 64 bytes.
    private static (uint A, uint B, uint C, uint D) Cache(uint index, uint count) => index switch
    {
        0 => CacheOf(1, 1, 8, 64, 1), // 32 KiB of data
        1 => CacheOf(2, 1, 4, 128, 1), // 32 KiB of instructions
        2 => CacheOf(3, 2, 8, 512, 1), // 256 KiB
        3 => CacheOf(3, 3, 16, 8192, count), // 8 MiB, shared
        _ => (0, 0, 0, 0),
    };

    private static (uint A, uint B, uint C, uint D) CacheOf(uint type, uint level, uint ways, uint sets, uint sharers)
    {
        uint cores = Math.Min(sharers, 64);
        return (type | (level << 5) | (1 << 8) | ((cores - 1) << 14), (ways - 1) << 22 | 63, sets - 1, 0);
    }

    // One thread a core, all cores in one package.
    private static (uint A, uint B, uint C, uint D) Topology(uint level, uint id, uint count) => level switch
    {
        0 => (0, 1, 0 | (1 << 8), id),
        1 => (8, count, 1 | (2 << 8), id),
        _ => (0, 0, level & 0xff, id),
    };

    private static (uint A, uint B, uint C, uint D) BrandPart(string brand, int part)
    {
        Span<byte> text = stackalloc byte[48];
        text.Clear();
        Encoding.ASCII.GetBytes(brand, text);
        text = text[(part * 16)..];
        return (BinaryPrimitives.ReadUInt32LittleEndian(text), BinaryPrimitives.ReadUInt32LittleEndian(text[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(text[8..]), BinaryPrimitives.ReadUInt32LittleEndian(text[12..]));
    }
}
