using Iced.Intel;
using Kennel.Cpu.Interpreter;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Finds the accesses of a block that follow each other at constant distances from the same register (or the same two, or none: from an
/// address), so that one check can stand for all of them.
/// </summary>
/// <remarks>
/// What T holds is kept in the context where something between them needs T. That the register is changed by nothing but
/// constants is certain. Guarded by the store's gate.
/// </remarks>
internal sealed class BaseGroups(int longestBlock, BaseGroups.Question isAccess, Func<Code, bool> writesMemory)
{
    /// <summary>Bytes that one check may cover.</summary>
    public const int LargestSpan = 256;

    // Displacements that can be added to and subtracted from.
    private const int Farthest = 1 << 30;

    /// <summary>Groups that may be open at a time.</summary>
    public const int MostOpen = 6;

    private readonly Group?[] _groupOf = new Group?[longestBlock];
    private readonly Group?[] _groups = new Group?[longestBlock]; // used again for each block
    private int _used;
    private readonly int[] _shift = new int[longestBlock];
    private readonly Group?[] _open = new Group?[MostOpen];
    private int _openCount;
    private readonly InstructionInfoFactory _information = new();
    private ulong _within; // bit n: a check before instruction n is relied on there or behind it

    /// <summary>Asks something of an instruction.</summary>
    public delegate bool Question(in Instruction i);

    /// <summary>Accesses that one check covers.</summary>
    public sealed class Group
    {
        /// <summary>The check is before this instruction.</summary>
        public int First { get; private set; }
        public int Last { get; set; }
        public Register Register { get; private set; }
        public Register Index { get; private set; }
        public int Scale { get; private set; }

        /// <summary>Bit by bit, which registers they are.</summary>
        internal int Registers { get; private set; }

        /// <summary>A number that no other group has that is open at the same time.</summary>
        public int Place { get; private set; }

        /// <summary>First byte and one past the last, as displacements before the first instruction.</summary>
        public long Start { get; set; }

        /// <inheritdoc cref="Start"/>
        public long End { get; set; }
        public bool Writes { get; set; }

        /// <summary>Whether something between its accesses needs T, so that what it holds had better be kept elsewhere.</summary>
        public bool IsInterrupted { get; set; }

        /// <summary>Whether distances are from an address that is a constant.</summary>
        public bool IsConstant => Register is Register.RIP or Register.None && Index == Register.None;

        /// <summary>What has been added to its register since its first instruction.</summary>
        internal int Moved { get; set; }

        /// <summary>Whether something has needed T since its last access, and whether there was a branch since its first.</summary>
        internal bool HasLostScratch { get; set; }

        /// <inheritdoc cref="HasLostScratch"/>
        internal bool HasBranched { get; set; }

        internal void Begin(int n, in Instruction i, int place)
        {
            (First, Last, Place) = (n, n, place);
            (Register, Index, Scale) = (i.MemoryBase, i.MemoryIndex, i.MemoryIndexScale);
            Registers = BitOf(Register) | BitOf(Index);
            Start = End = (long)i.MemoryDisplacement64;
            Moved = 0;
            Writes = IsInterrupted = HasLostScratch = HasBranched = false;
        }
    }

    /// <summary>The group that an instruction's access belongs to; null if it is checked alone.</summary>
    public Group? this[int n] => _groupOf[n];

    /// <summary>What has been added to the group's register between its first instruction and this one of it.</summary>
    public int ShiftAt(int n) => _shift[n];

    /// <summary>Whether a group's check was before an instruction, and accesses of it are at or behind it.</summary>
    public bool IsWithin(int n) => (_within >> n & 1) != 0;

    /// <summary>Looks at a block.</summary>
    /// <param name="block">Its instructions.</param>
    /// <param name="joins">Bit n: instruction n is jumped to from before it.</param>
    public void Find(ReadOnlySpan<Instruction> block, ulong joins)
    {
        _within = 0;
        _used = 0;
        for (int n = 0; n < block.Length; n++)
        {
            ref readonly Instruction i = ref block[n];
            _groupOf[n] = null;
            if ((joins >> n & 1) != 0) CloseAll();
            bool hasOperand = HasOperand(i);
            if (hasOperand && IsMember(i)) Add(n, i);
            if (_openCount == 0) continue;
            if (hasOperand || IsOtherwiseScratch(i)) Interrupt(_groupOf[n]);
            Follow(i);
        }
        CloseAll();
    }

    private bool IsMember(in Instruction i) =>
        !StackGroups.IsOnStack(i) && i.MemorySegment is not (Register.FS or Register.GS) &&
        !Registers.IsNarrow(i.MemoryBase) && !Registers.IsNarrow(i.MemoryIndex) &&
        i.MemorySize.GetSize() is 1 or 2 or 4 or 8 or 16 or 32 && !NamesHighByte(i) && isAccess(i);

    /// <summary>Whether the address of a memory operand is a constant.</summary>
    public static bool IsAtConstant(in Instruction i) =>
        i.MemoryBase is Register.RIP or Register.None && i.MemoryIndex == Register.None && i.MemorySegment is not (Register.FS or Register.GS);

    /// <summary>Whether it accesses memory by a memory operand.</summary>
    public static bool HasOperand(in Instruction i) =>
        (i.Op0Kind == OpKind.Memory || i.Op1Kind == OpKind.Memory || i.Op2Kind == OpKind.Memory) &&
        i.FlowControl == FlowControl.Next && !i.IsStackInstruction && !i.IsStringInstruction && i.Mnemonic is not (Mnemonic.Lea or Mnemonic.Nop);

    // AH to BH: what names one is not put together in this way.
    private static bool NamesHighByte(in Instruction i)
    {
        for (int n = 0; n < i.OpCount; n++)
        {
            if (i.GetOpKind(n) == OpKind.Register && i.GetOpRegister(n) is Register.AH or Register.BH or Register.CH or Register.DH) return true;
        }
        return false;
    }

    /// <summary>Whether code for an instruction changes T, so that a group's next access is better the first of another, and, as a rule, the flags.</summary>
    public static bool NeedsScratch(in Instruction i) => HasOperand(i) || IsOtherwiseScratch(i);

    private static bool IsOtherwiseScratch(in Instruction i) =>
        i.IsStackInstruction || i.IsStringInstruction || i.Mnemonic is Mnemonic.Div or Mnemonic.Idiv;

    private void Add(int n, in Instruction i)
    {
        bool write = writesMemory(i.Code);
        int size = i.MemorySize.GetSize();
        int place = PlaceFor(i);
        if (_open[place] is { } open && !Fits(open, i, size, write)) Close(place);
        Group? group = _open[place];
        long start = (long)i.MemoryDisplacement64 + (group?.Moved ?? 0);
        if (group == null)
        {
            group = _groups[_used] ??= new Group();
            group.Begin(n, i, place);
            if (!group.IsConstant && start is < -Farthest or > Farthest) return;
            _used++;
            _open[place] = group;
            _openCount++;
        }
        group.Start = Math.Min(group.Start, start);
        group.End = Math.Max(group.End, start + size);
        group.Writes |= write;
        group.IsInterrupted |= group.HasLostScratch;
        group.HasLostScratch = false;
        group.Last = n;
        _within |= (2UL << n) - (2UL << group.First);
        _groupOf[n] = group;
        _shift[n] = group.Moved;
    }

    private static bool IsNear(Group group, in Instruction i) =>
        i.MemoryBase == group.Register && i.MemoryIndex == group.Index && i.MemoryIndexScale == group.Scale;

    private static bool Fits(Group group, in Instruction i, int size, bool write)
    {
        long start = (long)i.MemoryDisplacement64 + group.Moved;
        return IsNear(group, i) && Math.Max(group.End, start + size) - Math.Min(group.Start, start) is > 0 and <= LargestSpan &&
            (group.Writes || !write || !group.HasBranched); // a write that may not happen must not be asked for
    }

    // Of the group near the same registers, or of none, or of the one that has not been used for longest.
    private int PlaceFor(in Instruction i)
    {
        int chosen = 0, least = int.MaxValue;
        for (int place = 0; place < MostOpen; place++)
        {
            if (_open[place] is { } group && IsNear(group, i)) return place;
            int last = _open[place]?.Last ?? -1;
            if (last < least) (chosen, least) = (place, last);
        }
        return chosen;
    }

    private void CloseAll()
    {
        for (int place = 0; place < MostOpen; place++) Close(place);
    }

    private void Close(int place)
    {
        if (_open[place] is not { } group) return;
        if (group.Last == group.First) _groupOf[group.First] = null;
        _open[place] = null;
        _openCount--;
    }

    private void Interrupt(Group? own)
    {
        foreach (Group? group in _open)
        {
            if (group != null && group != own) group.HasLostScratch = true;
        }
    }

    // What the instruction makes of the open groups' registers.
    private void Follow(in Instruction i)
    {
        int changed = -1;
        for (int place = 0; place < MostOpen; place++)
        {
            if (_open[place] is not { } group) continue;
            group.HasBranched |= i.FlowControl != FlowControl.Next;
            if (group.IsConstant) continue;
            if (changed < 0) changed = ChangedBy(i);
            if ((changed & group.Registers) == 0) continue;
            if (group.Index == Register.None && TryGetStep(i, group.Register, out long step) && Math.Abs(group.Moved + step) <= LargestSpan) group.Moved += (int)step;
            else Close(place);
        }
    }

    // Bit by bit, the registers that an instruction changes. The frequent ones first: of them it is the first operand, or none.
    private int ChangedBy(in Instruction i)
    {
        if (i.Mnemonic is Mnemonic.Cmp or Mnemonic.Test || i.FlowControl == FlowControl.ConditionalBranch && i.IsJccShortOrNear) return 0;
        if (i.Mnemonic is Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd or Mnemonic.Lea or Mnemonic.Add or Mnemonic.Sub or Mnemonic.And or Mnemonic.Or or
            Mnemonic.Xor or Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Inc or Mnemonic.Dec or
            Mnemonic.Movups or Mnemonic.Movaps or Mnemonic.Movdqu or Mnemonic.Movdqa)
        {
            return i.Op0Kind == OpKind.Register ? BitOf(i.Op0Register) : 0;
        }
        int changed = 0;
        foreach (UsedRegister used in _information.GetInfo(i, InstructionInfoOptions.NoMemoryUsage).GetUsedRegisters())
        {
            if (used.Access is not (OpAccess.None or OpAccess.Read or OpAccess.CondRead or OpAccess.NoMemAccess)) changed |= BitOf(used.Register);
        }
        return changed;
    }

    private static int BitOf(Register register) => register.IsGPR() ? 1 << Interpreter.Registers.SlotOf(register) : 0;

    private static bool TryGetStep(in Instruction i, Register register, out long step)
    {
        step = 0;
        if (i.Op0Kind != OpKind.Register || i.Op0Register != register) return false;
        switch (i.Mnemonic)
        {
            case Mnemonic.Inc or Mnemonic.Dec:
                step = i.Mnemonic == Mnemonic.Inc ? 1 : -1;
                return true;
            case Mnemonic.Add or Mnemonic.Sub when i.Op1Kind is OpKind.Immediate8to64 or OpKind.Immediate32to64:
                step = (long)i.GetImmediate(1) * (i.Mnemonic == Mnemonic.Add ? 1 : -1);
                return true;
            case Mnemonic.Lea when i.MemoryBase == register && i.MemoryIndex == Register.None && i.MemorySegment is not (Register.FS or Register.GS):
                step = (long)i.MemoryDisplacement64;
                return true;
            default:
                return false;
        }
    }
}
