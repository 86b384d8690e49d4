using Iced.Intel;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>
/// Makes test vectors for an instruction form: random operands of the kinds that the form takes, random and edge values in all
/// registers, memory operands that reach into the data window in every addressing mode, and now and then outside of it.
/// </summary>
public sealed class FormGenerator(int seed)
{
    private static readonly ulong[] Edges =
    [
        0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000,
        0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_ffff_ffff, 0xffff_ffff_8000_0000, 0xffff_ffff_ffff_ff80,
    ];

    private readonly Random _random = new(seed);
    private Vector _vector;
    private Instruction _instruction;
    private int _memorySize;

    /// <summary>Whether some memory operands are to lie outside of what is mapped.</summary>
    public bool WithFaults { get; init; } = true;

    /// <summary>Fills the FXSAVE image; leaves it plain if null.</summary>
    public Action<Random, Instruction, FxWriter>? FillVectors { get; init; }

    /// <summary>Alignment that memory operands are to have, but for some that fault.</summary>
    public Func<Code, int> AlignmentOf { get; init; } = static _ => 1;

    /// <summary>Code to put behind the instruction, such as a jump that looks at its flags.</summary>
    public Func<Random, byte[]>? Suffix { get; init; }

    /// <summary>A vector for the form; false if it has an operand that this does not make.</summary>
    public bool TryCreate(Code code, out Vector vector)
    {
        for (int attempt = 0; attempt < 50; attempt++)
        {
            if (!TryOnce(code)) continue;
            vector = _vector;
            return true;
        }
        vector = default;
        return false;
    }

    /// <summary>A number, more often than not one at some edge.</summary>
    public static ulong Value(Random random) => random.Next(4) switch
    {
        0 => Edges[random.Next(Edges.Length)],
        1 => Edges[random.Next(Edges.Length)] + (ulong)random.Next(-2, 3),
        2 => (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64),
        _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
    };

    private bool TryOnce(Code code)
    {
        OpCodeInfo form = code.ToOpCode();
        _vector = Vector.Plain();
        _instruction = default;
        _instruction.Code = code;
        _memorySize = form.MemorySize.GetSize();
        _vector.Rflags = 0x202 | ((ulong)_random.Next(0x1000) & 0x8d5) | (_random.Next(8) == 0 ? 0x400u : 0);
        for (int i = 0; i < 16; i++) _vector.Gpr[i] = Value(_random);
        if (_random.Next(8) != 0) _vector.Gpr[4] = Target(8, 16);
        for (int i = 0; i < form.OpCount; i++)
        {
            if (!SetOperand(i, form.GetOpKind(i))) return false;
        }
        BoundBitOffset();
        if (form.CanUseLockPrefix && _instruction.Op0Kind == OpKind.Memory && _random.Next(2) == 0) _instruction.HasLockPrefix = true;
        if (_instruction.IsStringInstruction) PrepareString(form);
        if (_instruction.Mnemonic is Mnemonic.Loop or Mnemonic.Loope or Mnemonic.Loopne) _vector.Gpr[1] &= 0xf;
        _random.NextBytes(_vector.Data);
        FillVectors?.Invoke(_random, _instruction, new FxWriter(ref _vector.Fx));
        return Encode();
    }

    private bool Encode()
    {
        using var stream = new MemoryStream();
        var encoder = Encoder.Create(64, new StreamCodeWriter(stream));
        uint offset = 0x800 + (uint)_random.Next(64);
        if (_random.Next(10) == 0) offset = 0x1000 - (uint)_random.Next(1, 8);
        if (!encoder.TryEncode(_instruction, Layout.CodeBase + offset, out _, out _)) return false;
        if (Suffix != null) stream.Write(Suffix(_random));
        _vector.SetCode(stream.ToArray(), offset);
        return true;
    }

    private bool SetOperand(int n, OpCodeOperandKind kind)
    {
        switch (kind)
        {
            case OpCodeOperandKind.mem:
                return SetMemory(n);
            case OpCodeOperandKind.r8_or_mem:
                return _random.Next(2) == 0 ? SetMemory(n) : SetRegister(n, Byte());
            case OpCodeOperandKind.r16_or_mem:
                return _random.Next(2) == 0 ? SetMemory(n) : SetRegister(n, Register.AX + _random.Next(16));
            case OpCodeOperandKind.r32_or_mem:
                return _random.Next(2) == 0 ? SetMemory(n) : SetRegister(n, Register.EAX + _random.Next(16));
            case OpCodeOperandKind.r64_or_mem:
                return _random.Next(2) == 0 ? SetMemory(n) : SetRegister(n, Register.RAX + _random.Next(16));
            case OpCodeOperandKind.mm_or_mem:
                return _random.Next(2) == 0 ? SetMemory(n) : SetRegister(n, Register.MM0 + _random.Next(8));
            case OpCodeOperandKind.xmm_or_mem:
                return _random.Next(2) == 0 ? SetMemory(n) : SetRegister(n, Register.XMM0 + _random.Next(16));
            case OpCodeOperandKind.r8_reg or OpCodeOperandKind.r8_opcode:
                return SetRegister(n, Byte());
            case OpCodeOperandKind.r16_reg or OpCodeOperandKind.r16_rm or OpCodeOperandKind.r16_opcode:
                return SetRegister(n, Register.AX + _random.Next(16));
            case OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_rm or OpCodeOperandKind.r32_opcode:
                return SetRegister(n, Register.EAX + _random.Next(16));
            case OpCodeOperandKind.r64_reg or OpCodeOperandKind.r64_rm or OpCodeOperandKind.r64_opcode:
                return SetRegister(n, Register.RAX + _random.Next(16));
            case OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm:
                return SetRegister(n, Register.MM0 + _random.Next(8));
            case OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_rm:
                return SetRegister(n, Register.XMM0 + _random.Next(16));
            case OpCodeOperandKind.seg_reg:
                return SetRegister(n, Register.ES + _random.Next(6));
            case OpCodeOperandKind.al:
                return SetRegister(n, Register.AL);
            case OpCodeOperandKind.cl:
                return SetRegister(n, Register.CL);
            case OpCodeOperandKind.ax:
                return SetRegister(n, Register.AX);
            case OpCodeOperandKind.dx:
                return SetRegister(n, Register.DX);
            case OpCodeOperandKind.eax:
                return SetRegister(n, Register.EAX);
            case OpCodeOperandKind.rax:
                return SetRegister(n, Register.RAX);
            case OpCodeOperandKind.fs:
                return SetRegister(n, Register.FS);
            case OpCodeOperandKind.gs:
                return SetRegister(n, Register.GS);
            case OpCodeOperandKind.st0:
                return SetRegister(n, Register.ST0);
            case OpCodeOperandKind.sti_opcode:
                return SetRegister(n, Register.ST0 + _random.Next(8));
            default:
                return SetSpecial(n, kind);
        }
    }

    private bool SetSpecial(int n, OpCodeOperandKind kind)
    {
        ulong value = Value(_random);
        switch (kind)
        {
            case OpCodeOperandKind.imm8_const_1:
                return SetImmediate(n, OpKind.Immediate8, 1);
            case OpCodeOperandKind.imm8:
                bool second = n > 0 && _instruction.GetOpKind(n - 1) == OpKind.Immediate16;
                _instruction.SetOpKind(n, second ? OpKind.Immediate8_2nd : OpKind.Immediate8);
                if (second) _instruction.Immediate8_2nd = (byte)(_random.Next(4) == 0 ? value : 0);
                else _instruction.Immediate8 = (byte)value;
                return true;
            case OpCodeOperandKind.imm8sex16:
                return SetImmediate(n, OpKind.Immediate8to16, (ulong)(sbyte)value);
            case OpCodeOperandKind.imm8sex32:
                return SetImmediate(n, OpKind.Immediate8to32, (ulong)(sbyte)value);
            case OpCodeOperandKind.imm8sex64:
                return SetImmediate(n, OpKind.Immediate8to64, (ulong)(sbyte)value);
            case OpCodeOperandKind.imm16:
                return SetImmediate(n, OpKind.Immediate16, _random.Next(2) == 0 ? value & 0x7f : (ushort)value);
            case OpCodeOperandKind.imm32:
                return SetImmediate(n, OpKind.Immediate32, (uint)value);
            case OpCodeOperandKind.imm32sex64:
                return SetImmediate(n, OpKind.Immediate32to64, (ulong)(int)value);
            case OpCodeOperandKind.imm64:
                return SetImmediate(n, OpKind.Immediate64, value);
            case OpCodeOperandKind.mem_offs:
                _instruction.SetOpKind(n, OpKind.Memory);
                _instruction.MemoryDisplSize = 8;
                _instruction.MemoryDisplacement64 = Target(_memorySize, 1);
                return true;
            case OpCodeOperandKind.seg_rSI:
                _instruction.SetOpKind(n, _random.Next(6) == 0 ? OpKind.MemorySegESI : OpKind.MemorySegRSI);
                return true;
            case OpCodeOperandKind.es_rDI:
                bool narrow = n == 1 ? _instruction.Op0Kind == OpKind.MemorySegESI : n == 0 && false;
                _instruction.SetOpKind(n, narrow ? OpKind.MemoryESEDI : OpKind.MemoryESRDI);
                return true;
            case OpCodeOperandKind.seg_rBX_al:
                _instruction.SetOpKind(n, OpKind.Memory);
                (_instruction.MemoryBase, _instruction.MemoryIndex) = (Register.RBX, Register.AL);
                _vector.Gpr[3] = Target(256, 1);
                return true;
            case OpCodeOperandKind.br64_1 or OpCodeOperandKind.br64_4:
                _instruction.SetOpKind(n, OpKind.NearBranch64);
                _instruction.NearBranch64 = Layout.CodeBase + 0x840 + (ulong)_random.Next(32);
                return true;
            default:
                return false;
        }
    }

    private bool SetImmediate(int n, OpKind kind, ulong value)
    {
        _instruction.SetOpKind(n, kind);
        _instruction.SetImmediate(n, value);
        return true;
    }

    private bool SetRegister(int n, Register register)
    {
        _instruction.SetOpKind(n, OpKind.Register);
        _instruction.SetOpRegister(n, register);
        return true;
    }

    private Register Byte() => _random.Next(3) == 0 ? Register.AL + _random.Next(8) : Register.AL + _random.Next(20);

    // An address for an operand of so many bytes: in the window, half the time near the border of its two pages.
    private ulong Target(int size, int alignment)
    {
        int start = _random.Next(2) == 0
            ? _random.Next(0, Layout.WindowSize - size + 1)
            : Math.Clamp((Layout.WindowSize / 2) - _random.Next(0, size + 8), 0, Layout.WindowSize - size);
        return (Layout.WindowBase + (ulong)start) & ~(ulong)(alignment - 1);
    }

    private bool SetMemory(int n)
    {
        int alignment = AlignmentOf(_instruction.Code);
        ulong target = Target(_memorySize, _random.Next(16) == 0 ? 1 : alignment);
        if (WithFaults && _random.Next(24) == 0)
        {
            target = _random.Next(3) switch
            {
                0 => Layout.DataBase + (Layout.DataPages * 0x1000) - (ulong)_random.Next(Math.Max(_memorySize, 1)),
                1 => Layout.DataBase - (ulong)_random.Next(1, Math.Max(_memorySize, 2)),
                _ => 0x8000_0000_0000 + (ulong)_random.NextInt64(0, 1L << 62),
            };
        }
        _instruction.SetOpKind(n, OpKind.Memory);
        if (_random.Next(12) == 0)
        {
            _instruction.SegmentPrefix = Register.GS;
            target -= Layout.WindowBase;
        }
        switch (_random.Next(10))
        {
            case 0 when _instruction.SegmentPrefix == Register.None:
                _instruction.MemoryBase = Register.RIP;
                _instruction.MemoryDisplSize = 8;
                _instruction.MemoryDisplacement64 = target;
                return target < uint.MaxValue;
            case 1:
                _instruction.MemoryDisplSize = 8;
                _instruction.MemoryDisplacement64 = target;
                return target < int.MaxValue;
            case 2 when target <= uint.MaxValue:
                SetRegisters(Register.EAX, target);
                return true;
            default:
                SetRegisters(Register.RAX, target);
                return true;
        }
    }

    private void SetRegisters(Register first, ulong target)
    {
        int displacement = _random.Next(4) switch { 0 => 0, 1 => _random.Next(-128, 128), _ => _random.Next(-100_000, 100_000) };
        bool none = displacement == 0 && _random.Next(2) == 0;
        _instruction.MemoryDisplSize = none ? 0 : displacement is >= -128 and < 128 ? 1 : first == Register.RAX ? 8 : 4;
        _instruction.MemoryDisplacement64 = first == Register.RAX ? (ulong)displacement : (uint)displacement;
        int @base = _random.Next(16), index = _random.Next(16), shift = _random.Next(4);
        bool indexed = _random.Next(2) == 0 && index != 4 && index != @base;
        if (indexed && _random.Next(6) == 0)
        {
            // An index alone.
            _instruction.MemoryDisplSize = first == Register.RAX ? 8 : 4;
            _vector.Gpr[index] = (target - (ulong)displacement) >> shift;
            _instruction.MemoryIndex = first + index;
            _instruction.MemoryIndexScale = 1 << shift;
            ulong rest = target - (_vector.Gpr[index] << shift);
            _instruction.MemoryDisplacement64 = first == Register.RAX ? rest : (uint)rest;
            return;
        }
        _instruction.MemoryBase = first + @base;
        if (indexed)
        {
            _instruction.MemoryIndex = first + index;
            _instruction.MemoryIndexScale = 1 << shift;
        }
        ulong value = target - (ulong)displacement - (indexed ? _vector.Gpr[index] << shift : 0);
        _vector.Gpr[@base] = first == Register.RAX ? value : (_vector.Gpr[@base] & ~0xffff_ffffUL) | (uint)value;
    }

    // A bit offset in a register may reach far from the operand: keep it in the window.
    private void BoundBitOffset()
    {
        if (_instruction.Mnemonic is not (Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc)) return;
        if (_instruction.Op0Kind != OpKind.Memory || _instruction.Op1Kind != OpKind.Register) return;
        int slot = _instruction.Op1Register.GetFullRegister() - Register.RAX;
        bool addresses = _instruction.MemoryBase.GetFullRegister() == Register.RAX + slot || _instruction.MemoryIndex.GetFullRegister() == Register.RAX + slot;
        if (!addresses) _vector.Gpr[slot] = (ulong)_random.Next(-700, 700);
    }

    private void PrepareString(OpCodeInfo form)
    {
        _vector.Gpr[6] = Target(64, 1);
        _vector.Gpr[7] = Target(64, 1);
        _vector.Gpr[1] = (ulong)_random.Next(12);
        if (_random.Next(3) == 0) _vector.Gpr[7] = _vector.Gpr[6] + (ulong)_random.Next(-20, 20);
        if (WithFaults && _random.Next(8) == 0) _vector.Gpr[_random.Next(2) + 6] = Layout.DataBase + 0x2000 - (ulong)_random.Next(1, 30);
        if (WithFaults && _random.Next(8) == 0) _vector.Gpr[_random.Next(2) + 6] = Layout.DataBase + (ulong)_random.Next(0, 30);
        if (_random.Next(2) == 0) _vector.Rflags ^= 0x400;
        if (form.CanUseRepPrefix && _random.Next(2) == 0) _instruction.HasRepPrefix = true;
        else if (form.CanUseRepnePrefix && _random.Next(2) == 0) _instruction.HasRepnePrefix = true;
    }
}

/// <summary>Writes registers of an FXSAVE image.</summary>
public readonly ref struct FxWriter(ref FxImage image)
{
    private readonly ref FxImage _image = ref image;

    /// <summary>The image's bytes (Intel SDM, FXSAVE: x87 registers from 32 on, XMM registers from 160 on).</summary>
    public Span<byte> Bytes => _image;
}
