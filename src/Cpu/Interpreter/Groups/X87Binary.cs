using Iced.Intel;
using Kennel.Cpu.X87;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>FADD, FSUB, FSUBR, FMUL, FDIV, FDIVR: between registers, with and without a pop, and with memory.</summary>
internal static unsafe class X87Binary
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Fadd or Mnemonic.Faddp or Mnemonic.Fiadd => Forms<Add>.Emit(i, ref b),
        Mnemonic.Fmul or Mnemonic.Fmulp or Mnemonic.Fimul => Forms<Multiply>.Emit(i, ref b),
        Mnemonic.Fsub or Mnemonic.Fsubp or Mnemonic.Fisub => Forms<Subtract>.Emit(i, ref b),
        Mnemonic.Fsubr or Mnemonic.Fsubrp or Mnemonic.Fisubr => Forms<SubtractReversed>.Emit(i, ref b),
        Mnemonic.Fdiv or Mnemonic.Fdivp or Mnemonic.Fidiv => Forms<Divide>.Emit(i, ref b),
        Mnemonic.Fdivr or Mnemonic.Fdivrp or Mnemonic.Fidivr => Forms<DivideReversed>.Emit(i, ref b),
        _ => false,
    };

    private static class Forms<TOperation> where TOperation : struct, IOperation
    {
        public static bool Emit(in Instruction i, ref OpBuilder b)
        {
            if (i.Op0Kind == OpKind.Memory)
            {
                return X87Op.EmitMemory(i, ref b, i.MemorySize switch
                {
                    MemorySize.Float32 => &WithMemory<X87Single>,
                    MemorySize.Float64 => &WithMemory<X87Double>,
                    MemorySize.Int32 => &WithMemory<X87Int32>,
                    _ => &WithMemory<X87Int16>,
                });
            }
            if (i.Mnemonic is Mnemonic.Faddp or Mnemonic.Fmulp or Mnemonic.Fsubp or Mnemonic.Fsubrp or Mnemonic.Fdivp or Mnemonic.Fdivrp)
                return X87Op.Emit(i, ref b, &ToOtherAndPop);
            bool toTop = i.Code is Code.Fadd_st0_sti or Code.Fmul_st0_sti or Code.Fsub_st0_sti or Code.Fsubr_st0_sti
                or Code.Fdiv_st0_sti or Code.Fdivr_st0_sti;
            return X87Op.Emit(i, ref b, toTop ? &ToTop : &ToOther);
        }

        private static Op* ToTop(CpuState* s, Op* op)
        {
            if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
            X87Stack.Note(s, op);
            int top = X87Stack.Physical(s, 0);
            Compute(s, top, X87Stack.Physical(s, op->A));
            return Transfer.Next(s, op);
        }

        private static Op* ToOther(CpuState* s, Op* op)
        {
            if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
            X87Stack.Note(s, op);
            int top = X87Stack.Physical(s, 0);
            Compute(s, X87Stack.Physical(s, op->A), top);
            return Transfer.Next(s, op);
        }

        private static Op* ToOtherAndPop(CpuState* s, Op* op)
        {
            if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
            X87Stack.Note(s, op);
            int top = X87Stack.Physical(s, 0);
            if (Compute(s, X87Stack.Physical(s, op->A), top)) X87Stack.Pop(s, top);
            return Transfer.Next(s, op);
        }

        // False if an unmasked exception keeps the instruction from completing.
        private static bool Compute(CpuState* s, int destination, int source)
        {
            if (X87Stack.IsEmpty(s, destination) || X87Stack.IsEmpty(s, source)) return Indefinite(s, destination);
            Float80 result = TOperation.Apply(
                ref X87Stack.Context(s), X87Stack.Read(s, destination), X87Stack.Read(s, source));
            if (X87Stack.IsStopped(s)) return false;
            X87Stack.Replace(s, destination, result);
            return true;
        }

        private static Op* WithMemory<TOperand>(CpuState* s, Op* op) where TOperand : struct, IX87Operand
        {
            ulong address = Memory.Address(s, op);
            if (X87Stack.IsPending(s) || !Memory.TryRead(s, address, TOperand.Bytes, out byte* host))
                return WithMemorySlow<TOperand>(s, op);
            ComputeWith<TOperand>(s, op, address, TOperand.Get(host));
            return Transfer.Next(s, op);
        }

        private static Op* WithMemorySlow<TOperand>(CpuState* s, Op* op) where TOperand : struct, IX87Operand
        {
            if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
            ulong address = Memory.Address(s, op);
            if (!TOperand.Load(s, address, out ulong bits)) return Memory.Fault(s, op);
            ComputeWith<TOperand>(s, op, address, bits);
            return op + 1;
        }

        private static void ComputeWith<TOperand>(CpuState* s, Op* op, ulong address, ulong bits) where TOperand : struct, IX87Operand
        {
            X87Stack.Note(s, op, address);
            int top = X87Stack.Physical(s, 0);
            if (X87Stack.IsEmpty(s, top))
            {
                Indefinite(s, top);
                return;
            }
            X87Stack.ClearC1(s);
            Float80 value = X87Stack.Read(s, top);
            Float80 operand = TOperand.Convert(ref X87Stack.Context(s), bits, value, TOperation.IsReversedDivision);
            if (X87Stack.IsStopped(s)) return;
            Float80 result = TOperation.Apply(ref X87Stack.Context(s), value, operand);
            if (!X87Stack.IsStopped(s)) X87Stack.Replace(s, top, result);
        }

        private static bool Indefinite(CpuState* s, int destination)
        {
            bool answers = X87Stack.Underflow(s);
            if (answers) X87Stack.Write(s, destination, Float80.Indefinite);
            return answers;
        }
    }

    private interface IOperation
    {
        /// <summary>Whether it divides the other operand by what is in the destination.</summary>
        static abstract bool IsReversedDivision { get; }

        static abstract Float80 Apply(ref X87Context context, Float80 destination, Float80 source);
    }

    private struct Add : IOperation
    {
        public static bool IsReversedDivision => false;

        public static Float80 Apply(ref X87Context context, Float80 a, Float80 b) => X87Arithmetic.Add(ref context, a, b);
    }

    private struct Multiply : IOperation
    {
        public static bool IsReversedDivision => false;

        public static Float80 Apply(ref X87Context context, Float80 a, Float80 b) => X87Arithmetic.Multiply(ref context, a, b);
    }

    private struct Subtract : IOperation
    {
        public static bool IsReversedDivision => false;

        public static Float80 Apply(ref X87Context context, Float80 a, Float80 b) => X87Arithmetic.Subtract(ref context, a, b);
    }

    private struct SubtractReversed : IOperation
    {
        public static bool IsReversedDivision => false;

        public static Float80 Apply(ref X87Context context, Float80 a, Float80 b) => X87Arithmetic.Subtract(ref context, b, a);
    }

    private struct Divide : IOperation
    {
        public static bool IsReversedDivision => false;

        public static Float80 Apply(ref X87Context context, Float80 a, Float80 b) => X87Arithmetic.Divide(ref context, a, b);
    }

    private struct DivideReversed : IOperation
    {
        public static bool IsReversedDivision => true;

        public static Float80 Apply(ref X87Context context, Float80 a, Float80 b) => X87Arithmetic.Divide(ref context, b, a);
    }
}
