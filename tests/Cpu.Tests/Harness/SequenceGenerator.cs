using Iced.Intel;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>
/// Makes short loops of random instructions, with forward jumps over some of them. Memory operands lie in the data window, now
/// and then where nothing is mapped. No instruction reads a flag that the manual leaves undefined after those before it.
/// </summary>
/// <remarks>
/// RBX and R12 point into the window, R13 is a small index, R14 counts the rounds, R15 points where nothing is; RSP has room for
/// a few pushes. Nothing else writes these, so that most loops run to their end.
/// </remarks>
public sealed class SequenceGenerator(Random random, Code[] codes)
{
    /// <summary>Where RBX and R12 point, in the window.</summary>
    public const int FirstPointer = 128, SecondPointer = 256;

    private const int Room = Layout.CodeSize - 6, MostPushes = 2;
    private const RflagsBits NoFlags = RflagsBits.None;

    private readonly OperandPicker _operands = new(random);
    private readonly InstructionInfoFactory _infos = new();
    private readonly List<byte> _code = [];
    private readonly SortedDictionary<int, RflagsBits> _undefinedAt = [];
    private ulong _start;
    private RflagsBits _undefined;
    private int _pushes, _depth;

    /// <summary>A loop's code, to be run at <see cref="Vector.CodeOffset"/>.</summary>
    /// <param name="vector">Gets code, and the registers that the code relies on.</param>
    /// <param name="undefinedAt">The flags that are undefined before the instruction at an offset of the code.</param>
    public void Fill(ref Vector vector, out IReadOnlyDictionary<int, RflagsBits> undefinedAt)
    {
        uint offset = random.Next(4) == 0 ? 0x1000 - (uint)random.Next(1, Layout.CodeSize) : 0x800 + (uint)random.Next(64);
        _start = Layout.CodeBase + offset;
        _code.Clear();
        _undefinedAt.Clear();
        _undefined = NoFlags;
        (_pushes, _depth) = (0, 0);
        while (_code.Count < Room - 24)
        {
            if (random.Next(7) == 0) AddBranch();
            else Add(Pick());
        }
        Mark();
        _code.AddRange([0x41, 0x83, 0xee, 0x01]); // sub r14d, 1
        _undefined = NoFlags;
        Mark();
        _code.AddRange([0x75, (byte)-(_code.Count + 2)]); // jne start
        Mark();
        vector.SetCode([.. _code], offset);
        SetRegisters(ref vector);
        undefinedAt = new Dictionary<int, RflagsBits>(_undefinedAt);
    }

    private void SetRegisters(ref Vector vector)
    {
        vector.Gpr[3] = Layout.WindowBase + FirstPointer;
        vector.Gpr[4] = Layout.WindowBase + SecondPointer;
        vector.Gpr[12] = Layout.WindowBase + SecondPointer;
        vector.Gpr[13] = (ulong)random.Next(9);
        vector.Gpr[14] = (ulong)random.Next(1, 5);
        vector.Gpr[15] = random.Next(3) == 0 ? 0x9000_0000_0000_0000 : Layout.DataBase + 0x2000 - (ulong)random.Next(4);
        if (random.Next(2) == 0) vector.Gpr[6] = Layout.WindowBase + (ulong)random.Next(Layout.WindowSize - 64);
        if (random.Next(2) == 0) vector.Gpr[7] = Layout.WindowBase + (ulong)random.Next(Layout.WindowSize - 64);
        if (random.Next(2) == 0) vector.Gpr[1] = (ulong)random.Next(40);
    }

    private void Mark() => _undefinedAt[_code.Count] = _undefined;

    // A conditional jump over an instruction or two.
    private void AddBranch()
    {
        int condition = random.Next(16);
        if ((ReadBy(condition) & _undefined) != 0) return;
        Mark();
        _code.AddRange([(byte)(0x70 | condition), 0]);
        int place = _code.Count;
        RflagsBits before = _undefined;
        int pushes = _pushes;
        _pushes = MostPushes; // the stack must be as deep on both ways
        for (int n = random.Next(1, 3); n > 0; n--) Add(Pick());
        _pushes = pushes;
        _code[place - 1] = (byte)(_code.Count - place);
        _undefined |= before;
    }

    private static RflagsBits ReadBy(int condition) => (condition >> 1) switch
    {
        0 => RflagsBits.OF,
        1 => RflagsBits.CF,
        2 => RflagsBits.ZF,
        3 => RflagsBits.CF | RflagsBits.ZF,
        4 => RflagsBits.SF,
        5 => RflagsBits.PF,
        6 => RflagsBits.SF | RflagsBits.OF,
        _ => RflagsBits.SF | RflagsBits.OF | RflagsBits.ZF,
    };

    private void Add(in Instruction i)
    {
        Mark();
        _code.AddRange(Encode(i));
        RflagsBits undefined = i.RflagsUndefined;
        _undefined = MayLeaveFlags(i) ? _undefined | undefined : (_undefined & ~i.RflagsModified) | undefined;
        if (i.StackPointerIncrement < 0) (_pushes, _depth) = (_pushes + 1, _depth + 1);
        if (i.StackPointerIncrement > 0) _depth--;
    }

    // A count of zero leaves all flags as they were.
    private static bool MayLeaveFlags(in Instruction i) => i.HasRepPrefix || i.HasRepnePrefix || i.Mnemonic is
        Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr or
        Mnemonic.Shld or Mnemonic.Shrd;

    private Instruction Pick()
    {
        while (true)
        {
            Code code = codes[random.Next(codes.Length)];
            if (_operands.TryMake(code, out Instruction i) && IsFit(i)) return i;
        }
    }

    private bool IsFit(in Instruction i)
    {
        if ((i.RflagsRead & _undefined) != 0) return false;
        if (i.IsStringInstruction && random.Next(3) != 0) return false;
        if (i.IsStackInstruction && !FitsStack(i)) return false;
        foreach (UsedRegister used in _infos.GetInfo(i).GetUsedRegisters())
        {
            bool writes = used.Access is not (OpAccess.None or OpAccess.Read or OpAccess.CondRead or OpAccess.NoMemAccess);
            if (writes && IsReserved(used.Register.GetFullRegister(), i.IsStackInstruction)) return false;
        }
        int length = Encode(i).Length;
        return length > 0 && _code.Count + length <= Room;
    }

    private bool FitsStack(in Instruction i) =>
        i.StackPointerIncrement < 0 ? _pushes < MostPushes : i.StackPointerIncrement > 0 && _depth > 0 && _pushes < MostPushes;

    private static bool IsReserved(Register register, bool usesStack) =>
        register is Register.RBX or Register.R12 or Register.R13 or Register.R14 or Register.R15
        || (register == Register.RSP && !usesStack);

    // Empty if there is no such encoding: AH with a register that takes a REX prefix.
    private byte[] Encode(in Instruction i)
    {
        using var stream = new MemoryStream(16);
        var encoder = Encoder.Create(64, new StreamCodeWriter(stream));
        return encoder.TryEncode(i, _start + (ulong)_code.Count, out _, out _) ? stream.ToArray() : [];
    }
}
