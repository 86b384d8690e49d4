using Iced.Intel;
using Kennel.Cpu.Hosted;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>
/// What an instruction group lowers an instruction into: appends ops to the run being decoded. A group's
/// <c>static bool Lower(in Instruction i, ref OpBuilder b)</c> answers false for what is not its own.
/// </summary>
internal unsafe ref struct OpBuilder
{
    private readonly Op* _ops;
    private readonly ulong _page;

    /// <param name="ops">Room for the ops of one instruction at least (8) beyond what is there.</param>
    /// <param name="page">Guest address (as decoded) of the page; instruction pointers given by Iced minus this are offsets.</param>
    public OpBuilder(Op* ops, ulong page)
    {
        _ops = ops;
        _page = page;
    }

    /// <summary>Ops so far.</summary>
    public int Length { get; private set; }

    /// <summary>Whether nobody can see the status flags that this instruction leaves: a variant that sets none will do.</summary>
    public bool FlagsDead { get; set; }

    /// <summary>Whether the instruction is to run alone: a repeated one does a single round then.</summary>
    public bool SingleStep { get; init; }

    /// <summary>What has the host's processor run instructions of x86-64-v3; null where the guest's has none.</summary>
    public HostInstructions? Host { get; init; }

    /// <summary>Where the page's first byte lies, or would lie: only the bytes of the instruction at hand may be read.</summary>
    public byte* PageBytes { get; init; }

    /// <summary>An op already appended.</summary>
    public readonly ref Op this[int index] => ref _ops[index];

    /// <summary>Appends an op for instruction <paramref name="i"/>, with offset and length filled in.</summary>
    public ref Op Add(in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        ref Op op = ref _ops[Length++];
        op = default;
        op.Run = run;
        op.Base = op.Index = CpuState.Zero;
        op.Offset = (ushort)(i.IP - _page);
        op.Length = (byte)i.Length;
        return ref op;
    }

    /// <summary>
    /// Appends an op whose memory operand is that of <paramref name="i"/>. Where the operand has a segment base besides two
    /// registers, or is 32 bits wide, an op that computes the address into <see cref="CpuState.Scratch"/> goes first.
    /// </summary>
    public ref Op AddMemory(in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        byte segment = i.SegmentPrefix switch
        {
            Register.FS => CpuState.FsBase,
            Register.GS => CpuState.GsBase,
            _ => CpuState.Zero,
        };
        Register @base = i.MemoryBase, index = i.MemoryIndex;
        bool narrow = IsNarrow(i, @base, index);
        byte baseSlot = Slot(@base), indexSlot = Slot(index), scale = 0;
        if (indexSlot != CpuState.Zero) scale = ScaleShift(i.MemoryIndexScale);
        long disp = Displacement(i, baseSlot);
        if (narrow || (segment != CpuState.Zero && baseSlot != CpuState.Zero && indexSlot != CpuState.Zero))
        {
            ref Op lea = ref Add(i, narrow ? &AddressInto32 : &AddressInto64);
            (lea.Base, lea.Index, lea.Scale, lea.Disp) = (baseSlot, indexSlot, scale, disp);
            (baseSlot, indexSlot, scale, disp) = (CpuState.Scratch, CpuState.Zero, 0, 0);
        }
        if (segment != CpuState.Zero)
        {
            if (baseSlot == CpuState.Zero) baseSlot = segment;
            else (indexSlot, scale) = indexSlot == CpuState.Zero ? (segment, (byte)0) : throw new InvalidOperationException("Two registers and a segment.");
        }
        ref Op op = ref Add(i, run);
        (op.Base, op.Index, op.Scale, op.Disp) = (baseSlot, indexSlot, scale, disp);
        return ref op;
    }

    /// <summary>Appends an op whose operand address is the effective address alone, as lea has it: no segment base.</summary>
    public ref Op AddAddress(in Instruction i, Handler run)
    {
        Register @base = i.MemoryBase, index = i.MemoryIndex;
        bool narrow = IsNarrow(i, @base, index);
        ref Op op = ref Add(i, narrow ? &AddressInto32 : run);
        (op.Base, op.Index, op.Scale) = (Slot(@base), Slot(index), ScaleShift(i.MemoryIndexScale));
        op.Disp = Displacement(i, op.Base);
        if (!narrow) return ref op;
        ref Op last = ref Add(i, run);
        last.Base = CpuState.Scratch;
        return ref last;
    }

    /// <summary>Appends a direct near jump.</summary>
    public ref Op AddJump(in Instruction i, Handler run)
    {
        ref Op op = ref Add(i, run);
        op.Jump = (int)(i.NearBranchTarget - i.NextIP);
        return ref op;
    }

    /// <summary>The bytes of the instruction, prefixes and all.</summary>
    public readonly ReadOnlySpan<byte> BytesOf(in Instruction i) => new(PageBytes + (i.IP - _page), i.Length);

    /// <summary>Whether the address size is 32 bits.</summary>
    public static bool IsNarrow(in Instruction i) => IsNarrow(i, i.MemoryBase, i.MemoryIndex);

    /// <summary>Slot of a general register, whatever its width; the zero slot for none.</summary>
    public static byte Slot(Register register) => Registers.SlotOf(register);

    /// <summary>Number of an XMM register.</summary>
    public static byte XmmSlot(Register register) => (byte)(register - Register.XMM0);

    private readonly long Displacement(in Instruction i, byte baseSlot) =>
        (long)(baseSlot == CpuState.CodeBase ? i.IPRelativeMemoryAddress - _page : i.MemoryDisplacement64);

    private static bool IsNarrow(in Instruction i, Register @base, Register index) =>
        Registers.IsNarrow(@base) || Registers.IsNarrow(index) ||
        (@base == Register.None && index == Register.None && i.MemoryDisplSize == 4);

    private static byte ScaleShift(int scale) => scale switch { 2 => 1, 4 => 2, 8 => 3, _ => 0 };

    private static Op* AddressInto64(CpuState* s, Op* op)
    {
        s->R[CpuState.Scratch] = Memory.Address(s, op);
        return Transfer.Next(s, op);
    }

    private static Op* AddressInto32(CpuState* s, Op* op)
    {
        s->R[CpuState.Scratch] = (uint)Memory.Address(s, op);
        return Transfer.Next(s, op);
    }
}
