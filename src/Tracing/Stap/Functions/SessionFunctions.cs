using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>The session: its end, its messages, speculations, chance (man 3stap, tapset::logging, tapset::speculative).</summary>
internal static class SessionFunctions
{
    [StapFunction("exit", Acts = true)]
    public static void Exit(StapRuntime rt) => rt.Exit();

    [StapFunction("error", Acts = true)]
    public static void Error(StapRuntime rt, string message) => throw new StapError(message);

    [StapFunction("assert", Acts = true)]
    public static void Assert(StapRuntime rt, long condition) => Assert(rt, condition, "assertion failed");

    [StapFunction("assert", Acts = true)]
    public static void Assert(StapRuntime rt, long condition, string message)
    {
        if (condition == 0) throw new StapError(message);
    }

    [StapFunction("warn", Acts = true)]
    public static void Warn(StapRuntime rt, string message)
    {
        if (!rt.Options.NoWarnings) rt.Output.Message("WARNING: " + message);
    }

    [StapFunction("log", Acts = true)]
    public static void Log(StapRuntime rt, string message)
    {
        rt.Text.Append(message);
        rt.Text.Append("\n");
    }

    [StapFunction("printk", Acts = true, Guru = true)]
    public static void Printk(StapRuntime rt, long level, string message) => rt.Output.Message(message);

    [StapFunction("ftrace", Acts = true)]
    public static void Ftrace(StapRuntime rt, string message) => Log(rt, message);

    [StapFunction("abort", Acts = true)]
    public static void Abort(StapRuntime rt)
    {
        rt.Exit();
        throw new StapAbort();
    }

    [StapFunction("system", Acts = true)]
    public static void System(StapRuntime rt, string command) => throw new StapError("system() is not supported: scripts here run no programs on the host");

    [StapFunction("panic", Acts = true, Guru = true)]
    public static void Panic(StapRuntime rt, string message) => throw new StapError("panic() is not supported: " + message);

    [StapFunction("raise", Acts = true, Guru = true)]
    public static void Raise(StapRuntime rt, long signal) => rt.Task.SendSignal((int)signal);

    [StapFunction("randint", Acts = true)]
    public static long Random(StapRuntime rt, long limit) => limit <= 0 ? 0 : rt.Random.NextInt64(limit);

    [StapFunction("speculation", Acts = true)]
    public static long Speculation(StapRuntime rt) => rt.Speculations.Open();

    [StapFunction("speculate", Acts = true)]
    public static void Speculate(StapRuntime rt, long id, string output) => rt.Speculations.Find(id).Append(output);

    [StapFunction("commit", Acts = true)]
    public static void Commit(StapRuntime rt, long id) => rt.Text.Append(rt.Speculations.Close(id).Span);

    [StapFunction("discard", Acts = true)]
    public static void Discard(StapRuntime rt, long id) => rt.Speculations.Close(id);

    [StapFunction("set_kernel_string", Acts = true, Guru = true)]
    public static void SetKernelString(StapRuntime rt, long address, string text) => throw StapRuntime.FaultAt(address);

    [StapFunction("set_kernel_string_n", Acts = true, Guru = true)]
    public static void SetKernelString(StapRuntime rt, long address, long most, string text) => throw StapRuntime.FaultAt(address);

    [StapFunction("set_kernel_long", Acts = true, Guru = true), StapFunction("set_kernel_int", Acts = true, Guru = true), StapFunction("set_kernel_short", Acts = true, Guru = true)]
    [StapFunction("set_kernel_char", Acts = true, Guru = true), StapFunction("set_kernel_pointer", Acts = true, Guru = true)]
    public static void SetKernelNumber(StapRuntime rt, long address, long value) => throw StapRuntime.FaultAt(address);

    [StapFunction("mdelay", Acts = true, Guru = true), StapFunction("udelay", Acts = true, Guru = true)]
    public static void Delay(StapRuntime rt, long time) => throw new StapError("a delay inside a probe is not supported");

    [StapFunction("num_online_cpus"), StapFunction("num_active_cpus")]
    public static long Processors(StapRuntime rt) => rt.Target.Processors;

    [StapFunction("kernel_version_text")]
    public static string KernelVersion(StapRuntime rt) => rt.Options.KernelRelease;
}

/// <summary>Output that waits for a decision.</summary>
internal sealed class StapSpeculations
{
    private readonly Dictionary<long, ByteText> _open = [];
    private long _next = 1;

    public long Open()
    {
        _open[_next] = new ByteText();
        return _next++;
    }

    public ByteText Find(long id) => _open.TryGetValue(id, out ByteText? text) ? text : throw new StapError($"speculation {id} does not exist");

    public ByteText Close(long id)
    {
        ByteText text = Find(id);
        _open.Remove(id);
        return text;
    }
}
