using System.Globalization;
using System.Text;
using Kennel.Probes;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>Stacks and symbols (man 3stap, tapset::context-symbols, tapset::ucontext-symbols).</summary>
internal static class StackFunctions
{
    private const int MaximumFrames = 64;

    [StapFunction("symname")]
    public static string SymbolName(StapRuntime rt, long address) => rt.Model.FindFunction((ulong)address)?.Name ?? Hex(address);

    [StapFunction("symdata")]
    public static string SymbolData(StapRuntime rt, long address) => rt.Model.FindFunction((ulong)address) is { } function ? $"{function.Name}+0x0/0x1 [kernel]" : Hex(address);

    [StapFunction("symline"), StapFunction("symfile"), StapFunction("symfileline")]
    public static string SymbolLine(StapRuntime rt, long address) => rt.Model.FindFunction((ulong)address)?.File ?? Hex(address);

    [StapFunction("modname")]
    public static string ModuleOf(StapRuntime rt, long address) => rt.Model.FindFunction((ulong)address) != null ? "kernel" : "<unknown>";

    [StapFunction("usymname")]
    public static string UserSymbolName(StapRuntime rt, long address) => rt.Task.FindUserSymbol((ulong)address) is { Name.Length: > 0 } symbol ? rt.Cut(StapStrings.From(symbol.Name)) : Hex(address);

    [StapFunction("usymdata")]
    public static string UserSymbolData(StapRuntime rt, long address) => rt.Task.FindUserSymbol((ulong)address) is { } symbol
        ? rt.Cut($"{UserPlace(symbol, (ulong)address)} [{StapStrings.From(symbol.Path)}]")
        : Hex(address);

    // Lines are not kept.
    [StapFunction("usymfile"), StapFunction("usymline"), StapFunction("usymfileline")]
    public static string UserSymbolLine(StapRuntime rt, long address) => Hex(address);

    [StapFunction("umodname")]
    public static string UserModule(StapRuntime rt, long address) => rt.Task.FindUserSymbol((ulong)address) is { } symbol ? StapStrings.From(symbol.Path) : "<unknown>";

    [StapFunction("addr")]
    public static long Address(StapRuntime rt) => rt.Probe?.Source.Kind is Binding.SourceKind.UserFunction or Binding.SourceKind.UserReturn ? (long)rt.Event.A0 : Kernel(rt).FirstOrDefault();

    [StapFunction("backtrace")]
    public static string Backtrace(StapRuntime rt) => rt.Cut(string.Join(' ', Kernel(rt).Select(Hex)));

    [StapFunction("callers")]
    public static string Callers(StapRuntime rt, long depth) => rt.Cut(string.Join(' ', Some(Kernel(rt), depth).Select(Hex)));

    [StapFunction("task_backtrace")]
    public static string TaskBacktrace(StapRuntime rt, long task)
    {
        Span<ulong> frames = stackalloc ulong[MaximumFrames];
        int count = TaskFunctions.Of(rt, task).KernelStack(frames);
        return rt.Cut(string.Join(' ', frames[..count].ToArray().Select(f => Hex((long)f))));
    }

    [StapFunction("caller")]
    public static string Caller(StapRuntime rt) => CallerAddress(rt) is not 0 and long address ? $"{SymbolName(rt, address)} {Hex(address)}" : "unknown";

    [StapFunction("caller_addr")]
    public static long CallerAddress(StapRuntime rt) => Kernel(rt).Skip(1).FirstOrDefault();

    [StapFunction("stack")]
    public static long Stack(StapRuntime rt, long depth) => Kernel(rt).Skip((int)depth).FirstOrDefault();

    [StapFunction("ubacktrace")]
    public static string UserBacktrace(StapRuntime rt) => rt.Cut(string.Join(' ', User(rt).Select(Hex)));

    [StapFunction("ucallers")]
    public static string UserCallers(StapRuntime rt, long depth) => rt.Cut(string.Join(' ', Some(User(rt), depth).Select(Hex)));

    [StapFunction("ustack")]
    public static long UserStack(StapRuntime rt, long depth) => User(rt).Skip((int)depth).FirstOrDefault();

    [StapFunction("print_backtrace", Acts = true), StapFunction("print_backtrace_fileline", Acts = true)]
    public static void PrintBacktrace(StapRuntime rt) => rt.Text.Append(KernelLines(rt, Kernel(rt)));

    [StapFunction("sprint_backtrace")]
    public static string SprintBacktrace(StapRuntime rt) => rt.Cut(KernelLines(rt, Kernel(rt)));

    [StapFunction("print_stack", Acts = true), StapFunction("print_syms", Acts = true)]
    public static void PrintStack(StapRuntime rt, string stack) => rt.Text.Append(KernelLines(rt, Parse(stack)));

    [StapFunction("sprint_stack"), StapFunction("sprint_syms")]
    public static string SprintStack(StapRuntime rt, string stack) => rt.Cut(KernelLines(rt, Parse(stack)));

    [StapFunction("print_ubacktrace", Acts = true), StapFunction("print_ubacktrace_fileline", Acts = true)]
    public static void PrintUserBacktrace(StapRuntime rt) => rt.Text.Append(UserLines(rt, User(rt)));

    [StapFunction("sprint_ubacktrace")]
    public static string SprintUserBacktrace(StapRuntime rt) => rt.Cut(UserLines(rt, User(rt)));

    [StapFunction("print_ubacktrace_brief", Acts = true)]
    public static void PrintBrief(StapRuntime rt) => rt.Text.Append(string.Concat(User(rt).Select(a => $"{UserSymbolName(rt, a)}\n")));

    [StapFunction("print_ustack", Acts = true), StapFunction("print_usyms", Acts = true)]
    public static void PrintUserStack(StapRuntime rt, string stack) => rt.Text.Append(UserLines(rt, Parse(stack)));

    [StapFunction("sprint_ustack"), StapFunction("sprint_usyms")]
    public static string SprintUserStack(StapRuntime rt, string stack) => rt.Cut(UserLines(rt, Parse(stack)));

    private static long[] Kernel(StapRuntime rt)
    {
        Span<ulong> frames = stackalloc ulong[MaximumFrames];
        return ToArray(frames[..rt.Task.KernelStack(frames)]);
    }

    private static long[] User(StapRuntime rt)
    {
        if (rt.Task.ThreadId == 0) return [];
        Span<ulong> frames = stackalloc ulong[MaximumFrames];
        return ToArray(frames[..rt.Task.UserStack(frames)]);
    }

    private static long[] ToArray(Span<ulong> frames)
    {
        var result = new long[frames.Length];
        for (int i = 0; i < frames.Length; i++) result[i] = (long)frames[i];
        return result;
    }

    private static IEnumerable<long> Some(long[] frames, long depth) => depth < 0 ? frames : frames.Take((int)Math.Min(depth, frames.Length));

    private static IEnumerable<long> Parse(string stack) => stack.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(w => long.TryParse(w.StartsWith("0x", StringComparison.Ordinal) ? w.AsSpan(2) : w, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long value) ? value : 0);

    private static string KernelLines(StapRuntime rt, IEnumerable<long> frames)
    {
        var text = new StringBuilder();
        foreach (long frame in frames) text.Append($" {Hex(frame)} : {(rt.Model.FindFunction((ulong)frame) is { } f ? $"{f.Name}+0x0/0x1 [kernel]" : Hex(frame))}\n");
        return text.ToString();
    }

    private static string UserLines(StapRuntime rt, IEnumerable<long> frames)
    {
        var text = new StringBuilder();
        foreach (long frame in frames)
        {
            UserSymbol? found = rt.Task.FindUserSymbol((ulong)frame);
            text.Append($" {Hex(frame)} : {(found is { } symbol ? $"{UserPlace(symbol, (ulong)frame)} [{StapStrings.From(symbol.Path)}]" : Hex(frame))}\n");
        }
        return text.ToString();
    }

    private static string UserPlace(UserSymbol symbol, ulong address) => symbol.Name.Length == 0
        ? Hex((long)address)
        : $"{StapStrings.From(symbol.Name)}+0x{address - symbol.Start:x}/0x{symbol.Size:x}";

    private static string Hex(long value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
}
