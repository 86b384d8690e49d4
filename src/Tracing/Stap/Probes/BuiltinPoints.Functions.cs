using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Probes;

/// <content>Functions of the kernel and of programs, tracepoints, processes.</content>
internal sealed partial class BuiltinPoints
{
    private void AddFunctions(ProbeTree tree)
    {
        foreach (string head in (ReadOnlySpan<string>)["kernel.function(s)", "kprobe.function(s)"])
        {
            tree.AddBuiltin(head, parts => KernelFunctions(parts, false));
            tree.AddBuiltin(head + ".call", parts => KernelFunctions(parts, false));
            tree.AddBuiltin(head + ".exported", parts => KernelFunctions(parts, false));
            tree.AddBuiltin(head + ".return", parts => KernelFunctions(parts, true));
            tree.AddBuiltin(head + ".return.maxactive(n)", parts => KernelFunctions(parts, true));
            // No function here is ever inlined.
            tree.AddBuiltin(head + ".inline", _ => throw new StapSemanticException("no match", null));
        }
        foreach (string suffix in (ReadOnlySpan<string>)["", ".call", ".return", ".inline"])
            tree.AddBuiltin("module(s).function(s)" + suffix, _ => throw new StapSemanticException("no match", null));
        tree.AddBuiltin("kernel.statement(s)", parts => KernelFunctions(parts, false));
        tree.AddBuiltin("kernel.statement(s).nearest", parts => KernelFunctions(parts, false));
        foreach (string missing in (ReadOnlySpan<string>)
        [
            "kernel.statement(n)", "kernel.statement(n).absolute", "kernel.function(n)", "kernel.function(n).return", "kernel.function(s).callee(s)", "kernel.function(s).callees", "kernel.function(s).callees(n)", "kernel.function(s).label(s)", "kernel.mark(s)",
            "module(s).statement(s)", "module(s).statement(n)", "module(s).statement(n).absolute", "module(s).trace(s)", "module(s).function(s).exported", "module(s).function(s).callee(s)", "module(s).function(s).callees",
            "kprobe.module(s).function(s)", "kprobe.module(s).function(s).return", "kprobe.statement(n).absolute",
        ])
            tree.AddBuiltin(missing, _ => throw new StapSemanticException("no match", null));
    }

    private IEnumerable<ProbeSource> KernelFunctions(IReadOnlyList<PointPart> parts, bool isReturn)
    {
        string pattern = parts[1].Text!;
        int at = pattern.IndexOf('@');
        string name = at < 0 ? pattern : pattern[..at];
        string file = at < 0 ? "*" : pattern[(at + 1)..].Split(':')[0];
        KernelFunction[] found = [.. _model.Functions.Where(f => StapGlob.Matches(name, f.Name) && (StapGlob.Matches(file, f.File) || StapGlob.Matches("*/" + file, f.File)))];
        // A system call's entry is a function too.
        SyscallShape[] calls = found.Length > 0 || at >= 0 || StapGlob.HasWildcard(name) ? [] : [.. _model.Syscalls.Where(s => name == "sys_" + s.Name || name == "__x64_sys_" + s.Name || name == "SyS_" + s.Name)];
        if (found.Length == 0 && calls.Length == 0)
        {
            string similar = Suggestions.For(name, _model.Functions.Select(f => f.Name), "similar functions");
            throw new StapSemanticException("no match" + similar, null);
        }
        return [.. found.Select(f => KernelFunctionSource(f, parts, isReturn)), .. calls.Select(c => SyscallSource(c, isReturn ? SourceKind.SyscallReturn : SourceKind.Syscall))];
    }

    private static ProbeSource KernelFunctionSource(KernelFunction function, IReadOnlyList<PointPart> parts, bool isReturn)
    {
        List<TargetVariable> variables = [.. function.Parameters.Select((p, i) => new TargetVariable(p.Name, p.Type, TargetOrigin.Argument, i))];
        if (isReturn && function.ReturnType != "void") variables.Add(new TargetVariable("return", function.ReturnType, TargetOrigin.Result));
        string suffix = isReturn ? ".return" : parts.Count > 2 ? "." + parts[2] : "";
        return new ProbeSource
        {
            Kind = isReturn ? SourceKind.FunctionReturn : SourceKind.Function,
            Name = $"kernel.function(\"{function.Name}@{function.File}\"){suffix}",
            Number = function.Id,
            Function = function.Name,
            IsReturn = isReturn,
            Variables = variables,
        };
    }

    private void AddTracepoints(ProbeTree tree) => tree.AddBuiltin("kernel.trace(s)", parts =>
    {
        string pattern = parts[1].Text!;
        pattern = pattern[(pattern.IndexOf(':') + 1)..];
        ProbeSource[] found = [.. Tracepoints().Where(t => StapGlob.Matches(pattern, t.Name)).Select(t => t.Source)];
        return found.Length > 0 ? found : throw new StapSemanticException("no match" + Suggestions.For(pattern, Tracepoints().Select(t => t.Name), "similar tracepoints"), null);
    });

    private static IEnumerable<(string Name, ProbeSource Source)> Tracepoints()
    {
        const string Task = "struct task_struct *";
        yield return Point("sched", "sched_process_fork", EventKind.ProcessCreated, new("parent", Task, TargetOrigin.Self), new("child", Task, TargetOrigin.Target));
        yield return Point("sched", "sched_process_exec", EventKind.ExecSucceeded, new TargetVariable("p", Task, TargetOrigin.Self));
        yield return Point("sched", "sched_process_exit", EventKind.ThreadExited, new TargetVariable("p", Task, TargetOrigin.Self));
        yield return Point("sched", "sched_process_free", EventKind.ProcessFreed, new TargetVariable("p", Task, TargetOrigin.Target));
        yield return Point("sched", "sched_process_wait", EventKind.WaitBlocked, new TargetVariable("pid", "int", TargetOrigin.Number));
        yield return Point("sched", "sched_wakeup", EventKind.Wakeup, new TargetVariable("p", Task, TargetOrigin.Target));
        yield return Point("sched", "sched_wakeup_new", EventKind.FirstWakeup, new TargetVariable("p", Task, TargetOrigin.Target));
        yield return Point("sched", "sched_migrate_task", EventKind.Migrated, new("p", Task, TargetOrigin.Target), new("dest_cpu", "int", TargetOrigin.Raw, 1));
        yield return Point("sched", "sched_switch", EventKind.OffCpu, new("prev", Task, TargetOrigin.Self), new("next", Task, TargetOrigin.Target));
        yield return Point("signal", "signal_generate", EventKind.SignalSent, new("sig", "int", TargetOrigin.Number), new("task", Task, TargetOrigin.Target));
        yield return Point("signal", "signal_deliver", EventKind.SignalHandled, new TargetVariable("sig", "int", TargetOrigin.Number));
        yield return ("sys_enter", new ProbeSource { Kind = SourceKind.Syscall, Name = "kernel.trace(\"raw_syscalls:sys_enter\")", Tracepoint = "sys_enter", Number = -1, Variables = RawSyscallVariables(false) });
        yield return ("sys_exit", new ProbeSource { Kind = SourceKind.SyscallReturn, Name = "kernel.trace(\"raw_syscalls:sys_exit\")", Tracepoint = "sys_exit", Number = -1, Variables = RawSyscallVariables(true) });

        static (string, ProbeSource) Point(string system, string name, EventKind kind, params TargetVariable[] variables) =>
            (name, new ProbeSource { Kind = SourceKind.Event, Name = $"kernel.trace(\"{system}:{name}\")", Tracepoint = name, Event = kind, Variables = variables });
    }

    private void AddProcesses(ProbeTree tree)
    {
        foreach (string head in (ReadOnlySpan<string>)["process", "process(s)", "process(n)"])
        {
            tree.AddBuiltin(head + ".begin", parts => [Process(parts, EventKind.ExecSucceeded)]);
            tree.AddBuiltin(head + ".end", parts => [Process(parts, EventKind.ProcessExited)]);
            tree.AddBuiltin(head + ".thread.begin", parts => [Process(parts, EventKind.TaskStarted)]);
            tree.AddBuiltin(head + ".thread.end", parts => [Process(parts, EventKind.ThreadExited)]);
            tree.AddBuiltin(head + ".syscall", parts => [Process(parts, EventKind.SyscallEntered)]);
            tree.AddBuiltin(head + ".syscall.return", parts => [Process(parts, EventKind.SyscallReturned)]);
            foreach (string suffix in (ReadOnlySpan<string>)["", ".call", ".exported"])
                tree.AddBuiltin(head + ".function(s)" + suffix, parts => UserFunctions(parts, false));
            tree.AddBuiltin(head + ".function(s).return", parts => UserFunctions(parts, true));
            tree.AddBuiltin(head + ".function(s).return.maxactive(n)", parts => UserFunctions(parts, true));
            foreach (string suffix in (ReadOnlySpan<string>)["", ".call", ".return", ".exported"])
                tree.AddBuiltin(head + ".library(s).function(s)" + suffix, parts => UserFunctions([OfLibrary(parts[1]), .. parts.Skip(2)], suffix == ".return"));
            tree.AddBuiltin(head + ".mark(s)", parts => Marks(parts, "*", parts[1]));
            tree.AddBuiltin(head + ".provider(s).mark(s)", parts => Marks(parts, parts[1].Text!, parts[2]));
            tree.AddBuiltin(head + ".library(s).mark(s)", parts => Marks([OfLibrary(parts[1])], "*", parts[2]));
            tree.AddBuiltin(head + ".library(s).provider(s).mark(s)", parts => Marks([OfLibrary(parts[1])], parts[2].Text!, parts[3]));
            foreach (string missing in (ReadOnlySpan<string>)
            [
                ".plt", ".plt.return", ".plt(s)", ".plt(s).return", ".library(s).plt(s)", ".library(s).plt", ".statement(s)",
                ".statement(n)", ".statement(n).absolute", ".statement(s).nearest", ".library(s).statement(s)", ".insn", ".insn.block", ".function(s).callee(s)", ".function(s).callees", ".function(s).callees(n)", ".function(s).label(s)", ".function(n)", ".function(n).return",
            ])
                tree.AddBuiltin(head + missing, _ => throw new StapSemanticException("no match", null));
            tree.AddBuiltin(head + ".function(s).inline", _ => throw new StapSemanticException("no match", null));
        }
    }

    private static ProbeSource Process(IReadOnlyList<PointPart> parts, EventKind kind)
    {
        IReadOnlyList<TargetVariable> variables = kind switch
        {
            EventKind.SyscallEntered => [new("syscall", "long", TargetOrigin.Number), .. Enumerable.Range(0, 6).Select(i => new TargetVariable($"arg{i + 1}", "unsigned long", TargetOrigin.Raw, i))],
            EventKind.SyscallReturned => [new("syscall", "long", TargetOrigin.Number), new("return", "long", TargetOrigin.Result)],
            _ => [],
        };
        return new ProbeSource
        {
            Kind = SourceKind.Task,
            Name = string.Join('.', parts),
            Event = kind,
            Path = parts[0].Text,
            Number = parts[0].HasArgument && parts[0].Text == null ? parts[0].Number : 0,
            IsReturn = kind == EventKind.SyscallReturned,
            Variables = variables,
        };
    }

    private IEnumerable<ProbeSource> Marks(IReadOnlyList<PointPart> parts, string provider, PointPart mark)
    {
        string path = PathOf(parts[0]);
        GuestMark[] all = [.. GuestMarks.Of(target, path)];
        GuestMark[] found = [.. all.Where(m => StapGlob.Matches(mark.Text!, m.Name) && StapGlob.Matches(provider, m.Provider))];
        if (found.Length == 0) throw new StapSemanticException("no match" + Suggestions.For(mark.Text!, all.Select(m => m.Name), "similar marks"), null);
        return found.Select(m => new ProbeSource
        {
            Kind = SourceKind.UserFunction,
            Name = $"process(\"{path}\").provider(\"{m.Provider}\").mark(\"{m.Name}\")",
            Path = path,
            Offset = m.Offset,
            Number = parts[0].HasArgument && parts[0].Text == null ? parts[0].Number : 0,
            Function = m.Name,
            Tracepoint = m.Name,
            Provider = m.Provider,
            Variables = m.Arguments,
        });
    }

    private string PathOf(PointPart process) => process.Text is { } name ? options.FindProgram(name)
        : options.TargetProgram ?? throw new StapSemanticException("process probes without a path need a program: use -c", process.At);

    // As the dynamic linker would find it.
    private PointPart OfLibrary(PointPart part)
    {
        string name = part.Text!;
        if (name.Contains('/')) return part;
        foreach (string directory in (ReadOnlySpan<string>)["/lib/x86_64-linux-gnu/", "/usr/lib/x86_64-linux-gnu/", "/lib64/", "/usr/lib64/", "/lib/", "/usr/lib/", "/usr/local/lib/"])
        {
            if (target.FunctionsOf(directory + name).Count > 0) return part with { Text = directory + name };
        }
        throw new StapSemanticException("no match", null);
    }

    private IEnumerable<ProbeSource> UserFunctions(IReadOnlyList<PointPart> parts, bool isReturn)
    {
        string path = PathOf(parts[0]);
        string pattern = parts[1].Text!.Split('@')[0];
        ElfFunction[] all = [.. target.FunctionsOf(path)];
        ElfFunction[] found = [.. all.Where(f => StapGlob.Matches(pattern, f.Name)).DistinctBy(f => f.Offset)];
        if (found.Length == 0) throw new StapSemanticException("no match" + Suggestions.For(pattern, all.Select(f => f.Name), "similar functions"), null);
        return found.Select(f => new ProbeSource
        {
            Kind = isReturn ? SourceKind.UserReturn : SourceKind.UserFunction,
            Name = $"process(\"{path}\").function(\"{f.Name}\"){(isReturn ? ".return" : parts.Count > 2 ? "." + parts[2] : "")}",
            Path = path,
            Offset = f.Offset,
            Number = parts[0].HasArgument && parts[0].Text == null ? parts[0].Number : 0,
            Function = f.Name,
            IsReturn = isReturn,
            FindVariables = () => guest.Of(path, f.Name, isReturn),
        });
    }
}
