using Iced.Intel;
using Kennel.Cpu.X87;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// FCOM, FUCOM, FICOM, FTST (to the condition codes), FCOMI, FUCOMI (to EFLAGS); FXAM. They answer even if they find an
/// unmasked exception: that only keeps them from popping.
/// </summary>
internal static unsafe class X87Compare
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Fcom or Mnemonic.Fcomp or Mnemonic.Ficom or Mnemonic.Ficomp when i.Op0Kind == OpKind.Memory:
                X87Op.EmitMemory(i, ref b, i.MemorySize switch
                {
                    MemorySize.Float32 => &WithMemory<X87Single>,
                    MemorySize.Float64 => &WithMemory<X87Double>,
                    MemorySize.Int32 => &WithMemory<X87Int32>,
                    _ => &WithMemory<X87Int16>,
                });
                break;
            case Mnemonic.Fcom or Mnemonic.Fcomp or Mnemonic.Fcompp:
                X87Op.Emit(i, ref b, &ToConditions<Ordered>);
                break;
            case Mnemonic.Fucom or Mnemonic.Fucomp or Mnemonic.Fucompp:
                X87Op.Emit(i, ref b, &ToConditions<Unordered>);
                break;
            case Mnemonic.Fcomi or Mnemonic.Fcomip:
                X87Op.Emit(i, ref b, &ToFlags<Ordered>);
                break;
            case Mnemonic.Fucomi or Mnemonic.Fucomip:
                X87Op.Emit(i, ref b, &ToFlags<Unordered>);
                break;
            case Mnemonic.Ftst:
                return X87Op.Emit(i, ref b, &WithZero);
            case Mnemonic.Fxam:
                return X87Op.Emit(i, ref b, &Examine);
            default:
                return false;
        }
        ref Op op = ref b[b.Length - 1];
        op.B = Pops(i.Mnemonic);
        if (i.Mnemonic is Mnemonic.Fcompp or Mnemonic.Fucompp) op.A = 1;
        return true;
    }

    private static byte Pops(Mnemonic mnemonic) => mnemonic switch
    {
        Mnemonic.Fcompp or Mnemonic.Fucompp => 2,
        Mnemonic.Fcomp or Mnemonic.Fucomp or Mnemonic.Ficomp or Mnemonic.Fcomip or Mnemonic.Fucomip => 1,
        _ => 0,
    };

    private static Op* ToConditions<TKind>(CpuState* s, Op* op) where TKind : struct, IKind
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int top = X87Stack.Physical(s, 0), other = X87Stack.Physical(s, op->A);
        var relation = X87Relation.Unordered;
        bool completes;
        if (X87Stack.IsEmpty(s, top) || X87Stack.IsEmpty(s, other))
        {
            completes = X87Stack.Underflow(s);
        }
        else
        {
            relation = TKind.Compare(ref X87Stack.Context(s), X87Stack.Read(s, top), X87Stack.Read(s, other));
            completes = !X87Stack.IsStopped(s);
        }
        Answer(s, op, completes, relation);
        return op + 1;
    }

    private static Op* ToFlags<TKind>(CpuState* s, Op* op) where TKind : struct, IKind
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int top = X87Stack.Physical(s, 0), other = X87Stack.Physical(s, op->A);
        var relation = X87Relation.Unordered;
        bool completes;
        if (X87Stack.IsEmpty(s, top) || X87Stack.IsEmpty(s, other))
        {
            completes = X87Stack.Underflow(s);
        }
        else
        {
            ref X87Context context = ref X87Stack.Context(s);
            bool c1 = context.C1;
            relation = TKind.Compare(ref context, X87Stack.Read(s, top), X87Stack.Read(s, other));
            context.C1 = c1; // the condition codes are left alone
            completes = !X87Stack.IsStopped(s);
        }
        Flags.Set(s, relation switch
        {
            X87Relation.Greater => 0,
            X87Relation.Less => Flags.Carry,
            X87Relation.Equal => Flags.Zero,
            _ => Flags.Zero | Flags.Parity | Flags.Carry,
        });
        if (completes) PopAll(s, op);
        return Transfer.Next(s, op);
    }

    private static Op* WithMemory<TOperand>(CpuState* s, Op* op) where TOperand : struct, IX87Operand
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        ulong address = Memory.Address(s, op);
        if (!TOperand.Load(s, address, out ulong bits)) return Memory.Fault(s, op);
        X87Stack.Note(s, op, address);
        int top = X87Stack.Physical(s, 0);
        var relation = X87Relation.Unordered;
        bool completes;
        if (X87Stack.IsEmpty(s, top))
        {
            completes = X87Stack.Underflow(s);
        }
        else
        {
            Float80 value = X87Stack.Read(s, top);
            ref X87Context context = ref X87Stack.Context(s);
            Float80 operand = TOperand.Convert(ref context, bits, value, isDividend: false);
            relation = X87Comparison.Compare(ref context, value, operand);
            completes = !X87Stack.IsStopped(s);
        }
        Answer(s, op, completes, relation);
        return op + 1;
    }

    private static Op* WithZero(CpuState* s, Op* op)
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int top = X87Stack.Physical(s, 0);
        var relation = X87Relation.Unordered;
        bool completes;
        if (X87Stack.IsEmpty(s, top))
        {
            completes = X87Stack.Underflow(s);
        }
        else
        {
            relation = X87Comparison.Compare(ref X87Stack.Context(s), X87Stack.Read(s, top), Float80.Zero);
            completes = !X87Stack.IsStopped(s);
        }
        Answer(s, op, completes, relation);
        return op + 1;
    }

    private static Op* Examine(CpuState* s, Op* op)
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int top = X87Stack.Physical(s, 0);
        Float80 value = X87Stack.Read(s, top);
        if (X87Stack.IsEmpty(s, top)) X87Comparison.ExamineEmpty(ref X87Stack.Context(s), value);
        else X87Comparison.Examine(ref X87Stack.Context(s), value);
        return op + 1;
    }

    private static void Answer(CpuState* s, Op* op, bool completes, X87Relation relation)
    {
        X87Comparison.SetConditions(ref X87Stack.Context(s), relation);
        if (completes) PopAll(s, op);
    }

    private static void PopAll(CpuState* s, Op* op)
    {
        for (int n = op->B; n > 0; n--) X87Stack.Pop(s, X87Stack.Physical(s, 0));
    }

    private interface IKind
    {
        static abstract X87Relation Compare(ref X87Context context, Float80 a, Float80 b);
    }

    private struct Ordered : IKind
    {
        public static X87Relation Compare(ref X87Context context, Float80 a, Float80 b) =>
            X87Comparison.Compare(ref context, a, b);
    }

    private struct Unordered : IKind
    {
        public static X87Relation Compare(ref X87Context context, Float80 a, Float80 b) =>
            X87Comparison.CompareUnordered(ref context, a, b);
    }
}
