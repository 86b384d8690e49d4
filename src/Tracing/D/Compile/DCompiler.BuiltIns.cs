using System.Linq.Expressions;
using Kennel.Probes;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.D.Syntax;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Compile;

/// <summary>The built-in variables.</summary>
internal sealed partial class DCompiler
{
    private static string[] BuiltInNames =>
    [
        "args", "caller", "cpu", "curcpu", "curlwpsinfo", "curpsinfo", "curthread", "cwd", "egid", "epid", "errno", "euid", "execname", "fds", "gid", "id", "ipl", "pid", "ppid",
        "probefunc", "probemod", "probename", "probeprov", "root", "stackdepth", "tid", "timestamp", "ucaller", "uid", "uregs", "ustackdepth", "vtimestamp", "walltimestamp", "zonename",
        "arg0", "arg1", "arg2", "arg3", "arg4", "arg5", "arg6", "arg7", "arg8", "arg9", "self", "this",
    ];

    private readonly HashSet<string> _builtInNames = [.. BuiltInNames];

    private bool IsBuiltIn(string name) => _builtInNames.Contains(name);

    private Operand? BuiltIn(string name, int line)
    {
        Expression task = Field(nameof(DRuntime.Task));
        if (name.Length == 4 && name.StartsWith("arg", StringComparison.Ordinal) && char.IsAsciiDigit(name[3])) return Number(Type("int64_t"), Call(nameof(DRuntime.Argument), Expression.Constant(name[3] - '0')));
        switch (name)
        {
            case "pid": return Number(Type("pid_t"), Wide(Expression.Property(task, nameof(ITracedTask.ProcessId))));
            case "tid": return Number(Type("id_t"), Wide(Expression.Property(task, nameof(ITracedTask.ThreadId))));
            case "ppid": return Number(Type("pid_t"), Property(nameof(DRuntime.ParentPid)));
            case "uid": return Number(Type("uid_t"), Wide(Expression.Property(task, nameof(ITracedTask.UserId))));
            case "gid": return Number(Type("gid_t"), Wide(Expression.Property(task, nameof(ITracedTask.GroupId))));
            case "euid": return Number(Type("uid_t"), Wide(Expression.Property(task, nameof(ITracedTask.EffectiveUserId))));
            case "egid": return Number(Type("gid_t"), Wide(Expression.Property(task, nameof(ITracedTask.EffectiveGroupId))));
            case "cpu": return Number(Type("processorid_t"), Wide(Field(nameof(DRuntime.Cpu))));
            case "execname": return new Operand(_text, Property(nameof(DRuntime.ExecName)));
            case "timestamp": return Number(Type("uint64_t"), Field(nameof(DRuntime.Time)));
            case "walltimestamp": return Number(Type("int64_t"), Expression.Property(Field(nameof(DRuntime.Target)), nameof(ITraceTarget.WallClock)));
            case "vtimestamp": return Number(Type("uint64_t"), Property(nameof(DRuntime.VirtualTime)));
            case "errno": return Number(_types.Int, Field(nameof(DRuntime.Error)));
            case "probeprov": return new Operand(_text, ProbeText(nameof(DProbe.Provider)));
            case "probemod": return new Operand(_text, ProbeText(nameof(DProbe.Module)));
            case "probefunc": return new Operand(_text, ProbeText(nameof(DProbe.Function)));
            case "probename": return new Operand(_text, ProbeText(nameof(DProbe.Name)));
            case "id": return Number(_types.UnsignedInt, Wide(Expression.Property(Field(nameof(DRuntime.Probe)), nameof(DProbe.Id))));
            case "epid": return Number(_types.UnsignedInt, Wide(Expression.Property(Field(nameof(DRuntime.Clause)), nameof(DClause.Id))));
            case "ipl": return Constant(0, _types.UnsignedInt);
            case "zonename": return new Operand(_text, Expression.Constant("global"));
            case "caller": return Number(Type("uintptr_t"), Property(nameof(DRuntime.Caller)));
            case "ucaller": return Number(Type("uintptr_t"), Property(nameof(DRuntime.UserCaller)));
            case "stackdepth": return Number(Type("uint32_t"), Property(nameof(DRuntime.KernelStackDepth)));
            case "ustackdepth": return Number(Type("uint32_t"), Property(nameof(DRuntime.UserStackDepth)));
            case "curthread": return Object("kthread_t", Property(nameof(DRuntime.KernelTask)), line);
            case "curpsinfo": return Object("psinfo_t", Property(nameof(DRuntime.KernelTask)), line);
            case "curlwpsinfo": return Object("lwpsinfo_t", Property(nameof(DRuntime.KernelTask)), line);
            case "curcpu": return Object("cpuinfo_t", Property(nameof(DRuntime.CpuView)), line);
            case "cwd" or "root": return new Operand(_text, Call(nameof(DRuntime.Directory), Expression.Constant(name)));
            case "args" or "fds" or "uregs": throw new DCompileException("D_IDENT_BADREF", line, $"associative array '{name}' may not be referenced as scalar");
            default: return null;
        }
    }

    private Operand? BuiltInArray(string name, IndexNode node)
    {
        if (name is not ("args" or "fds" or "uregs")) return null;
        if (node.Keys.Count != 1) throw Prototype($"{name}[ ]", node.Keys.Count, "1", node.Line);
        Operand index = Value(node.Keys[0]);
        RequireInteger(index, name + "[ ]", node.Line);
        switch (name)
        {
            case "uregs" when index.Constant is < 0 or > 32:
                throw new DCompileException("D_REGS_IDX", node.Line, $"index {index.Constant} is out of range for uregs[ ]");
            case "uregs": return Number(Type("uint64_t"), Call(nameof(DRuntime.UserRegister), index.Code));
            case "fds": return new Operand(Type("fileinfo_t"), index.Code) { Object = Call(nameof(DRuntime.File), index.Code) };
        }
        if (index.Constant is not { } number) throw new DCompileException("D_ARGS_TYPE", node.Line, "args[ ] must be referenced using an integer constant");
        IReadOnlyList<CType>? types = _probes.Select(p => p.Arguments?.Invoke()).FirstOrDefault(t => t != null && t.Count > number) ?? _probes.Select(p => p.Arguments?.Invoke()).FirstOrDefault(t => t != null);
        if (types == null) throw new DCompileException("D_ARGS_NONE", node.Line, $"args[ ] may not be referenced because probe description {_probes.FirstOrDefault()?.ToString() ?? ""} matches an unstable set of probes");
        if (number < 0 || number >= types.Count) throw new DCompileException("D_ARGS_IDX", node.Line, $"index {number} is out of range for {_probes[0]} args[ ]");
        CType type = types[(int)number];
        ConstantExpression n = Expression.Constant((int)number);
        if (type.Resolved is CText) return new Operand(_text, Call(nameof(DRuntime.ArgumentText), n));
        Expression code = Fit(Call(nameof(DRuntime.Argument), n), type);
        return new Operand(type, code) { Object = type.Resolved is CPointer { Target.Resolved: CStruct { Kernel: not null } } ? Call(nameof(DRuntime.ArgumentObject), n) : null };
    }

    private Operand Object(string typeName, Expression item, int line)
    {
        CType type = _types.FindName(typeName) ?? throw new DCompileException("D_TYPE_ERR", line, $"failed to resolve type {typeName}: Type not found");
        Expression code = Expression.Convert(Expression.Call(Field(nameof(DRuntime.Model)), nameof(IKernelModel.AddressOf), null, item), typeof(long));
        return new Operand(_types.PointerTo(type), code) { Object = Expression.Convert(item, typeof(object)) };
    }

    private CType Type(string name) => _types.FindName(name) ?? _types.Long;

    private Expression Field(string name) => Expression.Field(_rt, name);

    private Expression Property(string name) => Expression.Property(_rt, name);

    private MemberExpression ProbeText(string name) => Expression.Property(Field(nameof(DRuntime.Probe)), name);

    private static UnaryExpression Wide(Expression code) => Expression.Convert(code, typeof(long));
}
