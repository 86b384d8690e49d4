using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Finds the accesses of a block that lie at constant distances from the stack pointer, pushes and pops among them, so that one
/// check can stand for all of them.
/// </summary>
/// <remarks>Guarded by the store's gate.</remarks>
internal sealed class StackGroups
{
    /// <summary>Bytes that one check may cover.</summary>
    private const int LargestSpan = 512;

    /// <summary>Bytes from the stack pointer that are near enough.</summary>
    private const int Farthest = 1 << 20;

    private readonly Group?[] _groupOf;
    private readonly Group?[] _groups; // used again for each block
    private int _used;
    private ulong _within; // bit n: a check before instruction n is relied on there or behind it
    private Group? _open;
    private int _offset; // of the stack pointer, to where it was at the open group's first instruction

    public StackGroups(int longestBlock)
    {
        _groupOf = new Group?[longestBlock];
        _groups = new Group?[longestBlock];
    }

    /// <summary>Accesses that one check covers.</summary>
    public sealed class Group
    {
        /// <summary>The check is before this instruction.</summary>
        public int First { get; private set; }
        public int Last { get; set; }
        /// <summary>First byte and one past the last, from the stack pointer before the first instruction.</summary>
        public int Start { get; set; }

        /// <inheritdoc cref="Start"/>
        public int End { get; set; }
        public bool Writes { get; set; }

        internal void Begin(int first) => (First, Last, Start, End, Writes) = (first, first, int.MaxValue, int.MinValue, false);
    }

    /// <summary>The group that an instruction's stack accesses belong to; null if they are checked one by one.</summary>
    public Group? this[int n] => _groupOf[n];

    /// <summary>Whether a group has been checked before an instruction and has accesses at or behind it.</summary>
    public bool IsWithin(int n) => (_within >> n & 1) != 0;

    /// <summary>Looks at a block.</summary>
    public void Find(ReadOnlySpan<Instruction> block, Func<Code, bool> writesMemory, ulong joins)
    {
        _within = 0;
        _used = 0;
        _open = null;
        Span<(long Start, int Size, bool Write)> accesses = stackalloc (long, int, bool)[2];
        for (int n = 0; n < block.Length; n++)
        {
            ref readonly Instruction i = ref block[n];
            _groupOf[n] = null;
            if ((joins >> n & 1) != 0) _open = null;
            int offset = _open == null ? 0 : _offset;
            int count = AccessesOf(i, writesMemory, accesses);
            if (count > 0) Add(n, accesses[..count], offset);
            Move(i);
        }
    }

    /// <summary>Whether the instruction's memory operand is at a constant distance from the stack pointer.</summary>
    public static bool IsOnStack(in Instruction i) =>
        i.MemoryBase == Register.RSP && i.MemoryIndex == Register.None && i.MemorySegment is not (Register.FS or Register.GS);

    // Relative to the stack pointer before the instruction.
    private static int AccessesOf(in Instruction i, Func<Code, bool> writesMemory, Span<(long Start, int Size, bool Write)> accesses)
    {
        int count = 0;
        bool operand = IsOnStack(i) && i.Mnemonic is not (Mnemonic.Lea or Mnemonic.Nop) && (i.Op0Kind == OpKind.Memory || i.Op1Kind == OpKind.Memory || i.Op2Kind == OpKind.Memory);
        if (operand)
        {
            accesses[count++] = ((long)i.MemoryDisplacement64, i.MemorySize.GetSize(), i.FlowControl == FlowControl.Next && i.Mnemonic != Mnemonic.Push && writesMemory(i.Code));
        }
        if (i.Mnemonic == Mnemonic.Push || i.FlowControl is FlowControl.Call or FlowControl.IndirectCall && i.Mnemonic == Mnemonic.Call) accesses[count++] = (-8, 8, true);
        else if (i.Mnemonic == Mnemonic.Pop || i.FlowControl == FlowControl.Return) accesses[count++] = (0, 8, false);
        return count;
    }

    // An instruction is in a group with all its stack accesses or with none.
    private void Add(int n, ReadOnlySpan<(long Start, int Size, bool Write)> accesses, int offset)
    {
        long start = long.MaxValue, end = long.MinValue;
        bool writes = false;
        foreach ((long first, int size, bool write) in accesses)
        {
            start = Math.Min(start, first + offset);
            end = Math.Max(end, first + size + offset);
            writes |= write;
        }
        if (_open == null || Math.Max(_open.End, end) - Math.Min(_open.Start, start) > LargestSpan)
        {
            if (_open != null) (start, end) = (start - offset, end - offset);
            if (end - start > LargestSpan || start is < -Farthest or > Farthest) return;
            _open = _groups[_used++] ??= new Group();
            _open.Begin(n);
            _offset = 0;
        }
        _open.Start = (int)Math.Min(_open.Start, start);
        _open.End = (int)Math.Max(_open.End, end);
        _open.Writes |= writes;
        _open.Last = n;
        _groupOf[n] = _open;
        _within |= (2UL << n) - (2UL << _open.First);
    }

    // What the instruction makes of the stack pointer.
    private void Move(in Instruction i)
    {
        if (_open == null) return;
        switch (i.Mnemonic)
        {
            case Mnemonic.Push:
                _offset -= 8;
                return;
            case Mnemonic.Pop when i.Op0Register != Register.RSP:
                _offset += 8;
                return;
            case Mnemonic.Add or Mnemonic.Sub when i.Op0Register == Register.RSP && i.Op1Kind is OpKind.Immediate8to64 or OpKind.Immediate32to64:
                long by = (long)i.GetImmediate(1);
                Shift(i.Mnemonic == Mnemonic.Add ? by : -by);
                return;
            case Mnemonic.Lea when i.Op0Register == Register.RSP && IsOnStack(i):
                Shift((long)i.MemoryDisplacement64);
                return;
            case Mnemonic.Leave:
                _open = null;
                return;
        }
        if (i.FlowControl == FlowControl.Next && i.Mnemonic is not (Mnemonic.Cmp or Mnemonic.Test) && MayWrite(i)) _open = null;
    }

    private void Shift(long by)
    {
        if (by is > -(1 << 20) and < 1 << 20) _offset += (int)by;
        else _open = null;
    }

    // Any mention of it as a register operand, but as the source of a mov.
    private static bool MayWrite(in Instruction i)
    {
        if (i.Mnemonic == Mnemonic.Mov) return IsStackPointer(i, 0);
        for (int n = 0; n < i.OpCount; n++)
        {
            if (IsStackPointer(i, n)) return true;
        }
        return false;
    }

    private static bool IsStackPointer(in Instruction i, int n) =>
        i.GetOpKind(n) == OpKind.Register && i.GetOpRegister(n) is Register.RSP or Register.ESP or Register.SP or Register.SPL;
}
