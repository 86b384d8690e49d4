using Kennel.Probes;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>The kernel's functions under their Linux names.</summary>
public sealed class KernelFunctionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_of_a_process_life_are_entered_and_left_in_order()
    {
        string[] watched = ["copy_process", "wake_up_new_task", "do_wait", "release_task", "do_exit", "exit_mm", "exit_notify", "load_elf_binary"];
        IReadOnlyList<string> lines = await RunAsync(
            ["-c", "/bin/uname >/dev/null; true"],
            f => watched.Contains(f.Name),
            static (f, e, _) => $"{e.Task.Name} {(e.Kind == EventKind.FunctionEntered ? ">" : "<")} {f.Name} {(e.Object as ITracedTask)?.Name}");
        string[] shell = [.. lines.Where(static l => l.StartsWith("bash", StringComparison.Ordinal)).SkipWhile(static l => !l.Contains("copy_process"))];
        Assert.Equal(["bash > copy_process ", "bash < copy_process bash", "bash > wake_up_new_task ", "bash < wake_up_new_task "], shell.Take(4));
        Assert.Equal(["uname > do_exit ", "uname > exit_mm ", "uname < exit_mm ", "uname > exit_notify ", "uname < exit_notify "], lines.Where(static l => l.StartsWith("uname", StringComparison.Ordinal)).TakeLast(5));
        int reaped = Array.IndexOf(shell, "bash > release_task ");
        Assert.True(reaped > Array.IndexOf(shell, "bash > do_wait "));
        Assert.True(reaped < Array.LastIndexOf(shell, "bash < do_wait "));
    }

    [Fact]
    public async Task Arguments_and_results_are_numbers_and_objects()
    {
        IReadOnlyList<string> lines = await RunAsync(
            ["-c", "echo hello"],
            static f => f.Name is "vfs_write" or "__x64_sys_write" or "sys_write",
            static (f, e, model) =>
            {
                var arguments = (object?[])e.Data!;
                Assert.Equal(f.Parameters.Count, arguments.Length);
                string first = f.Parameters[0].Type == "struct file *" ? (string)Field(model, "file_t", "f_vnode", "vnode_t", "v_path", arguments[0]!) : $"{arguments[0]}";
                return $"{f.Name}({first}, {arguments[2]}) {(e.Kind == EventKind.FunctionReturned ? e.Result : "")}";
            });
        Assert.Equal(["__x64_sys_write(1, 6) ", "sys_write(1, 6) "], lines.Take(2));
        Assert.Matches(@"^vfs_write\(.+, 6\) $", lines[2]);
        Assert.Equal(["sys_write(1, 6) 6", "__x64_sys_write(1, 6) 6"], lines.Skip(4));
    }

    [Fact]
    public async Task A_stack_leads_from_the_function_to_the_system_call()
    {
        IReadOnlyList<string> lines = await RunAsync(
            ["-c", "echo hello"], static f => f.Name is "vfs_write",
            static (f, e, model) =>
            {
                if (e.Kind == EventKind.FunctionReturned) return null;
                Span<ulong> frames = stackalloc ulong[20];
                int count = e.Task.KernelStack(frames);
                return string.Join(' ', frames[..count].ToArray().Select(a => model.FindFunction(a)!.Name));
            });
        Assert.Equal(["vfs_write __x64_sys_write do_syscall_64 entry_SYSCALL_64_after_hwframe"], lines);
    }

    [Fact]
    public async Task Every_function_has_a_name_a_file_and_parameters()
    {
        var tracer = new RecordingTracer();
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(tracer);
        IReadOnlyList<KernelFunction> functions = tracer.Target.Model.Functions;
        Assert.True(functions.Count(static f => !f.Name.Contains("sys_", StringComparison.Ordinal)) > 100);
        Assert.Equal(functions.Count, functions.Select(static f => f.Name).Distinct().Count());
        Assert.All(functions, static f => Assert.Matches("^[a-z0-9_/-]+/[a-z0-9_-]+\\.[cS]$", f.File));
        Assert.All(functions, static f => Assert.All(f.Parameters, p => Assert.True(p.Type.Length > 0 && p.Name.Length > 0, f.Name)));
        Assert.Equal(Enumerable.Range(0, functions.Count), functions.Select(static f => f.Id));
    }

    [Fact]
    public async Task All_of_them_at_once_change_nothing()
    {
        IReadOnlyList<string> lines = await RunAsync(
            ["-c", "for i in 1 2 3; do echo a | cat | tr a b >/dev/null; done; mkdir /tmp/d; echo x >/tmp/d/f; mv /tmp/d/f /tmp/d/g; rm -r /tmp/d; sleep 100 & kill -STOP $!; kill -CONT $!; kill $!; wait $!; true"],
            static _ => true, static (f, _, _) => f.Name);
        Assert.Superset(
            new HashSet<string>
            {
                "kernel_clone", "do_fork", "copy_mm", "dup_mm", "copy_files", "do_group_exit", "forget_original_parent", "wait_task_zombie", "do_execveat_common", "begin_new_exec",
                "handle_mm_fault", "as_fault", "as_segat", "do_wp_page", "vfs_read", "vfs_open", "do_sys_openat2", "do_filp_open", "path_openat", "vfs_statx", "filename_lookup", "pipe_read", "pipe_write",
                "do_mmap", "do_munmap", "do_brk", "send_signal_locked", "get_signal", "try_to_wake_up", "do_rmdir", "do_unlinkat", "do_renameat2", "__x64_sys_read", "sys_clone", "schedule",
            },
            lines.ToHashSet());
    }

    private static object Field(IKernelModel model, string type, string name, string next, string inner, object item)
    {
        object first = model.FindStruct(type)!.Fields.Single(f => f.Name == name).Read(item)!.Value.Object!;
        return model.FindStruct(next)!.Fields.Single(f => f.Name == inner).Read(first)!.Value.Object!;
    }

    private static async Task<IReadOnlyList<string>> RunAsync(
        string[] arguments, Func<KernelFunction, bool> select, Func<KernelFunction, KernelEvent, IKernelModel, string?> format)
    {
        Exception? failure = null;
        RecordingTracer? tracer = null;
        tracer = new RecordingTracer
        {
            Format = e =>
            {
                string? line = null;
                failure ??= Xunit.Record.Exception(() => line = format(tracer!.Target.Model.Functions[e.Number], e, tracer.Target.Model));
                return line;
            },
            Attached = t =>
            {
                foreach (KernelFunction function in t.Target.Model.Functions.Where(select))
                {
                    function.Entry.Attach(t.Record);
                    function.Return.Attach(t.Record);
                }
            },
        };
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(tracer);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("bash", arguments, cancellationToken: Cancel);
        Assert.Null(failure);
        Assert.Equal((0, ""), (result.ExitCode, result.StandardError));
        Assert.Equal(0, sandbox.Statistics.KernelFaults);
        return tracer.Lines;
    }
}
