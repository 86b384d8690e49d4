using System.Linq.Expressions;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.D.Syntax;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Compile;

/// <summary>Functions that give a value.</summary>
internal sealed partial class DCompiler
{
    private static string[] KnownFunctions =>
    [
        "alloca", "basename", "bcopy", "cleanpath", "copyin", "copyinstr", "copyinto", "copyout", "copyoutstr", "dirname", "getmajor", "getminor", "htonl", "htonll", "htons", "index",
        "inet_ntoa", "inet_ntoa6", "inet_ntop", "lltostr", "mutex_owned", "mutex_owner", "mutex_type_adaptive", "mutex_type_spin", "ntohl", "ntohll", "ntohs", "progenyof", "rand",
        "rindex", "rw_iswriter", "rw_read_held", "rw_write_held", "speculation", "strchr", "strjoin", "strlen", "strrchr", "strstr", "strtok", "strtoll", "stringof", "substr", "tolower",
        "toupper", "ddi_pathname", "msgdsize", "msgsize", "d_path", "link_ntop", "json",
        "trace", "printf", "printa", "tracemem", "stack", "ustack", "jstack", "sym", "func", "mod", "usym", "ufunc", "umod", "uaddr", "exit", "normalize", "denormalize", "clear", "trunc",
        "setopt", "freopen", "ftruncate", "system", "speculate", "commit", "discard", "stop", "raise", "chill", "breakpoint", "panic", "print", "pcap",
        "count", "sum", "avg", "min", "max", "stddev", "quantize", "lquantize", "llquantize",
    ];

    private static readonly System.Collections.Frozen.FrozenSet<string> FunctionNames = System.Collections.Frozen.FrozenSet.ToFrozenSet(KnownFunctions);

    private Operand Call(CallNode node)
    {
        int line = node.Line;
        if (!FunctionNames.Contains(node.Name))
        {
            string? kind = KindOf(node.Name);
            throw kind == null
                ? new DCompileException("D_FUNC_UNDEF", line, $"undefined function name: {node.Name}")
                : new DCompileException("D_FUNC_IDKIND", line, $"{kind} '{node.Name}' may not be referenced as a function");
        }
        switch (node.Name)
        {
            case "count" or "sum" or "avg" or "min" or "max" or "stddev" or "quantize" or "lquantize" or "llquantize":
                throw new DCompileException("D_AGG_FUNC", line, $"aggregating function {node.Name}( ) may only be assigned to an aggregation");
            case "stack" or "ustack" or "jstack":
                return StackValue(node);
            case "sym" or "func" or "mod" or "usym" or "ufunc" or "umod" or "uaddr":
                return SymbolValue(node);
        }
        if (Action(node) is { } action) return new Operand(_types.Void, action) { Action = node.Name };
        return Function(node, line);
    }

    private Operand Function(CallNode node, int line)
    {
        switch (node.Name)
        {
            case "stringof":
                Arity(node, 1, 1);
                return StringOf(Value(node.Arguments[0]), line);
            case "strlen":
                return Number(_types.FindName("size_t")!, Static(nameof(DRuntime.Strlen), Text(node, 0, 1, 1)));
            case "strjoin":
                Arity(node, 2, 2);
                return TextResult(Call(nameof(DRuntime.Strjoin), Text(node, 0), Text(node, 1)));
            case "strstr":
                Arity(node, 2, 2);
                return TextResult(Static(nameof(DRuntime.Strstr), Text(node, 0), Text(node, 1)));
            case "strchr" or "strrchr":
                Arity(node, 2, 2);
                return TextResult(Static(node.Name == "strchr" ? nameof(DRuntime.Strchr) : nameof(DRuntime.Strrchr), Text(node, 0), Integer(node, 1)));
            case "strtok":
                Arity(node, 2, 2);
                return TextResult(Call(nameof(DRuntime.Strtok), Text(node, 0), Text(node, 1)));
            case "index":
                Arity(node, 2, 3);
                return Number(_types.Int, Static(nameof(DRuntime.Index), Text(node, 0), Text(node, 1), node.Arguments.Count > 2 ? Integer(node, 2) : Expression.Constant(0L)));
            case "rindex":
                Arity(node, 2, 3);
                return Number(_types.Int, Static(nameof(DRuntime.RightIndex), Text(node, 0), Text(node, 1), node.Arguments.Count > 2 ? Integer(node, 2) : Expression.Constant(long.MaxValue)));
            case "substr":
                Arity(node, 2, 3);
                return TextResult(Static(nameof(DRuntime.Substr), Text(node, 0), Integer(node, 1), node.Arguments.Count > 2 ? Integer(node, 2) : Expression.Constant(long.MaxValue)));
            case "basename" or "dirname" or "cleanpath" or "toupper" or "tolower":
                string method = node.Name switch { "basename" => nameof(DRuntime.Basename), "dirname" => nameof(DRuntime.Dirname), "cleanpath" => nameof(DRuntime.Cleanpath), "toupper" => nameof(DRuntime.ToUpper), _ => nameof(DRuntime.ToLower) };
                return TextResult(Static(method, Text(node, 0, 1, 1)));
            case "lltostr":
                Arity(node, 1, 2);
                return TextResult(Static(nameof(DRuntime.NumberText), Integer(node, 0), node.Arguments.Count > 1 ? Integer(node, 1) : Expression.Constant(10L)));
            case "strtoll":
                Arity(node, 1, 2);
                return Number(Type("int64_t"), Static(nameof(DRuntime.ParseNumber), Text(node, 0), node.Arguments.Count > 1 ? Integer(node, 1) : Expression.Constant(10L)));
            case "copyin":
                Arity(node, 2, 2);
                return Number(_types.PointerTo(_types.Void), Call(nameof(DRuntime.Copyin), Scalar(node, 0), Integer(node, 1)));
            case "copyinstr":
                Arity(node, 1, 2);
                return TextResult(Call(nameof(DRuntime.CopyinText), Scalar(node, 0), node.Arguments.Count > 1 ? Integer(node, 1) : Expression.Constant((long)int.MaxValue)));
            case "copyinto":
                Arity(node, 3, 3);
                return new Operand(_types.Void, Call(nameof(DRuntime.CopyinTo), Scalar(node, 0), Integer(node, 1), Scalar(node, 2)));
            case "alloca":
                Arity(node, 1, 1);
                return Number(_types.PointerTo(_types.Void), Expression.Call(Memory, nameof(DMemory.Allocate), null, Integer(node, 0)));
            case "bcopy":
                Arity(node, 3, 3);
                return new Operand(_types.Void, Expression.Call(Memory, nameof(DMemory.Copy), null, Scalar(node, 0), Scalar(node, 1), Integer(node, 2)));
            case "progenyof":
                Arity(node, 1, 1);
                return Number(_types.Int, Call(nameof(DRuntime.IsProgenyOf), Integer(node, 0)));
            case "rand":
                Arity(node, 0, 0);
                return Number(_types.Int, Call(nameof(DRuntime.Random)));
            case "speculation":
                Arity(node, 0, 0);
                return Number(_types.Int, Expression.Call(Field(nameof(DRuntime.Consumer)), nameof(Output.DConsumer.NewSpeculation), null));
            case "getmajor" or "getminor":
                Arity(node, 1, 1);
                Expression device = Integer(node, 0);
                return Number(_types.UnsignedInt, node.Name == "getmajor"
                    ? Expression.And(Expression.RightShift(device, Expression.Constant(8)), Expression.Constant(0xfffL))
                    : Expression.Or(Expression.And(device, Expression.Constant(0xffL)), Expression.And(Expression.RightShift(device, Expression.Constant(12)), Expression.Constant(0xfff00L))));
            case "htons" or "ntohs":
                return Number(Type("uint16_t"), Static(nameof(DRuntime.Swap), Integer(node, 0, 1, 1), Expression.Constant(2)));
            case "htonl" or "ntohl":
                return Number(Type("uint32_t"), Static(nameof(DRuntime.Swap), Integer(node, 0, 1, 1), Expression.Constant(4)));
            case "htonll" or "ntohll":
                return Number(Type("uint64_t"), Static(nameof(DRuntime.Swap), Integer(node, 0, 1, 1), Expression.Constant(8)));
            case "inet_ntoa":
                Arity(node, 1, 1);
                return TextResult(Call(nameof(DRuntime.Inet4), Pointer(node, 0, "ipaddr_t *")));
            case "inet_ntoa6":
                Arity(node, 1, 1);
                return TextResult(Call(nameof(DRuntime.Inet6), Pointer(node, 0, "in6_addr_t *")));
            case "inet_ntop":
                Arity(node, 2, 2);
                return TextResult(Call(nameof(DRuntime.InetAny), Integer(node, 0), Pointer(node, 1, "void *")));
            case "link_ntop":
                Arity(node, 2, 2);
                return TextResult(Call(nameof(DRuntime.LinkAddress), Integer(node, 0), Pointer(node, 1, "void *")));
            case "json":
                Arity(node, 2, 2);
                return TextResult(Static(nameof(DRuntime.Json), Text(node, 0), Text(node, 1)));
            case "d_path" or "ddi_pathname":
                Arity(node, 1, 2);
                return TextResult(Expression.Call(Memory, nameof(DMemory.Text), null, Scalar(node, 0), Expression.Constant(int.MaxValue)));
            // No kernel lock of ours is a mutex or reader-writer lock that a pointer could name: none is held.
            case "mutex_owned" or "mutex_type_spin" or "rw_iswriter" or "rw_read_held" or "rw_write_held":
                Arity(node, 1, 1);
                return Number(_types.Int, Expression.Block(Scalar(node, 0), Expression.Constant(0L)));
            case "mutex_type_adaptive":
                Arity(node, 1, 1);
                return Number(_types.Int, Expression.Block(Scalar(node, 0), Expression.Constant(1L)));
            case "mutex_owner":
                Arity(node, 1, 1);
                return Number(_types.PointerTo(Type("kthread_t")), Expression.Block(Scalar(node, 0), Expression.Constant(0L)));
            default:
                throw new DCompileException("D_FUNC_UNSUP", line, $"{node.Name}( ) is not supported on this kernel");
        }
    }

    /// <summary>What a name is that is no function.</summary>
    private string? KindOf(string name) =>
        name is "args" or "fds" or "uregs" || _variables.Find(Scope.Global, name) is { Storage: Storage.Table } ? "associative array"
        : _variables.Find(Scope.Global, name) != null || IsBuiltIn(name) || _inlines.ContainsKey(name) ? "scalar"
        : KernelConstants.Find(name) != null ? "enumerator" : null;

    private Operand StackValue(CallNode node)
    {
        bool user = node.Name != "stack";
        int given = node.Arguments.Count;
        if (given > (user ? 2 : 1)) throw new DCompileException(user ? "D_USTACK_PROTO" : "D_STACK_PROTO", node.Line, $"{node.Name}( ) prototype mismatch: too many arguments");
        long[] sizes = new long[2];
        for (int i = 0; i < given; i++)
        {
            Operand size = Value(node.Arguments[i]);
            sizes[i] = size.IsInteger ? size.Constant ?? -1 : -1;
            if (!user && sizes[i] <= 0) throw new DCompileException("D_STACK_SIZE", node.Line, "stack( ) size must be a non-zero positive integral constant expression");
            if (i == 0 && user && sizes[i] < 0) throw new DCompileException("D_USTACK_FRAMES", node.Line, $"{node.Name}( ) argument #1 must be a non-zero positive integer constant");
            if (i == 1 && sizes[i] < 0) throw new DCompileException("D_USTACK_STRSIZE", node.Line, $"{node.Name}( ) argument #2 must be a positive integer constant");
        }
        Expression frames = Expression.Constant((int)Math.Min(sizes[0], 512));
        return TextResult(Call(node.Name == "stack" ? nameof(DRuntime.KernelStackText) : nameof(DRuntime.UserStackText), frames)) with { Symbol = SymbolKind.Stack };
    }

    private Operand SymbolValue(CallNode node)
    {
        Arity(node, 1, 1);
        string method = node.Name switch
        {
            "sym" or "func" => nameof(DRuntime.KernelAddress),
            "mod" => nameof(DRuntime.KernelModule),
            "umod" => nameof(DRuntime.UserModule),
            "uaddr" => nameof(DRuntime.UserAddress),
            _ => nameof(DRuntime.UserFunction),
        };
        return TextResult(Call(method, Scalar(node, 0))) with { Symbol = SymbolKind.Symbol };
    }

    private Operand TextResult(Expression code) => new(_text, code);

    private static void Arity(CallNode node, int low, int high)
    {
        int given = node.Arguments.Count;
        if (given < low || given > high) throw Prototype($"{node.Name}( )", given, low == high ? $"{low}" : $"at least {low}", node.Line);
    }

    private static DCompileException Prototype(string what, int given, string expected, int line) =>
        new("D_PROTO_LEN", line, $"{what} prototype mismatch: {given} arg{(given == 1 ? "" : "s")} passed, {expected} expected");

    private Expression Text(CallNode node, int index, int low, int high)
    {
        Arity(node, low, high);
        return Text(node, index);
    }

    private Expression Text(CallNode node, int index)
    {
        Operand value = Value(node.Arguments[index]);
        if (value.IsText) return value.Code;
        if (value.IsCharacters || value.Target?.Resolved is CInteger { Size: 1 }) return StringOf(value, node.Line).Code;
        if (value.Constant == 0) return Expression.Constant(null, typeof(string));
        throw Mismatch(node, index, "string", value);
    }

    private Expression Integer(CallNode node, int index, int low, int high)
    {
        Arity(node, low, high);
        return Integer(node, index);
    }

    private Expression Integer(CallNode node, int index)
    {
        Operand value = Value(node.Arguments[index]);
        return value.IsInteger ? value.Code : throw Mismatch(node, index, "int", value);
    }

    private Expression Scalar(CallNode node, int index)
    {
        Operand value = Value(node.Arguments[index]);
        return value.IsScalar ? value.Code : value.IsText ? AddressOfText(value) : throw Mismatch(node, index, "uintptr_t", value);
    }

    private Expression Pointer(CallNode node, int index, string wanted)
    {
        Operand value = Value(node.Arguments[index]);
        return value.IsScalar ? value.Code : throw Mismatch(node, index, wanted, value);
    }

    private static DCompileException Mismatch(CallNode node, int index, string wanted, Operand value) =>
        new("D_PROTO_ARG", node.Line, $"{node.Name}( ) argument #{index + 1} is incompatible with prototype:\n\tprototype: {wanted}\n\t argument: {value.Type}");
}
