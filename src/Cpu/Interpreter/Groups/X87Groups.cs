using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>All x87 instructions: one class per group, tried in the order of how often they occur.</summary>
internal static class X87Groups
{
    /// <summary>Appends the op of an x87 instruction; false if it is none.</summary>
    public static bool Lower(in Instruction i, ref OpBuilder b) =>
        X87Loads.Lower(i, ref b)
        || X87Stores.Lower(i, ref b)
        || X87Binary.Lower(i, ref b)
        || X87Moves.Lower(i, ref b)
        || X87Compare.Lower(i, ref b)
        || X87Functions.Lower(i, ref b)
        || X87Control.Lower(i, ref b)
        || X87Environment.Lower(i, ref b);
}

/// <summary>
/// Makes ops out of x87 instructions: <see cref="Op.A"/> is i of the operand ST(i), <see cref="Op.Imm"/> the opcode as the x87
/// notes it, <see cref="Op.C"/> the slot of the memory operand's segment base, which the noted address leaves out.
/// </summary>
internal static unsafe class X87Op
{
    /// <summary>Appends an instruction without memory operand.</summary>
    public static bool Emit(in Instruction i, ref OpBuilder b, Handler run)
    {
        ref Op op = ref b.Add(i, run);
        op.Imm = OpcodeOf(b.BytesOf(i));
        op.A = StackIndex(i);
        return true;
    }

    /// <summary>Appends an instruction with a memory operand.</summary>
    public static bool EmitMemory(in Instruction i, ref OpBuilder b, Handler run)
    {
        ref Op op = ref b.AddMemory(i, run);
        op.Imm = OpcodeOf(b.BytesOf(i));
        op.C = i.MemorySegment switch
        {
            Register.FS => CpuState.FsBase,
            Register.GS => CpuState.GsBase,
            _ => CpuState.Zero,
        };
        return true;
    }

    // The larger of the registers: in most forms one is ST(0).
    private static byte StackIndex(in Instruction i)
    {
        int index = 0;
        for (int n = 0; n < i.OpCount; n++)
        {
            if (i.GetOpKind(n) != OpKind.Register) continue;
            Register register = i.GetOpRegister(n);
            if (register is >= Register.ST0 and <= Register.ST7) index = Math.Max(index, register - Register.ST0);
        }
        return (byte)index;
    }

    // The low three bits of the first byte behind the prefixes, and the second byte (Intel SDM, volume 1, 8.1.9).
    private static ulong OpcodeOf(ReadOnlySpan<byte> bytes)
    {
        int at = bytes.IndexOfAnyInRange((byte)0xd8, (byte)0xdf);
        return at < 0 || at + 1 >= bytes.Length ? 0 : (ulong)(((bytes[at] & 7) << 8) | bytes[at + 1]);
    }
}

/// <summary>Ten bytes of memory: an extended number, or packed decimal digits.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 1)]
internal readonly struct TenBytes(ulong low, ushort high)
{
    public readonly ulong Low = low;
    public readonly ushort High = high;
}
