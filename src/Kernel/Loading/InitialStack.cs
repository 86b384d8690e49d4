using System.Buffers.Binary;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.Loading;

/// <summary>
/// What a program finds on its stack. From the top down: eight zero bytes, the file name, the environment's strings, the arguments'
/// strings, the platform's name, 16 random bytes, the auxiliary vector, the pointers to the environment and to the arguments, and
/// their number, at a multiple of 16 (System V ABI, 3.4.1). Linux: fs/exec.c, fs/binfmt_elf.c, create_elf_tables.
/// </summary>
internal sealed class InitialStack(AddressSpace memory, ArgumentStrings strings)
{
    private const ulong RoomToGrow = 128 << 10; // Linux: setup_arg_pages

    private ulong _stringsStart, _environmentStart, _fileName;

    /// <summary>Makes the stack's area and puts the strings into it.</summary>
    public bool PutStrings(bool isExecutable, ulong stackLimit)
    {
        ulong length = (ulong)strings.TotalBytes;
        _stringsStart = AddressSpace.Top - 8 - length;
        ulong needed = _stringsStart & ~0xfffUL;
        ulong lowest = AddressSpace.Top - Math.Max(Math.Min(stackLimit & ~0xfffUL, AddressSpace.Top / 2), AddressSpace.Top - needed);
        var area = new Vma
        {
            Start = Math.Max(needed - RoomToGrow, lowest),
            End = AddressSpace.Top,
            Access = PageAccess.Read | PageAccess.Write | (isExecutable ? PageAccess.Execute : 0),
            Flags = VmaFlags.GrowsDown | VmaFlags.Accounted,
        };
        memory.Add(area);

        // One block, so that each page is reached once.
        var block = new byte[length];
        int at = 0;
        Append(strings.Arguments, block, ref at);
        _environmentStart = _stringsStart + (ulong)at;
        Append(strings.Environment, block, ref at);
        _fileName = _stringsStart + (ulong)at;
        strings.FileName.CopyTo(block, at);
        return memory.CopyOut(_stringsStart, block);
    }

    /// <summary>Puts the vectors below the strings, and tells the layout. Answers the stack pointer, 0 when there is no memory.</summary>
    public ulong PutVectors(Kernel kernel, ElfImage image, ElfPlaces places, ulong linkerBase, ulong vdso, ExecCredential identity)
    {
        ulong platform = (_stringsStart & ~0xfUL) - (ulong)("x86_64"u8.Length + 1);
        ulong random = platform - 16;
        Span<byte> seed = stackalloc byte[16];
        kernel.Host.FillRandom(seed);
        if (!memory.CopyOut(platform, "x86_64\0"u8) || !memory.CopyOut(random, seed)) return 0;

        List<(AuxiliaryType Type, ulong Value)> auxiliary = Auxiliary(image, places, linkerBase, vdso, identity, platform, random);
        if (kernel.Engine.CpuLevel >= CpuLevel.V3) auxiliary.Insert(1, (AuxiliaryType.AT_MINSIGSTKSZ, SmallestStackWithAvx));
        int words = 1 + strings.Arguments.Count + 1 + strings.Environment.Count + 1;
        ulong pointer = ((random & ~0xfUL) - (ulong)(auxiliary.Count * 16) - (ulong)(words * 8)) & ~0xfUL;
        var block = new byte[(words * 8) + (auxiliary.Count * 16)];
        int at = 0;
        Put(block, ref at, (ulong)strings.Arguments.Count);
        PutPointers(block, ref at, strings.Arguments, _stringsStart);
        PutPointers(block, ref at, strings.Environment, _environmentStart);
        int vectorStart = at;
        foreach ((AuxiliaryType type, ulong value) in auxiliary)
        {
            Put(block, ref at, (ulong)type);
            Put(block, ref at, value);
        }
        memory.Layout = memory.Layout with
        {
            StackStart = pointer,
            ArgumentsStart = _stringsStart,
            ArgumentsEnd = _environmentStart,
            EnvironmentStart = _environmentStart,
            EnvironmentEnd = _fileName,
            AuxiliaryVector = block[vectorStart..],
        };
        return memory.CopyOut(pointer, block) ? pointer : 0;
    }

    private List<(AuxiliaryType Type, ulong Value)> Auxiliary(
        ElfImage image, ElfPlaces places, ulong linkerBase, ulong vdso, ExecCredential identity, ulong platform, ulong random) =>
    [
        (AuxiliaryType.AT_SYSINFO_EHDR, vdso),
        (AuxiliaryType.AT_HWCAP, ProcessorFeatures),
        (AuxiliaryType.AT_PAGESZ, AddressSpace.PageSize),
        (AuxiliaryType.AT_CLKTCK, 100),
        (AuxiliaryType.AT_PHDR, places.ProgramHeaders),
        (AuxiliaryType.AT_PHENT, image.Header.SegmentSize),
        (AuxiliaryType.AT_PHNUM, image.Header.SegmentCount),
        (AuxiliaryType.AT_BASE, linkerBase),
        (AuxiliaryType.AT_FLAGS, 0),
        (AuxiliaryType.AT_ENTRY, places.Entry),
        (AuxiliaryType.AT_UID, identity.Credential.Uid),
        (AuxiliaryType.AT_EUID, identity.Credential.EffectiveUid),
        (AuxiliaryType.AT_GID, identity.Credential.Gid),
        (AuxiliaryType.AT_EGID, identity.Credential.EffectiveGid),
        (AuxiliaryType.AT_SECURE, identity.IsSecure ? 1UL : 0),
        (AuxiliaryType.AT_RANDOM, random),
        (AuxiliaryType.AT_HWCAP2, 0),
        (AuxiliaryType.AT_EXECFN, _fileName),
        (AuxiliaryType.AT_PLATFORM, platform),
        (AuxiliaryType.AT_NULL, 0),
    ];

    // Room for a signal frame with the upper halves of the YMM registers. Linux: arch/x86/kernel/signal.c, init_sigframe_size.
    private const ulong SmallestStackWithAvx = 1776;

    // CPUID leaf 1, EDX, of a processor at the level x86-64-v2: what 64-bit mode implies.
    private const ulong ProcessorFeatures = 0x078bfbff;

    private static void Append(IReadOnlyList<byte[]> strings, byte[] block, ref int at)
    {
        foreach (byte[] s in strings)
        {
            s.CopyTo(block, at);
            at += s.Length + 1;
        }
    }

    private static void PutPointers(byte[] block, ref int at, IReadOnlyList<byte[]> strings, ulong address)
    {
        foreach (byte[] s in strings)
        {
            Put(block, ref at, address);
            address += (ulong)s.Length + 1;
        }
        Put(block, ref at, 0);
    }

    private static void Put(byte[] block, ref int at, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(at), value);
        at += 8;
    }
}

/// <summary>AT_* (man 3 getauxval).</summary>
internal enum AuxiliaryType : ulong
{
    AT_NULL = 0,
    AT_PHDR = 3,
    AT_PHENT = 4,
    AT_PHNUM = 5,
    AT_PAGESZ = 6,
    AT_BASE = 7,
    AT_FLAGS = 8,
    AT_ENTRY = 9,
    AT_UID = 11,
    AT_EUID = 12,
    AT_GID = 13,
    AT_EGID = 14,
    AT_PLATFORM = 15,
    AT_HWCAP = 16,
    AT_CLKTCK = 17,
    AT_SECURE = 23,
    AT_RANDOM = 25,
    AT_HWCAP2 = 26,
    AT_EXECFN = 31,
    AT_SYSINFO_EHDR = 33,
    AT_MINSIGSTKSZ = 51,
}
