using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>Arguments by number and registers by name, where no names of parameters are known (man 3stap, tapset::registers).</summary>
internal static class ArgumentFunctions
{
    private static readonly Dictionary<string, int> _registers = new()
    {
        ["rax"] = 0,
        ["rcx"] = 1,
        ["rdx"] = 2,
        ["rbx"] = 3,
        ["rsp"] = 4,
        ["rbp"] = 5,
        ["rsi"] = 6,
        ["rdi"] = 7,
        ["r8"] = 8,
        ["r9"] = 9,
        ["r10"] = 10,
        ["r11"] = 11,
        ["r12"] = 12,
        ["r13"] = 13,
        ["r14"] = 14,
        ["r15"] = 15,
        ["rip"] = 16,
        ["eflags"] = 17,
        ["flags"] = 17,
        ["eax"] = 0,
        ["ecx"] = 1,
        ["edx"] = 2,
        ["ebx"] = 3,
        ["esp"] = 4,
        ["ebp"] = 5,
        ["esi"] = 6,
        ["edi"] = 7,
    };

    private static readonly int[] _order = [7, 6, 2, 1, 8, 9];

    [StapFunction("int_arg"), StapFunction("s32_arg")]
    public static long Int(StapRuntime rt, long n) => (int)Argument(rt, n);

    [StapFunction("uint_arg"), StapFunction("u32_arg")]
    public static long UInt(StapRuntime rt, long n) => (uint)Argument(rt, n);

    [StapFunction("long_arg"), StapFunction("ulong_arg"), StapFunction("longlong_arg"), StapFunction("ulonglong_arg"), StapFunction("pointer_arg"), StapFunction("s64_arg"), StapFunction("u64_arg")]
    public static long Long(StapRuntime rt, long n) => Argument(rt, n);

    [StapFunction("returnval"), StapFunction("returnval_long")]
    public static long ReturnValue(StapRuntime rt) => rt.Probe?.Source.Kind switch
    {
        SourceKind.UserReturn => (long)rt.Task.Register(0),
        _ => rt.Event.Result,
    };

    [StapFunction("register"), StapFunction("u_register")]
    public static long Register(StapRuntime rt, string name)
    {
        if (!_registers.TryGetValue(name.TrimStart('%'), out int number)) throw new StapError($"Unknown register: {name}");
        long value = (long)rt.Task.Register(number);
        return name.StartsWith('e') ? (uint)value : value;
    }

    [StapFunction("asmlinkage", Acts = true), StapFunction("fastcall", Acts = true)]
    public static void Convention(StapRuntime rt)
    {
        // All calls here pass arguments in registers.
    }

    [StapFunction("regparm", Acts = true)]
    public static void Convention(StapRuntime rt, long registers)
    {
        // The same.
    }

    // DWARF numbers registers in an order of its own.
    [StapFunction("__uregister"), StapFunction("__kregister")]
    public static long RegisterByNumber(StapRuntime rt, long number)
    {
        ReadOnlySpan<int> order = [0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        return number >= 0 && number < order.Length ? (long)rt.Task.Register(order[(int)number]) : 0;
    }

    private static long Argument(StapRuntime rt, long n)
    {
        if (n is < 1 or > 6) throw new StapError($"cannot access arg({n})");
        ProbeSource? source = rt.Probe?.Source;
        if (source == null) return 0;
        if (source.Kind is SourceKind.UserFunction or SourceKind.UserReturn) return (long)rt.Task.Register(_order[n - 1]);
        TargetVariable[] parameters = [.. source.Parameters];
        if (n > parameters.Length) throw new StapError($"cannot access arg({n})");
        return rt.ValueOf(parameters[n - 1], StapCType.Parse(parameters[n - 1].Type));
    }
}
