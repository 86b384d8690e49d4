namespace Kennel.Cpu.Translator;

/// <summary>
/// An instruction taken apart into its bytes' parts, to be put together again with other registers. Legacy encodings in 64-bit
/// mode only; whoever calls knows that the bytes are one valid instruction.
/// </summary>
internal unsafe struct InstructionRewriter
{
    /// <summary>The rm field stands for what is in memory at T, the scratch register for addresses.</summary>
    public const int AtT = -2;

    /// <summary>The rm field stands for what is in memory at host rsi, which takes no REX prefix.</summary>
    public const int AtSource = -3;

    /// <summary>Leave the field as it is.</summary>
    public const int Same = -1;

    private byte* _opcode, _immediate, _end;
    private int _opcodeLength, _rex, _prefixes, _direction;
    private bool _hasModRm, _folds;
    private int _foldRegister, _foldDisplacement, _field;
    private byte _modRm;

    // Bits of _prefixes.
    private const int Lock = 1, Repne = 2, Rep = 4, OperandSize = 8;

    /// <summary>Whether there is a memory operand.</summary>
    public readonly bool HasMemory => _hasModRm && _modRm < 0xc0;

    /// <summary>Whether there is a REX prefix.</summary>
    public readonly bool HasRex => _rex != 0;

    /// <summary>Of an x87 instruction: three bits of its first byte, and the second (Intel SDM, volume 1, 8.1.9); -1 for any other.</summary>
    public readonly int X87Opcode => _opcode[0] is >= 0xd8 and <= 0xdf ? ((_opcode[0] & 7) << 8) | _modRm : -1;

    /// <summary>Register number in the reg field.</summary>
    public readonly int Reg => (_modRm >> 3 & 7) | ((_rex & 4) << 1);

    /// <summary>Register number in the rm field, if that is a register.</summary>
    public readonly int Rm => (_modRm & 7) | ((_rex & 1) << 3);

    /// <summary>Register number in the opcode's low bits.</summary>
    public readonly int OpcodeRegister => (_opcode[_opcodeLength - 1] & 7) | ((_rex & 1) << 3);

    /// <summary>Leaves out a prefix that means nothing to this instruction, but would mean something to some hosts.</summary>
    public void DropRepeat() => _prefixes &= ~(Rep | Repne);

    /// <summary>Takes an instruction apart.</summary>
    public static InstructionRewriter Parse(byte* bytes, int length)
    {
        var r = new InstructionRewriter { _end = bytes + length };
        byte* p = r.ParsePrefixes(bytes);
        r._opcode = p;
        bool twoBytes = *p == 0x0f;
        if (twoBytes) p++;
        bool threeBytes = twoBytes && *p is 0x38 or 0x3a;
        if (twoBytes && threeBytes) p++;
        byte opcode = *p++;
        r._opcodeLength = (int)(p - r._opcode);
        r._hasModRm = twoBytes ? threeBytes || HasModRm0F(opcode) : HasModRm(opcode);
        if (r._hasModRm) p = r.ParseModRm(p);
        r._immediate = p;
        return r;
    }

    /// <summary>Makes <see cref="AtT"/> stand for what is at a register (-1 for none) plus T plus a displacement.</summary>
    public void FoldInto(int register, int displacement)
    {
        _folds = true;
        _foldRegister = register;
        _foldDisplacement = displacement;
    }

    /// <summary>Exchanges the reg and rm fields, both of registers, if there is an encoding for that: the opcode's direction bit.</summary>
    public bool TrySwap()
    {
        bool hasDirection = _opcodeLength == 1 && _opcode[0] is < 0x40 or (>= 0x88 and <= 0x8b) && (_opcode[0] & 7) < 4;
        if (!hasDirection || _modRm < 0xc0) return false;
        _direction = 2;
        _modRm = (byte)(0xc0 | ((_modRm & 7) << 3) | (_modRm >> 3 & 7));
        _rex = (_rex & ~5) | (_rex << 2 & 4) | (_rex >> 2 & 1);
        return true;
    }

    /// <summary>Makes a field of the context, through GS, stand in the place of the register that the rm field names.</summary>
    public void FoldIntoContext(int field) => _field = field;

    /// <summary>Whether <see cref="FoldIntoContext"/> has been called.</summary>
    public readonly bool IsInContext => _field != 0;

    /// <summary>
    /// Writes the instruction with other registers; answers its length, or 0 if there is no such encoding (AH to BH, and something
    /// that takes a REX prefix).
    /// </summary>
    /// <param name="to">Room for 24 bytes.</param>
    /// <param name="reg">For the reg field, or <see cref="Same"/>.</param>
    /// <param name="rm">For the rm field, or <see cref="Same"/>, <see cref="AtT"/> or <see cref="AtSource"/>; of an opcode that ends in a register, that.</param>
    /// <param name="hasHighByte">Whether a register operand is one of AH to BH.</param>
    public readonly int Write(byte* to, int reg, int rm, bool hasHighByte)
    {
        byte* start = to;
        if (IsInContext) *to++ = 0x65;
        if ((_prefixes & Lock) != 0) *to++ = 0xf0;
        if ((_prefixes & Repne) != 0) *to++ = 0xf2;
        if ((_prefixes & Rep) != 0) *to++ = 0xf3;
        if ((_prefixes & OperandSize) != 0) *to++ = 0x66;
        int modRm = _modRm, rex = _rex, lastOpcode = _opcode[_opcodeLength - 1] ^ _direction;
        if (_hasModRm)
        {
            if (reg >= 0)
            {
                modRm = (modRm & ~0x38) | ((reg & 7) << 3);
                rex = (rex & ~4) | (reg >> 3 << 2);
            }
            if (IsInContext)
            {
                modRm = (modRm & 0x38) | 4;
                rex &= ~3;
            }
            else if (rm == AtT && _folds)
            {
                modRm = (modRm & 0x38) | CodeEmitter.ModeOf(_foldRegister, _foldDisplacement) | (HasSib ? 4 : CodeEmitter.T & 7);
                rex = (rex & ~3) | (HasSib ? 2 | (_foldRegister >> 3) : 1);
            }
            else if (rm == AtT)
            {
                modRm = (modRm & 0x38) | (CodeEmitter.T & 7);
                rex = (rex & ~3) | 1;
            }
            else if (rm == AtSource)
            {
                modRm = (modRm & 0x38) | CodeEmitter.Rsi;
                rex &= ~3;
            }
            else if (rm >= 0)
            {
                modRm = (modRm & ~7) | (rm & 7);
                rex = (rex & ~1) | (rm >> 3);
            }
        }
        else if (rm >= 0)
        {
            lastOpcode = (lastOpcode & ~7) | (rm & 7);
            rex = (rex & ~1) | (rm >> 3);
        }
        if ((rex & 0xf) != 0) rex |= 0x40;
        if (rex != 0)
        {
            if (hasHighByte) return 0;
            *to++ = (byte)rex;
        }
        for (int i = 0; i < _opcodeLength - 1; i++) *to++ = _opcode[i];
        *to++ = (byte)lastOpcode;
        if (_hasModRm) *to++ = (byte)modRm;
        if (IsInContext)
        {
            *to++ = 0x25; // neither base nor index
            *(int*)to = _field;
            to += sizeof(int);
        }
        else if (_hasModRm && rm == AtT && _folds)
        {
            if (HasSib) *to++ = (byte)(((CodeEmitter.T & 7) << 3) | (_foldRegister & 7));
            int mode = modRm & 0xc0;
            if (mode == 0x40) *to++ = (byte)_foldDisplacement;
            else if (mode == 0x80) to += Displacement(to);
        }
        for (byte* p = _immediate; p < _end; p++) *to++ = *p;
        return (int)(to - start);
    }

    private readonly bool HasSib => _foldRegister >= 0;

    private readonly int Displacement(byte* to)
    {
        *(int*)to = _foldDisplacement;
        return sizeof(int);
    }

    private byte* ParsePrefixes(byte* p)
    {
        while (true)
        {
            switch (*p)
            {
                case 0xf0:
                    _prefixes |= Lock;
                    break;
                case 0xf2:
                    _prefixes = (_prefixes & ~Rep) | Repne;
                    break;
                case 0xf3:
                    _prefixes = (_prefixes & ~Repne) | Rep;
                    break;
                case 0x66:
                    _prefixes |= OperandSize;
                    break;
                case 0x67 or 0x26 or 0x2e or 0x36 or 0x3e or 0x64 or 0x65:
                    break; // address size and segments: the address is made elsewhere
                case >= 0x40 and <= 0x4f:
                    // Only the last one counts, and only right before the opcode.
                    if (IsPrefix(p[1])) break;
                    _rex = *p;
                    return p + 1;
                default:
                    return p;
            }
            p++;
        }
    }

    private static bool IsPrefix(byte b) => b is 0xf0 or 0xf2 or 0xf3 or 0x66 or 0x67 or 0x26 or 0x2e or 0x36 or 0x3e or 0x64 or 0x65 or (>= 0x40 and <= 0x4f);

    private byte* ParseModRm(byte* p)
    {
        _modRm = *p++;
        int mode = _modRm >> 6, rm = _modRm & 7;
        if (mode == 3) return p;
        bool noBase = mode == 0 && rm == 5;
        if (rm == 4)
        {
            noBase = mode == 0 && (*p & 7) == 5;
            p++;
        }
        return p + (mode == 1 ? 1 : mode == 2 || noBase ? 4 : 0);
    }

    // Intel SDM volume 2, appendix A: the opcode maps.
    private static bool HasModRm(byte opcode) => opcode switch
    {
        < 0x40 => (opcode & 7) < 4,
        0x63 or 0x69 or 0x6b => true,
        >= 0x80 and <= 0x8f => true,
        0xc0 or 0xc1 or 0xc6 or 0xc7 => true,
        >= 0xd0 and <= 0xd3 => true,
        >= 0xd8 and <= 0xdf => true,
        0xf6 or 0xf7 or 0xfe or 0xff => true,
        _ => false,
    };

    private static bool HasModRm0F(byte opcode) => opcode switch
    {
        >= 0x05 and <= 0x09 or 0x0b or 0x0e => false,
        >= 0x30 and <= 0x37 or 0x77 => false,
        >= 0x80 and <= 0x8f => false,
        >= 0xa0 and <= 0xa2 or >= 0xa8 and <= 0xaa => false,
        >= 0xc8 and <= 0xcf => false,
        _ => true,
    };
}
