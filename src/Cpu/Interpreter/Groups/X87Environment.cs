using System.Runtime.InteropServices;
using Iced.Intel;
using Kennel.Cpu.X87;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>FNSTENV, FLDENV, FNSAVE and FRSTOR, in their forms for 16 and 32 bits (Intel SDM, volume 1, 8.1.10).</summary>
internal static unsafe class X87Environment
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Code switch
    {
        Code.Fnstenv_m28byte => X87Op.EmitMemory(i, ref b, &Store<Environment32>),
        Code.Fnstenv_m14byte => X87Op.EmitMemory(i, ref b, &Store<Environment16>),
        Code.Fldenv_m28byte => X87Op.EmitMemory(i, ref b, &Load<Environment32>),
        Code.Fldenv_m14byte => X87Op.EmitMemory(i, ref b, &Load<Environment16>),
        Code.Fnsave_m108byte => X87Op.EmitMemory(i, ref b, &Save<Environment32>),
        Code.Fnsave_m94byte => X87Op.EmitMemory(i, ref b, &Save<Environment16>),
        Code.Frstor_m108byte => X87Op.EmitMemory(i, ref b, &Restore<Environment32>),
        Code.Frstor_m94byte => X87Op.EmitMemory(i, ref b, &Restore<Environment16>),
        _ => false,
    };

    private static Op* Store<TEnvironment>(CpuState* s, Op* op) where TEnvironment : unmanaged, IEnvironment<TEnvironment>
    {
        if (!Memory.Store(s, Memory.Address(s, op), TEnvironment.Capture(s))) return Memory.Fault(s, op);
        s->FpControl |= (ushort)X87Exceptions.All;
        X87Stack.SummarizeErrors(s);
        return op + 1;
    }

    private static Op* Load<TEnvironment>(CpuState* s, Op* op) where TEnvironment : unmanaged, IEnvironment<TEnvironment>
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        if (!Memory.Load(s, Memory.Address(s, op), out TEnvironment environment)) return Memory.Fault(s, op);
        environment.Apply(s);
        return op + 1;
    }

    private static Op* Save<TEnvironment>(CpuState* s, Op* op) where TEnvironment : unmanaged, IEnvironment<TEnvironment>
    {
        var image = new Image<TEnvironment> { Environment = TEnvironment.Capture(s) };
        Span<TenBytes> registers = image.Registers;
        for (int n = 0; n < registers.Length; n++)
        {
            Float80 value = X87Stack.Read(s, X87Stack.Physical(s, n));
            registers[n] = new TenBytes(value.Significand, value.SignExponent);
        }
        if (!Memory.Store(s, Memory.Address(s, op), image)) return Memory.Fault(s, op);
        X87Control.Reset(s);
        return op + 1;
    }

    private static Op* Restore<TEnvironment>(CpuState* s, Op* op) where TEnvironment : unmanaged, IEnvironment<TEnvironment>
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        if (!Memory.Load(s, Memory.Address(s, op), out Image<TEnvironment> image)) return Memory.Fault(s, op);
        image.Environment.Apply(s);
        Span<TenBytes> registers = image.Registers;
        for (int n = 0; n < registers.Length; n++)
            X87Stack.Replace(s, X87Stack.Physical(s, n), new Float80(registers[n].Low, registers[n].High));
        return op + 1;
    }

    private interface IEnvironment<TSelf>
    {
        static abstract TSelf Capture(CpuState* s);

        void Apply(CpuState* s);
    }

    /// <summary>Each word is stored with the upper half of its doubleword all ones.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Environment32 : IEnvironment<Environment32>
    {
        private const uint Upper = 0xffff_0000;

        private uint _control, _status, _tags, _instruction, _codeAndOpcode, _data, _dataSelector;

        public static Environment32 Capture(CpuState* s) => new()
        {
            _control = s->FpControl | Upper,
            _status = s->FpStatus | Upper,
            _tags = X87Tags.Full(s) | Upper,
            _instruction = (uint)s->FpInstruction,
            _codeAndOpcode = CodeSelector(s) | ((uint)s->FpOpcode << 16),
            _data = (uint)s->FpData,
            _dataSelector = Upper,
        };

        public readonly void Apply(CpuState* s)
        {
            X87Environment.Apply(s, (ushort)_control, (ushort)_status, (ushort)_tags);
            s->FpInstruction = _instruction;
            s->FpOpcode = (ushort)((_codeAndOpcode >> 16) & 0x7ff);
            s->FpData = _data;
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Environment16 : IEnvironment<Environment16>
    {
        private ushort _control, _status, _tags, _instruction, _codeSelector, _data, _dataSelector;

        public static Environment16 Capture(CpuState* s) => new()
        {
            _control = s->FpControl,
            _status = s->FpStatus,
            _tags = X87Tags.Full(s),
            _instruction = (ushort)s->FpInstruction,
            _codeSelector = (ushort)CodeSelector(s),
            _data = (ushort)s->FpData,
        };

        public readonly void Apply(CpuState* s)
        {
            X87Environment.Apply(s, _control, _status, _tags);
            s->FpInstruction = _instruction;
            s->FpOpcode = 0;
            s->FpData = _data;
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Image<TEnvironment>
    {
        public TEnvironment Environment;
        public EightRegisters Registers;
    }

    /// <summary>In the order of the stack.</summary>
    [System.Runtime.CompilerServices.InlineArray(8)]
    private struct EightRegisters
    {
        private TenBytes _first;
    }

    // Selectors are not kept: every instruction ran with user code's, until there was one at all.
    private static uint CodeSelector(CpuState* s) => s->FpInstruction == 0 ? 0u : UserCodeSelector;

    // Linux: arch/x86/include/asm/segment.h, __USER_CS
    private const uint UserCodeSelector = 0x33;

    private static void Apply(CpuState* s, ushort control, ushort status, ushort tags)
    {
        FxState.SetControlAndStatus(s, control, status);
        s->FpTag = X87Tags.Abridged(tags);
    }
}

/// <summary>Between the tag word, two bits for each physical register, and the abridged one that the state keeps.</summary>
internal static unsafe class X87Tags
{
    private const int Valid = 0, Zero = 1, Special = 2, Empty = 3;

    public static ushort Full(CpuState* s)
    {
        int tags = 0;
        for (int n = 0; n < 8; n++) tags |= TagOf(s, n) << (2 * n);
        return (ushort)tags;
    }

    public static byte Abridged(ushort tags)
    {
        int abridged = 0;
        for (int n = 0; n < 8; n++)
        {
            if (((tags >> (2 * n)) & 3) != Empty) abridged |= 1 << n;
        }
        return (byte)abridged;
    }

    private static int TagOf(CpuState* s, int physical)
    {
        if (X87Stack.IsEmpty(s, physical)) return Empty;
        return X87Stack.Read(s, physical).Kind switch
        {
            Float80Kind.Normal => Valid,
            Float80Kind.Zero => Zero,
            _ => Special,
        };
    }
}
