using System.Runtime.CompilerServices;

namespace Kennel.Cpu.Translator;

/// <summary>Writes host instructions: the few that generated code is made of besides those it takes over from the guest.</summary>
internal sealed unsafe class CodeEmitter(byte* memory)
{
    // Host registers by number.
    public const int Rax = 0, Rcx = 1, Rdx = 2, Rbx = 3, Rsp = 4, Rbp = 5, Rsi = 6, Rdi = 7;

    /// <summary>Scratch registers: addresses and targets; whatever else is needed.</summary>
    public const int T = 11, U = 10;

    /// <summary>The host register that holds the guest's stack pointer.</summary>
    public const int Stack = 15;

    // Opcodes "reg, rm" unless the name says otherwise; two-byte ones with their 0F.
    public const int Mov = 0x8b, Store = 0x89, Lea = 0x8d, Add = 0x03, Sub = 0x2b, Cmp = 0x3b, Xor = 0x33, Test = 0x85, And = 0x23,
        MovupsLoad = 0x0f10, MovupsStore = 0x0f11, Mxcsr = 0x0fae, FxImage = 0x0fae, CmovAbove = 0x0f47, Movsxd = 0x63, MovsxWord = 0x0fbf, Movzx = 0x0fb7, StoreConstant = 0xc7;

    // Conditions.
    public const int Below = 2, AboveOrEqual = 3, Equal = 4, NotEqual = 5, BelowOrEqual = 6, Above = 7, Greater = 15, Negative = 8;

    /// <summary>Set when something is written that changes T, or U.</summary>
    public bool HasChangedT { get; set; }

    /// <inheritdoc cref="HasChangedT"/>
    public bool HasChangedU { get; set; }

    /// <summary>Offset of the next byte in code memory.</summary>
    public int Position { get; set; }

    /// <summary>Of a power of two. BitOperations would keep whoever calls it from being compiled ahead of time.</summary>
    public static int Log2(int value)
    {
        int log = 0;
        while (value >> log > 1) log++;
        return log;
    }

    public void Byte(int value) => memory[Position++] = (byte)value;

    /// <summary>Whole instructions, any of which may change T and U.</summary>
    public void Bytes(byte* from, int count)
    {
        HasChangedT = HasChangedU = true;
        int rest = count;
        for (; rest >= sizeof(ulong); rest -= sizeof(ulong), from += sizeof(ulong)) UInt64(Unsafe.ReadUnaligned<ulong>(from));
        for (; rest > 0; rest--) Byte(*from++);
    }

    /// <summary>Data, as it lies in memory.</summary>
    public void Data<T>(in T data) where T : unmanaged
    {
        Unsafe.WriteUnaligned(memory + Position, data);
        Position += sizeof(T);
    }

    public void Int32(int value)
    {
        Unsafe.WriteUnaligned(memory + Position, value);
        Position += 4;
    }

    public void UInt64(ulong value)
    {
        Unsafe.WriteUnaligned(memory + Position, value);
        Position += 8;
    }

    /// <summary>An instruction with a register and a field of the context.</summary>
    public void Context(int opcode, int register, int field, bool wide = true)
    {
        NoteChange(opcode, register);
        int modRm = 0x04 | ((register & 7) << 3);
        if (wide && opcode <= 0xff)
        {
            // As it is nearly always, in two pieces.
            Int32(0x65 | ((0x48 | (register >> 3 << 2)) << 8) | (opcode << 16) | (modRm << 24));
        }
        else
        {
            Byte(0x65);
            Rex(wide, register, 0, 0);
            Opcode(opcode);
            Byte(modRm);
        }
        Byte(0x25);
        Int32(field);
    }

    /// <summary>Subtracts a small constant from a field of the context.</summary>
    public void SubtractFromContext(int field, int value)
    {
        Byte(0x65);
        Byte(0x48);
        Byte(0x83);
        Byte(0x2c);
        Byte(0x25);
        Int32(field);
        Byte(value);
    }

    /// <summary>An instruction with a register and [base + displacement].</summary>
    public void Memory(int opcode, int register, int start, int displacement = 0, bool wide = true)
    {
        NoteChange(opcode, register);
        Rex(wide, register, 0, start);
        Opcode(opcode);
        int mode = ModeOf(start, displacement);
        Byte(mode | ((register & 7) << 3) | (start & 7));
        if ((start & 7) == 4) Byte(0x24);
        if (mode == 0x40) Byte(displacement);
        else if (mode == 0x80) Int32(displacement);
    }

    /// <summary>An instruction with a register and [base + index + displacement].</summary>
    public void Indexed(int opcode, int register, int start, int index, int displacement, bool wide = true)
    {
        NoteChange(opcode, register);
        Rex(wide, register, index, start);
        Opcode(opcode);
        int mode = ModeOf(start, displacement);
        Byte(mode | 4 | ((register & 7) << 3));
        Byte(((index & 7) << 3) | (start & 7));
        if (mode == 0x40) Byte(displacement);
        else if (mode == 0x80) Int32(displacement);
    }

    /// <summary>The mod field of an operand at a base (-1 for none, with no need of it) and a displacement: how many bytes that takes (Intel SDM, volume 2A, table 2-2).</summary>
    public static int ModeOf(int start, int displacement) => displacement == 0 && (start & 7) != 5 ? 0 : displacement is >= -128 and < 128 ? 0x40 : 0x80;

    /// <summary>An instruction with two registers.</summary>
    public void Registers(int opcode, int register, int other, bool wide = true)
    {
        NoteChange(Mov, register);
        NoteChange(Mov, other);
        Rex(wide, register, 0, other);
        Opcode(opcode);
        Byte(0xc0 | ((register & 7) << 3) | (other & 7));
    }

    /// <summary>A register becomes what another one is.</summary>
    public void Move(int register, int other, bool wide = true)
    {
        NoteChange(Mov, register);
        Rex(wide, register, 0, other);
        Byte(Mov);
        Byte(0xc0 | ((register & 7) << 3) | (other & 7));
    }

    /// <summary>A register becomes an address, flags being left alone: lea, or mov, which costs nothing; -1 for no base or index. With <paramref name="narrow"/> the address is cut to 32 bits.</summary>
    public void Address(int register, int start, int index, int shift, int displacement, bool narrow = false, bool wide = true)
    {
        if (start >= 0 && index < 0 && displacement == 0 && !narrow)
        {
            if (start != register || !wide) Move(register, start, wide);
            return;
        }
        NoteChange(Mov, register);
        if (narrow) Byte(0x67);
        Rex(wide, register, Math.Max(index, 0), Math.Max(start, 0));
        Byte(Lea);
        int low = (register & 7) << 3;
        if (start < 0)
        {
            Byte(low | 4);
            Byte((shift << 6) | ((index < 0 ? 4 : index & 7) << 3) | 5);
            Int32(displacement);
            return;
        }
        int mode = ModeOf(start, displacement);
        if (index >= 0 || (start & 7) == 4)
        {
            Byte(mode | low | 4);
            Byte((shift << 6) | ((index < 0 ? 4 : index & 7) << 3) | (start & 7));
        }
        else
        {
            Byte(mode | low | (start & 7));
        }
        if (mode == 0x40) Byte(displacement);
        else if (mode == 0x80) Int32(displacement);
    }

    /// <summary>Loads a constant, leaving flags alone.</summary>
    public void Constant(int register, ulong value)
    {
        NoteChange(Mov, register);
        if (value <= uint.MaxValue)
        {
            if (register >= 8) Byte(0x41);
            Byte(0xb8 | (register & 7));
            Int32((int)(uint)value);
            return;
        }
        Byte(register >= 8 ? 0x49 : 0x48);
        Byte(0xb8 | (register & 7));
        UInt64(value);
    }

    /// <summary>A conditional jump to be completed by <see cref="Bind"/>; answers its place.</summary>
    public int Jump(int condition)
    {
        Byte(0x0f);
        Byte(0x80 | condition);
        Int32(0);
        return Position - 4;
    }

    /// <summary>An unconditional jump to be completed by <see cref="Bind"/>.</summary>
    public int Jump()
    {
        Byte(0xe9);
        Int32(0);
        return Position - 4;
    }

    /// <summary>A jump to a known place.</summary>
    public void JumpTo(int place)
    {
        Byte(0xe9);
        Int32(place - Position - 4);
    }

    /// <summary>The same, or a conditional one if that is not negative, whose displacement can be changed while others run it.</summary>
    public int LinkableJump(int condition)
    {
        int ahead = condition < 0 ? 1 : 2;
        AlignDisplacement(ahead);
        return condition < 0 ? Jump() : Jump(condition);
    }

    /// <summary>A call of the same kind.</summary>
    public int LinkableCall()
    {
        AlignDisplacement(1);
        CallTo(Position + 5);
        return Position - 4;
    }

    public void JumpTo(int condition, int place)
    {
        Byte(0x0f);
        Byte(0x80 | condition);
        Int32(place - Position - 4);
    }

    /// <summary>A jump, with the host address of what follows it in T or U: no call, or the processor would predict returns wrongly from then on.</summary>
    public void ExitTo(int place, int register)
    {
        Byte(0x4c); // lea register, [rip + length of the jump]
        Byte(Lea);
        Byte(0x05 | ((register & 7) << 3));
        Int32(5);
        JumpTo(place);
    }

    public void CallTo(int place)
    {
        Byte(0xe8);
        Int32(place - Position - 4);
    }

    /// <summary>Makes an earlier jump lead here.</summary>
    public void Bind(int place) => Unsafe.WriteUnaligned(memory + place, Position - place - 4);

    /// <summary>Makes an earlier jump lead to a place. The displacement is written at once where it is aligned.</summary>
    public void Link(int place, int target) => Unsafe.WriteUnaligned(memory + place, target - place - 4);

    /// <summary>Pads so that the byte <paramref name="ahead"/> from here lies on a multiple.</summary>
    public void Align(int multiple, int ahead = 0)
    {
        Idle(-(Position + ahead) & (multiple - 1));
    }

    // So that the four bytes ahead lie within eight.
    private void AlignDisplacement(int ahead)
    {
        const int prefix = 0x2e; // means nothing to a jump, and costs less than an instruction that does nothing
        int at = (Position + ahead) & 7;
        for (int n = at > 4 ? 8 - at : 0; n > 0; n--) Byte(prefix);
    }

    // As few instructions that do nothing as take so many bytes (Intel SDM, volume 2B, NOP).
    private void Idle(int count)
    {
        for (; count > 0; count -= Math.Min(count, 8))
        {
            ulong bytes = count switch
            {
                1 => 0x90,
                2 => 0x90_66,
                3 => 0x00_1f_0f,
                4 => 0x00_40_1f_0f,
                5 => 0x00_00_44_1f_0f,
                6 => 0x00_00_44_1f_0f_66,
                7 => 0x00_00_00_00_80_1f_0f,
                _ => 0x00_00_00_00_00_84_1f_0f,
            };
            for (int i = 0; i < Math.Min(count, 8); i++) Byte((byte)(bytes >> (8 * i)));
        }
    }

    public void Push(int register)
    {
        if (register >= 8) Byte(0x41);
        Byte(0x50 | (register & 7));
    }

    public void Pop(int register)
    {
        NoteChange(Mov, register);
        if (register >= 8) Byte(0x41);
        Byte(0x58 | (register & 7));
    }

    /// <summary>Bytes of <see cref="SaveFlags"/>.</summary>
    public const int SaveFlagsLength = 3 + 1 + 3 + 9 + 3;

    /// <summary>Guest flags from the processor to the context. Uses U.</summary>
    public void SaveFlags()
    {
        Registers(Mov, U, Rax);
        Byte(0x9f); // lahf
        Byte(0x0f); // seto al
        Byte(0x90);
        Byte(0xc0);
        Byte(0x66);
        StoreFlagBytes();
        Registers(Mov, Rax, U);
    }

    /// <summary>Bytes of <see cref="RestoreFlags"/>.</summary>
    public const int RestoreFlagsLength = 3 + 9 + 2 + 1 + 3;

    /// <summary>Guest flags from the context to the processor. Uses U.</summary>
    public void RestoreFlags()
    {
        Registers(Mov, U, Rax);
        Byte(0x65); // movzx eax, word ptr gs:[flags]
        Byte(0x0f);
        Byte(0xb7);
        Byte(0x04);
        Byte(0x25);
        Int32(TranslatorContext.FlagsAt);
        Byte(0x04); // add al, 7fh
        Byte(0x7f);
        Byte(0x9e); // sahf
        Registers(Mov, Rax, U);
    }

    private void StoreFlagBytes()
    {
        Byte(0x65); // mov gs:[flags], ax
        Byte(Store);
        Byte(0x04);
        Byte(0x25);
        Int32(TranslatorContext.FlagsAt);
    }

    private void NoteChange(int opcode, int register)
    {
        if (opcode is Store or Cmp) return;
        HasChangedT |= register == T;
        HasChangedU |= register == U;
    }

    private void Opcode(int opcode)
    {
        if (opcode > 0xff) Byte(opcode >> 8);
        Byte(opcode);
    }

    private void Rex(bool wide, int register, int index, int start)
    {
        int rex = (wide ? 8 : 0) | (register >> 3 << 2) | (index >> 3 << 1) | (start >> 3);
        if (rex != 0) Byte(0x40 | rex);
    }
}
