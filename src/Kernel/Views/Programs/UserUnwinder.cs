using System.Buffers.Binary;
using Kennel.Memory;

namespace Kennel.Views.Programs;

/// <summary>
/// Walks a task's stack in user mode: by unwind tables where the code has them, by the chain of frame pointers where not. Reads memory as tracers do,
/// without faults.
/// </summary>
/// <param name="memory">The task's memory.</param>
/// <param name="registers">RAX to R15 in encoding order, and RIP.</param>
internal ref struct UserUnwinder(AddressSpace memory, ReadOnlySpan<ulong> registers)
{
    // DWARF's numbers of the sixteen registers, in encoding order: it exchanges some.
    private static ReadOnlySpan<byte> EncodingOf => [0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15];

    private readonly ReadOnlySpan<ulong> _start = registers;
    private readonly ulong[] _registers = new ulong[FrameRules.Count];

    /// <summary>Fills in return addresses, the current instruction first; answers how many.</summary>
    public readonly int Walk(Span<ulong> frames)
    {
        for (int i = 0; i < 16; i++) _registers[i] = _start[EncodingOf[i]];
        _registers[FrameRules.Return] = _start[16];
        int count = 0;
        bool isExact = true;
        while (count < frames.Length && _registers[FrameRules.Return] != 0)
        {
            frames[count++] = _registers[FrameRules.Return];
            ulong sp = _registers[FrameRules.Rsp];
            if (!Step(ref isExact) || _registers[FrameRules.Rsp] <= sp) break; // stacks grow down: a caller's frame lies higher
        }
        return count;
    }

    private readonly bool Step(ref bool isExact)
    {
        // A return address may be the first of the next function: the call is before it.
        ulong pc = _registers[FrameRules.Return], place = isExact ? pc : pc - 1;
        FrameRules? rules = FindRules(place);
        isExact = rules?.IsSignalFrame == true;
        return rules != null ? Apply(rules) : FollowFramePointer();
    }

    private readonly FrameRules? FindRules(ulong pc) =>
        memory.Kernel.Programs.Find(memory, pc, out ulong bias) is { } file ? file.Unwind?.Find(pc - bias) : null;

    private readonly bool Apply(FrameRules rules)
    {
        Rule frame = rules.Frame;
        ulong? cfa = frame.Kind switch
        {
            RuleKind.InRegister => (uint)frame.Register < FrameRules.Count ? _registers[frame.Register] + (ulong)frame.Offset : null,
            RuleKind.Expression => Evaluate(frame.Expression!, 0),
            _ => null,
        };
        if (cfa is not { } top) return false;
        Span<ulong> caller = stackalloc ulong[FrameRules.Count];
        for (int i = 0; i < FrameRules.Count; i++)
        {
            Rule rule = rules.Registers[i];
            ulong? value = rule.Kind switch
            {
                RuleKind.Same => i == FrameRules.Rsp ? top : _registers[i],
                RuleKind.Undefined => 0,
                RuleKind.Saved => Load(top + (ulong)rule.Offset),
                RuleKind.IsFrame => top + (ulong)rule.Offset,
                RuleKind.InRegister => (uint)rule.Register < FrameRules.Count ? _registers[rule.Register] : null,
                RuleKind.SavedAtExpression => Evaluate(rule.Expression!, top) is { } at ? Load(at) : null,
                _ => Evaluate(rule.Expression!, top),
            };
            if (value == null && i == FrameRules.Return) return false;
            caller[i] = value ?? 0;
        }
        caller.CopyTo(_registers);
        return true;
    }

    private readonly bool FollowFramePointer()
    {
        ulong frame = _registers[FrameRules.Rbp];
        if (frame < _registers[FrameRules.Rsp] || (frame & 7) != 0) return false;
        if (Load(frame) is not { } next || Load(frame + 8) is not { } back) return false;
        (_registers[FrameRules.Rbp], _registers[FrameRules.Rsp], _registers[FrameRules.Return]) = (next, frame + 16, back);
        return true;
    }

    private readonly ulong? Load(ulong address)
    {
        Span<byte> bytes = stackalloc byte[8];
        return memory.Peek(address, bytes) == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : null;
    }

    // The operations that compilers and libc use in frame information (DWARF 4, 2.5).
    private readonly ulong? Evaluate(byte[] expression, ulong frame)
    {
        var stack = new Stack<ulong>();
        stack.Push(frame);
        var r = new DwarfReader(expression, 0);
        while (!r.IsAtEnd)
        {
            byte op = r.Byte();
            switch (op)
            {
                case 0x06:
                    if (Load(stack.Pop()) is not { } loaded) return null;
                    stack.Push(loaded);
                    break;
                case 0x08: stack.Push(r.Fixed(1)); break;
                case 0x09: stack.Push((ulong)(sbyte)r.Fixed(1)); break;
                case 0x0a: stack.Push(r.Fixed(2)); break;
                case 0x0c: stack.Push(r.Fixed(4)); break;
                case 0x0e: stack.Push(r.Fixed(8)); break;
                case 0x10: stack.Push(r.Unsigned()); break;
                case 0x11: stack.Push((ulong)r.Signed()); break;
                case 0x12: stack.Push(stack.Peek()); break;
                case 0x1a or 0x1c or 0x21 or 0x22 or 0x24 or 0x25 or 0x2a or 0x2d:
                    if (stack.Count < 2) return null;
                    ulong right = stack.Pop();
                    stack.Push(Combine(op, stack.Pop(), right));
                    break;
                case 0x23: stack.Push(stack.Pop() + r.Unsigned()); break;
                case >= 0x30 and <= 0x4f: stack.Push(op - 0x30u); break;
                case >= 0x70 and <= 0x80: stack.Push(_registers[op - 0x70] + (ulong)r.Signed()); break;
                default: return null;
            }
        }
        return stack.Count > 0 ? stack.Pop() : null;
    }

    private static ulong Combine(byte op, ulong left, ulong right) => op switch
    {
        0x1a => left & right,
        0x1c => left - right,
        0x21 => left | right,
        0x22 => left + right,
        0x24 => left << (int)right,
        0x25 => left >> (int)right,
        0x2a => (long)left >= (long)right ? 1u : 0,
        _ => (long)left < (long)right ? 1u : 0,
    };
}
