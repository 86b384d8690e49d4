using System.Buffers.Binary;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.X87;

namespace Kennel.Cpu.Tests.X87;

/// <summary>Random states of the x87 to start instructions from, and the encodings of its instructions.</summary>
internal static class X87Vectors
{
    /// <summary>Where memory operands lie: RBX points there.</summary>
    public const int OperandOffset = 64;

    private static readonly List<Float80> Edges = X87Operands.Edges;
    private static readonly ushort[] Controls = [.. X87Operands.MaskedControls, .. X87Operands.UnmaskedControls];

    /// <summary>Every register form of the eight opcodes: D8 C0 to DF FF.</summary>
    public static IEnumerable<byte[]> RegisterForms =>
        from opcode in Enumerable.Range(0xd8, 8)
        from modrm in Enumerable.Range(0xc0, 0x40)
        select new[] { (byte)opcode, (byte)modrm };

    /// <summary>Every form with a memory operand, which is at [rbx].</summary>
    public static IEnumerable<byte[]> MemoryForms =>
        from opcode in Enumerable.Range(0xd8, 8)
        from operation in Enumerable.Range(0, 8)
        select new[] { (byte)opcode, (byte)((operation << 3) | 3) };

    /// <summary>A state with all of the x87's at random.</summary>
    /// <param name="random">Where it comes from.</param>
    /// <param name="code">What is to be run.</param>
    /// <param name="faults">Whether registers may be empty where they should not be, and exceptions pending.</param>
    public static Vector Make(Random random, byte[] code, bool faults)
    {
        Vector v = Vector.Plain();
        v.SetCode(code);
        v.Gpr[3] = Layout.WindowBase + OperandOffset;
        v.Rflags = (ulong)(random.Next(0x1000) & 0x8d5) | 0x202;
        SetControl(ref v, random, faults);
        SetStatus(ref v, random, faults);
        SetRegisters(ref v, random, faults);
        SetMemory(ref v, random);
        return v;
    }

    /// <summary>Ten bytes for a register.</summary>
    public static Float80 Operand(Random random) =>
        random.Next(4) == 0 ? Edges[random.Next(Edges.Count)] : X87Operands.Any(random);

    private static void SetControl(ref Vector v, Random random, bool faults)
    {
        ushort control = random.Next(4) == 0 || faults ? Controls[random.Next(Controls.Length)] : X87Context.InitialControl;
        if (faults && random.Next(4) != 0) control |= 0x3f;
        BinaryPrimitives.WriteUInt16LittleEndian(v.Fx, control);
    }

    private static void SetStatus(ref Vector v, Random random, bool faults)
    {
        int status = random.Next(0x10000) & 0x7f00;
        int flags = random.Next(3) == 0 ? random.Next(0x80) : 0;
        int control = BinaryPrimitives.ReadUInt16LittleEndian(v.Fx);
        bool mayPend = faults && random.Next(8) == 0;
        status |= mayPend ? flags : flags & (control | 0x40);
        BinaryPrimitives.WriteUInt16LittleEndian(((Span<byte>)v.Fx)[2..], (ushort)status);
    }

    private static void SetRegisters(ref Vector v, Random random, bool faults)
    {
        Span<byte> fx = v.Fx;
        int top = (fx[3] >> 3) & 7;
        int tags = random.Next(0x100) | random.Next(0x100);
        if (!faults)
        {
            // Eight registers cannot both hold operands and leave room: the top few do the one, the rest the other.
            int depth = random.Next(2, 8);
            tags = 0;
            for (int n = 0; n < depth; n++) tags |= 1 << ((top + n) & 7);
        }
        fx[4] = (byte)tags;
        for (int n = 0; n < 8; n++)
        {
            Float80 value = Operand(random);
            BinaryPrimitives.WriteUInt64LittleEndian(fx[(32 + (n * 16))..], value.Significand);
            BinaryPrimitives.WriteUInt16LittleEndian(fx[(40 + (n * 16))..], value.SignExponent);
        }
    }

    // Formats of memory operands: each is as likely as the others at the operand's address.
    private static void SetMemory(ref Vector v, Random random)
    {
        Span<byte> data = v.Data;
        random.NextBytes(data);
        Span<byte> operand = data[OperandOffset..];
        var context = new X87Context(X87Context.InitialControl);
        Float80 value = Operand(random);
        switch (random.Next(7))
        {
            case 0:
                BinaryPrimitives.WriteUInt64LittleEndian(operand, value.Significand);
                BinaryPrimitives.WriteUInt16LittleEndian(operand[8..], value.SignExponent);
                break;
            case 1: BinaryPrimitives.WriteUInt64LittleEndian(operand, X87Conversions.ToDouble(ref context, value)); break;
            case 2: BinaryPrimitives.WriteUInt32LittleEndian(operand, X87Conversions.ToSingle(ref context, value)); break;
            case 3: BinaryPrimitives.WriteInt64LittleEndian(operand, random.Next(-3, 4)); break;
            case 4: // exponents of a double that are all zeros or ones
                operand[7] = (byte)(random.Next(2) * 0x7f | random.Next(2) << 7);
                operand[6] = (byte)(operand[7] << 1 & 0xf0 | random.Next(16));
                break;
            case 5: // the same of a single
                operand[3] = (byte)(random.Next(2) * 0x7f | random.Next(2) << 7);
                operand[2] = (byte)(operand[3] << 1 & 0x80 | random.Next(128));
                break;
            default: break;
        }
    }
}
