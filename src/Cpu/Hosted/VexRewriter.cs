using Kennel.Cpu.Translator;

namespace Kennel.Cpu.Hosted;

/// <summary>
/// An instruction with a VEX prefix (Intel SDM volume 2, 2.3) taken apart, to be put together again with other registers: what
/// <see cref="InstructionRewriter"/> is for legacy encodings.
/// </summary>
internal unsafe struct VexRewriter
{
    private byte* _immediate, _end;
    private byte _opcode, _modRm;
    private bool _hasModRm, _folds, _wide;
    private int _map, _reg, _vvvv, _rm, _lengthAndPrefix;
    private int _foldRegister, _foldDisplacement;

    /// <summary>Whether there is a memory operand.</summary>
    public readonly bool HasMemory => _hasModRm && _modRm < 0xc0;

    /// <summary>Register numbers: of the ModRM byte's reg field, VEX.vvvv, and the rm field, if that is a register.</summary>
    public readonly int Reg => _reg;

    /// <inheritdoc cref="Reg"/>
    public readonly int Vvvv => _vvvv;

    /// <inheritdoc cref="Reg"/>
    public readonly int Rm => _rm;

    /// <summary>Of an instruction with four registers: the number of the fourth.</summary>
    public readonly int Is4 => _end[-1] >> 4;

    /// <summary>Takes an instruction apart.</summary>
    public static VexRewriter Parse(byte* bytes, int length)
    {
        byte* p = bytes;
        while (*p is not (0xc4 or 0xc5)) p++; // address size and segments: the address is made elsewhere
        var r = new VexRewriter { _end = bytes + length };
        bool isLong = *p++ == 0xc4;
        int rxb = ~*p >> 5 & 7, last;
        if (isLong)
        {
            r._map = *p++ & 0x1f;
            last = *p++;
            r._wide = (last & 0x80) != 0;
        }
        else
        {
            rxb &= 4;
            r._map = 1;
            last = *p++;
        }
        r._vvvv = ~last >> 3 & 15;
        r._lengthAndPrefix = last & 7;
        r._opcode = *p++;
        r._hasModRm = !(r._map == 1 && r._opcode == 0x77); // vzeroupper, vzeroall
        if (r._hasModRm)
        {
            r._modRm = *p++;
            r._reg = (r._modRm >> 3 & 7) | (rxb << 1 & 8);
            r._rm = (r._modRm & 7) | (rxb << 3 & 8);
            p += OperandLength(r._modRm, *p);
        }
        r._immediate = p;
        return r;
    }

    /// <summary>Makes <see cref="InstructionRewriter.AtT"/> stand for what is at a register (-1 for none) plus T plus a displacement.</summary>
    public void FoldInto(int register, int displacement)
    {
        _folds = true;
        _foldRegister = register;
        _foldDisplacement = displacement;
    }

    /// <summary>Writes the instruction with other registers; answers its length.</summary>
    /// <param name="to">Room for 24 bytes.</param>
    /// <param name="reg">For the reg field, or <see cref="InstructionRewriter.Same"/>.</param>
    /// <param name="vvvv">For VEX.vvvv, or the same.</param>
    /// <param name="rm">For the rm field, or the same, or <see cref="InstructionRewriter.AtT"/>.</param>
    public readonly int Write(byte* to, int reg, int vvvv, int rm)
    {
        byte* start = to;
        if (reg < 0) reg = _reg;
        if (vvvv < 0) vvvv = _vvvv;
        int modRm = (_modRm & 0xc0) | ((reg & 7) << 3), x = 0, b;
        bool folds = rm == InstructionRewriter.AtT && _folds, hasSib = _foldRegister >= 0;
        if (folds)
        {
            modRm = (modRm & 0x38) | CodeEmitter.ModeOf(_foldRegister, _foldDisplacement) | (hasSib ? 4 : CodeEmitter.T & 7);
            (x, b) = hasSib ? (CodeEmitter.T >> 3, _foldRegister >> 3) : (0, CodeEmitter.T >> 3);
        }
        else if (rm == InstructionRewriter.AtT)
        {
            modRm = (modRm & 0x38) | (CodeEmitter.T & 7);
            b = CodeEmitter.T >> 3;
        }
        else
        {
            if (rm < 0) rm = _rm;
            modRm |= rm & 7;
            b = rm >> 3;
        }
        int last = ((~vvvv & 15) << 3) | _lengthAndPrefix, r = reg >> 3;
        if (x == 0 && b == 0 && _map == 1 && !_wide)
        {
            *to++ = 0xc5;
            *to++ = (byte)((r == 0 ? 0x80 : 0) | last);
        }
        else
        {
            *to++ = 0xc4;
            *to++ = (byte)((r == 0 ? 0x80 : 0) | (x == 0 ? 0x40 : 0) | (b == 0 ? 0x20 : 0) | _map);
            *to++ = (byte)((_wide ? 0x80 : 0) | last);
        }
        *to++ = _opcode;
        if (_hasModRm) *to++ = (byte)modRm;
        if (folds)
        {
            if (hasSib) *to++ = (byte)(((CodeEmitter.T & 7) << 3) | (_foldRegister & 7));
            int mode = modRm & 0xc0;
            if (mode == 0x40) *to++ = (byte)_foldDisplacement;
            else if (mode == 0x80) to += Displacement(to);
        }
        for (byte* p = _immediate; p < _end; p++) *to++ = *p;
        return (int)(to - start);
    }

    private readonly int Displacement(byte* to)
    {
        *(int*)to = _foldDisplacement;
        return sizeof(int);
    }

    // Bytes of SIB and displacement.
    private static int OperandLength(byte modRm, byte sib)
    {
        int mode = modRm >> 6, rm = modRm & 7;
        if (mode == 3) return 0;
        bool hasSib = rm == 4, noBase = mode == 0 && (rm == 5 || (hasSib && (sib & 7) == 5));
        return (hasSib ? 1 : 0) + (mode == 1 ? 1 : mode == 2 || noBase ? 4 : 0);
    }
}
