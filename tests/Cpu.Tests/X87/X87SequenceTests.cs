using System.Buffers.Binary;
using Kennel.Cpu.Tests.Harness;

namespace Kennel.Cpu.Tests.X87;

/// <summary>
/// Runs of random x87 instructions, whose combined effect is compared: what one leaves behind, the next ones find.
/// </summary>
public sealed class X87SequenceTests(NativeProcessor native)
{
    private const int Length = 10, Sequences = 20_000;

    // RBX points to the operands, RBP to an environment that is fit to be loaded.
    private const int Operands = 160, Environment = 384;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void SequencesAgree(int seed, bool faults)
    {
        var random = new Random(seed);
        var vectors = new Vector[Sequences];
        for (int n = 0; n < vectors.Length; n++)
        {
            vectors[n] = X87Vectors.Make(random, Code(random), faults);
            vectors[n].Gpr[3] = Layout.WindowBase + Operands;
            vectors[n].Gpr[5] = Layout.WindowBase + Environment;
            SetOperands(ref vectors[n], random);
        }
        X87Agreement.Assert(native, vectors);
    }

    private static byte[] Code(Random random)
    {
        var code = new List<byte>();
        for (int n = 0; n < Length; n++) code.AddRange(Instruction(random));
        return [.. code];
    }

    private static byte[] Instruction(Random random)
    {
        while (true)
        {
            byte opcode = (byte)random.Next(0xd8, 0xe0), modrm = (byte)random.Next(0x100);
            if (modrm < 0xc0)
            {
                int operation = (modrm >> 3) & 7;
                if (IsInvalidOperation(opcode, operation)) continue;
                bool loadsEnvironment = operation == 4 && opcode is 0xd9 or 0xdd;
                if (operation is 4 or 5 or 6 && opcode is 0xd9 or 0xdd && random.Next(4) != 0) continue;
                return loadsEnvironment
                    ? [opcode, (byte)(0x45 | (operation << 3)), 0]
                    : [opcode, (byte)(0x43 | (operation << 3)), (byte)random.Next(-100, 100)];
            }
            if (!IsInvalid(opcode, modrm) && !X87Agreement.IsTranscendental([opcode, modrm])) return [opcode, modrm];
        }
    }

    private static bool IsInvalidOperation(byte opcode, int operation) =>
        (opcode, operation) is (0xd9, 1) or (0xdb, 4) or (0xdb, 6) or (0xdd, 5);

    private static bool IsInvalid(byte opcode, byte modrm) => opcode switch
    {
        0xd9 => modrm is > 0xd0 and < 0xd8 or 0xe2 or 0xe3 or 0xe6 or 0xe7 or 0xef,
        0xda => modrm is >= 0xe0 and not 0xe9,
        0xdb => modrm is >= 0xe5 and < 0xe8 or >= 0xf8,
        0xdd => modrm >= 0xf0,
        0xde => modrm is >= 0xd8 and < 0xe0 and not 0xd9,
        0xdf => modrm is > 0xe0 and < 0xe8 or >= 0xf8,
        _ => false,
    };

    private static void SetOperands(ref Vector v, Random random)
    {
        Span<byte> data = v.Data;
        for (int at = 0; at < Environment - 16; at += 8)
        {
            var value = X87Vectors.Operand(random);
            if (random.Next(2) == 0)
            {
                // Doubles, which are often small whole numbers.
                BinaryPrimitives.WriteDoubleLittleEndian(data[at..], random.Next(-20, 20) * (random.Next(2) == 0 ? 1 : 0.1));
                continue;
            }
            BinaryPrimitives.WriteUInt64LittleEndian(data[at..], value.Significand);
            BinaryPrimitives.WriteUInt16LittleEndian(data[(at + 8)..], value.SignExponent);
        }
        // Only user code's selector, as others are not kept.
        Span<byte> environment = data[Environment..];
        BinaryPrimitives.WriteUInt16LittleEndian(environment, (ushort)(random.Next(0x10000) | 0x3f));
        BinaryPrimitives.WriteUInt16LittleEndian(environment[16..], 0x33);
        BinaryPrimitives.WriteUInt16LittleEndian(environment[24..], 0);
    }
}
