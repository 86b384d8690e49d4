namespace Kennel.Cpu.X87;

/// <summary>FCOM, FUCOM, FTST, FXAM and their kin. Source: Intel SDM volume 2.</summary>
public static class X87Comparison
{
    /// <summary>
    /// FCOM, FCOMI, FTST (with a zero), FICOM: how a stands to b; any NaN is an invalid operand.
    /// Exceptions are raised; to set condition codes is left to <see cref="SetConditions"/>, since FCOMI sets EFLAGS.
    /// </summary>
    public static X87Relation Compare(ref X87Context context, Float80 a, Float80 b) =>
        Compare(ref context, a, b, X87Exceptions.Invalid);

    /// <summary>FUCOM, FUCOMI: the same, but quiet NaNs raise nothing.</summary>
    public static X87Relation CompareUnordered(ref X87Context context, Float80 a, Float80 b) =>
        Compare(ref context, a, b, X87Exceptions.None);

    /// <summary>Sets C3, C2 and C0 as FCOM does.</summary>
    public static void SetConditions(ref X87Context context, X87Relation relation) =>
        context.Set(X87Conditions.All, relation switch
        {
            X87Relation.Greater => 0,
            X87Relation.Less => X87Conditions.C0,
            X87Relation.Equal => X87Conditions.C3,
            _ => X87Conditions.C3 | X87Conditions.C2 | X87Conditions.C0,
        });

    /// <summary>FXAM of a register that is not empty: its kind in C3, C2 and C0, and its sign in C1. Raises nothing.</summary>
    public static void Examine(ref X87Context context, Float80 a)
    {
        X87Conditions kind = a.Kind switch
        {
            Float80Kind.QuietNaN or Float80Kind.SignalingNaN => X87Conditions.C0,
            Float80Kind.Normal => X87Conditions.C2,
            Float80Kind.Infinity => X87Conditions.C2 | X87Conditions.C0,
            Float80Kind.Zero => X87Conditions.C3,
            Float80Kind.Denormal => X87Conditions.C3 | X87Conditions.C2,
            _ => 0,
        };
        context.Set(X87Conditions.All, kind | (a.IsNegative ? X87Conditions.C1 : 0));
    }

    /// <summary>FXAM of an empty register, whose sign still shows.</summary>
    public static void ExamineEmpty(ref X87Context context, Float80 a) =>
        context.Set(X87Conditions.All, X87Conditions.C3 | X87Conditions.C0 | (a.IsNegative ? X87Conditions.C1 : 0));

    private static X87Relation Compare(ref X87Context context, Float80 a, Float80 b, X87Exceptions quietNaN)
    {
        context.C1 = false;
        return a.IsNormal && b.IsNormal ? Order(a, b) : CompareSpecial(ref context, a, b, quietNaN);
    }

    private static X87Relation CompareSpecial(ref X87Context context, Float80 a, Float80 b, X87Exceptions quietNaN)
    {
        Float80Kind kindA = a.Kind;
        Float80Kind kindB = b.Kind;
        if (kindA >= Float80Kind.QuietNaN || kindB >= Float80Kind.QuietNaN)
        {
            bool quiet = kindA <= Float80Kind.QuietNaN && kindB <= Float80Kind.QuietNaN;
            context.Raise(quiet ? quietNaN : X87Exceptions.Invalid);
            return X87Relation.Unordered;
        }
        if (kindA == Float80Kind.Denormal || kindB == Float80Kind.Denormal)
            context.Raise(X87Exceptions.Denormal);
        if (kindA == Float80Kind.Zero && kindB == Float80Kind.Zero)
            return X87Relation.Equal;
        return Order(a, b);
    }

    /// <summary>How numbers stand to each other that are not both zero.</summary>
    private static X87Relation Order(Float80 a, Float80 b)
    {
        if (a.IsNegative != b.IsNegative)
            return a.IsNegative ? X87Relation.Less : X87Relation.Greater;
        int exponentA = Exponent(a);
        int exponentB = Exponent(b);
        if (exponentA == exponentB && a.Significand == b.Significand)
            return X87Relation.Equal;
        bool isSmaller = exponentA < exponentB || exponentA == exponentB && a.Significand < b.Significand;
        return isSmaller != a.IsNegative ? X87Relation.Less : X87Relation.Greater;
    }

    /// <summary>For order alone; a pseudo-denormal equals the normal number of the same value.</summary>
    private static int Exponent(Float80 value) =>
        value.BiasedExponent == 0 ? (int)(value.Significand >> 63) : value.BiasedExponent;
}

/// <summary>How one number stands to another.</summary>
public enum X87Relation
{
    /// <summary>a &gt; b.</summary>
    Greater,

    /// <summary>a &lt; b.</summary>
    Less,

    /// <summary>a = b.</summary>
    Equal,

    /// <summary>One of them is a NaN.</summary>
    Unordered,
}
