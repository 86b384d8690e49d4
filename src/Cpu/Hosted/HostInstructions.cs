using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Iced.Intel;
using Kennel.Cpu.Decoding;
using Kennel.Cpu.Translator;
using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Hosted;

/// <summary>
/// Instructions of x86-64-v3 in code memory, one by one, for the interpreter to run on copies of their operands: of each form one for each
/// immediate, with the registers of <see cref="HostFrame"/>.
/// </summary>
/// <remarks>Guarded by the code cache's gate.</remarks>
internal sealed unsafe class HostInstructions : IDisposable
{
    // Forms times immediates come to half of that.
    private const int CodeBytes = 4 << 20, LongestStub = 32;

    // Registers of the frame.
    private const int Reg = 8, Vvvv = 9, Rm = 10;
    private const int VmovdquLoad = 0x6f, VmovdquStore = 0x7f;

    private readonly ExecutableMemory _memory;
    private readonly CodeEmitter _e;
    private readonly nint _run;
    private readonly Dictionary<(ulong, ulong), nint> _codes = [];
    private readonly HostForm?[] _forms = new HostForm?[RunDecoder.FormCount];

    private HostInstructions(ExecutableMemory memory)
    {
        _memory = memory;
        _e = new CodeEmitter(memory.Write);
        _run = (nint)memory.Run;
        EmitRun();
    }

    /// <summary>Null where the host does not allow generated code.</summary>
    public static HostInstructions? TryCreate()
    {
        ExecutableMemory? memory = ExecutableMemory.TryReserve(CodeBytes);
        return memory == null ? null : new HostInstructions(memory);
    }

    /// <summary>What there is to know of an instruction's form.</summary>
    public HostForm FormOf(in Instruction i) => _forms[(int)i.Code] ??= HostForm.Learn(i);

    /// <summary>An instruction to be run, made at the first time.</summary>
    /// <param name="i">The instruction, of a form that can be run.</param>
    public HostCode* CodeOf(in Instruction i)
    {
        HostForm form = FormOf(i);
        byte* to = stackalloc byte[LongestStub];
        int length;
        bool inMemory;
        byte[] bytes = Encode(i);
        fixed (byte* from = bytes) length = Rewrite(i, form, from, bytes.Length, to, out inMemory);
        (ulong, ulong) key = (Unsafe.ReadUnaligned<ulong>(to), Unsafe.ReadUnaligned<ulong>(to + 8));
        if (_codes.TryGetValue(key, out nint known)) return (HostCode*)known;
        _e.Align(16);
        var code = (HostCode*)NativeMemory.Alloc((nuint)sizeof(HostCode));
        *code = new HostCode
        {
            Run = _run,
            Instruction = (nint)(_memory.Run + _e.Position),
            Size = inMemory ? i.MemorySize.GetSize() : 0,
            AlignmentMask = form.AlignmentMask,
            Flags = (uint)StatusBits(i.RflagsModified),
            Operands = OperandsOf(i, form, inMemory),
        };
        _e.Bytes(to, length);
        _e.Byte(0xc3);
        _codes.Add(key, (nint)code);
        return code;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint code in _codes.Values) NativeMemory.Free((void*)code);
        _codes.Clear();
        _memory.Dispose();
    }

    // Not as they are in the guest's memory, where others may change them meanwhile: what runs must be what was decoded.
    private static byte[] Encode(in Instruction i)
    {
        using var stream = new MemoryStream();
        Encoder.Create(64, new StreamCodeWriter(stream)).Encode(i, i.IP);
        return stream.ToArray();
    }

    private static int Rewrite(in Instruction i, HostForm form, byte* from, int count, byte* to, out bool inMemory)
    {
        new Span<byte>(to, LongestStub).Clear();
        int reg = form.RegOperand < 0 ? InstructionRewriter.Same : form.IsGeneral(form.RegOperand) ? Reg : 0;
        int rm = form.RmOperand < 0 ? InstructionRewriter.Same : form.IsGeneral(form.RmOperand) ? Rm : 2;
        if (!form.IsVex)
        {
            var legacy = InstructionRewriter.Parse(from, count);
            inMemory = legacy.HasMemory;
            return legacy.Write(to, reg, inMemory ? InstructionRewriter.AtT : rm, hasHighByte: false);
        }
        int vvvv = form.VvvvOperand < 0 ? InstructionRewriter.Same : form.IsGeneral(form.VvvvOperand) ? Vvvv : 1;
        var parts = VexRewriter.Parse(from, count);
        inMemory = parts.HasMemory;
        int length = parts.Write(to, reg, vvvv, inMemory ? InstructionRewriter.AtT : rm);
        if (form.Is4Operand >= 0) to[length - 1] = (byte)((to[length - 1] & 0xf) | (3 << 4));
        return length;
    }

    private static HostOperands OperandsOf(in Instruction i, HostForm form, bool inMemory)
    {
        HostOperands operands = form.WritesUpper ? HostOperands.WritesUpper : 0;
        if (form.RegOperand >= 0) operands |= form.IsGeneral(form.RegOperand) ? HostOperands.RegIsGeneral : HostOperands.RegIsVector;
        if (form.Writes(form.RegOperand)) operands |= HostOperands.RegIsWritten;
        if (form.VvvvOperand >= 0) operands |= form.IsGeneral(form.VvvvOperand) ? HostOperands.VvvvIsGeneral : HostOperands.VvvvIsVector;
        if (form.Writes(form.VvvvOperand)) operands |= HostOperands.VvvvIsWritten;
        if (form.Is4Operand >= 0) operands |= HostOperands.HasFourth;
        if (inMemory)
        {
            operands |= form.Writes(form.RmOperand) ? HostOperands.StoresMemory : HostOperands.LoadsMemory;
        }
        else if (form.RmOperand >= 0)
        {
            operands |= form.IsGeneral(form.RmOperand) ? HostOperands.RmIsGeneral : HostOperands.RmIsVector;
            if (form.Writes(form.RmOperand)) operands |= HostOperands.RmIsWritten;
        }
        if (!form.IsStringComparison) return operands;
        bool isMask = i.Mnemonic is Mnemonic.Vpcmpestrm or Mnemonic.Vpcmpestrm64 or Mnemonic.Vpcmpistrm;
        return operands | (isMask ? HostOperands.WritesXmm0 : HostOperands.WritesRcx);
    }

    private static ulong StatusBits(RflagsBits bits)
    {
        ulong flags = 0;
        if ((bits & RflagsBits.CF) != 0) flags |= 1;
        if ((bits & RflagsBits.PF) != 0) flags |= 4;
        if ((bits & RflagsBits.AF) != 0) flags |= 0x10;
        if ((bits & RflagsBits.ZF) != 0) flags |= 0x40;
        if ((bits & RflagsBits.SF) != 0) flags |= 0x80;
        if ((bits & RflagsBits.OF) != 0) flags |= 0x800;
        return flags;
    }

    // void (frame, instruction): loads the frame, runs the instruction, stores what it left.
    private void EmitRun()
    {
        (int Register, int Field)[] general =
        [
            (Rcx, HostFrame.RcxAt), (Rdx, HostFrame.RdxAt), (Rax, HostFrame.RaxAt), (Reg, HostFrame.RegAt), (Vvvv, HostFrame.VvvvAt), (Rm, HostFrame.RmAt),
        ];
        _e.Push(Rbx);
        _e.Registers(Mov, Rbx, Rdi);
        _e.Memory(Mxcsr, 3, Rbx, HostFrame.HostMxcsrAt, wide: false); // stmxcsr
        _e.Memory(Mxcsr, 2, Rbx, HostFrame.MxcsrAt, wide: false); // ldmxcsr
        for (int i = 0; i < 4; i++) EmitVector(VmovdquLoad, i);
        foreach ((int register, int field) in general) _e.Memory(Mov, register, Rbx, field);
        _e.Memory(Mov, T, Rbx, HostFrame.OperandAt);
        _e.Memory(0xff, 6, Rbx, HostFrame.FlagsAt, wide: false); // push, popfq
        _e.Byte(0x9d);
        _e.Byte(0xff); // call rsi
        _e.Byte(0xd6);
        _e.Byte(0x9c); // pushfq
        _e.Pop(T);
        _e.Memory(Store, T, Rbx, HostFrame.FlagsAt);
        foreach ((int register, int field) in general) _e.Memory(Store, register, Rbx, field);
        for (int i = 0; i < 4; i++) EmitVector(VmovdquStore, i);
        _e.Memory(Mxcsr, 3, Rbx, HostFrame.MxcsrAt, wide: false);
        _e.Memory(Mxcsr, 2, Rbx, HostFrame.HostMxcsrAt, wide: false);
        _e.Byte(0xc5); // vzeroupper
        _e.Byte(0xf8);
        _e.Byte(0x77);
        _e.Pop(Rbx);
        _e.Byte(0xc3);
    }

    // vmovdqu between a vector register and the frame.
    private void EmitVector(int opcode, int register)
    {
        _e.Byte(0xc5);
        _e.Byte(0xfe);
        _e.Byte(opcode);
        _e.Byte(0x43 | (register << 3)); // [rbx + displacement]
        _e.Byte(register * HostFrame.VectorSize);
    }
}
