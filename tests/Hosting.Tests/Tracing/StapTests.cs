using System.Text;
using Kennel.Tracing.Stap;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>SystemTap scripts at real programs.</summary>
public sealed class StapTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_life_of_a_process_comes_in_its_order()
    {
        string[] lines = await LinesAsync(
            """
            probe scheduler.process*, scheduler.wakeup_new, syscall.fork, syscall.execve, syscall.exit, syscall.wait4, kprocess.* {
              printf("%s %s\n", execname(), pn())
            }
            """, "bash", "-c", "/bin/uname; true");
        int fork = Array.IndexOf(lines, "bash syscall.fork");
        Assert.Equal(
            ["bash syscall.fork", "bash kprocess.create", "bash scheduler.process_fork", "bash scheduler.wakeup_new"], lines[fork..(fork + 4)]);
        string[] child = ["bash kprocess.start", "bash kprocess.exec", "bash syscall.execve", "uname kprocess.exec_complete", "uname kprocess.exit", "uname syscall.exit", "uname scheduler.process_exit"];
        Assert.Equal(child, lines.Where(l => child.Contains(l)).SkipWhile(l => l != "bash kprocess.start"), StringComparer.Ordinal);
        Assert.True(Array.IndexOf(lines, "bash syscall.wait4") < Array.IndexOf(lines, "bash scheduler.process_wait"));
        Assert.True(Array.IndexOf(lines, "uname scheduler.process_exit") < Array.IndexOf(lines, "bash kprocess.release"));
        Assert.True(Array.IndexOf(lines, "bash kprocess.release") < Array.IndexOf(lines, "bash scheduler.process_free"));
    }

    [Fact]
    public async Task A_probe_that_uses_no_variable_takes_points_of_all_kinds()
    {
        string[] lines = await LinesAsync(
            """
            probe scheduler.process*, syscall.exec*, syscall.exit, kprocess.* {
              printf("%s", pn())
              if (@defined($return)) printf(" ret %d", $return)
              println()
            }
            """, "sh", "-c", "/bin/true; true");
        Assert.Contains("kprocess.exec", lines);
        Assert.Contains("syscall.execve", lines);
        Assert.Contains("kprocess.release", lines);
    }

    [Fact]
    public async Task Pids_and_names_of_parent_and_child_are_right()
    {
        string[] lines = await LinesAsync(
            """
            global parent, made
            probe begin { println("begin ", target() > 0) }
            probe scheduler.process_fork { parent = parent_pid made = child_pid println(parent_pid == pid(), child_pid > parent_pid) }
            probe syscall.fork.return { if ($return > 0) println("parent ", $return == made, pid() == parent) else println("child ", pid() == made, ppid() == parent) }
            probe kprocess.exec_complete { if (pid() == made) printf("%s %s %d\n", execname(), pid2execname(parent), success) }
            probe kprocess.exit { if (pid() == made) println("code ", code) }
            probe kprocess.release { if (released_pid == made) println("released by ", execname()) }
            """, "bash", "-c", "/bin/false; true");
        Assert.Equal(
            ["11", "begin 1", "child 11", "code 256", "false bash 1", "parent 11", "released by bash"], lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_task_can_be_walked()
    {
        string[] lines = await LinesAsync(
            """
            function file:string (f:long) { return f ? d_name(@cast(f, "file")->f_path->dentry) : "-" }
            probe syscall.exit_group {
              t = task_current()
              printf("%s %d %d\n", kernel_string(@cast(t, "task_struct")->comm), @cast(t, "task_struct")->tgid == pid(), task_max_file_handles(t))
              printf("%s %s\n", file(@cast(t, "task_struct")->mm->exe_file), kernel_string(@cast(t, "struct task_struct", "kernel")->real_parent->comm))
              fdt = @cast(t, "task_struct")->files->fdt
              for (i = 0; i < 10; i++) if (@cast(fdt, "fdtable")->fd[i]) printf("%d:%s ", i, file(@cast(fdt, "fdtable")->fd[i]))
              println()
              println(user_string2(@cast(t, "task_struct")->mm->arg_start, "?"), "|", cmdline_str(), "|", cmdline_arg(2))
              println(@defined(@cast(0, "file")->f_vfsmnt), @defined(@cast(0, "file")->f_path))
              println(t->comm == @cast(t, "task_struct")->comm, " ", task_current()->pid == tid())
              printf("%s\n", task_dentry_path(t, @cast(t, "task_struct")->fs->pwd->dentry, @cast(t, "task_struct")->fs->pwd->mnt))
            }
            """, "bash", "-c", "cd /usr/lib; exec 7</etc/passwd; : one");
        Assert.Equal("bash 1 64", lines[0]);
        Assert.Equal("bash init", lines[1]);
        Assert.Contains("7:passwd", lines[2], StringComparison.Ordinal);
        Assert.Equal("bash|bash -c cd /usr/lib; exec 7</etc/passwd; : one|cd /usr/lib; exec 7</etc/passwd; : one", lines[3]);
        Assert.Equal(["01", "1 1", "/usr/lib"], lines[4..7]);
    }

    [Fact]
    public async Task System_calls_have_their_variables()
    {
        string[] lines = await LinesAsync(
            """
            probe syscall.write { if (fd == 1) printf("%s %d %d %s %s\n", name, fd, count, user_string_n(buf_uaddr, count - 1), argstr) }
            probe syscall.write.return { if (fd == 1) printf("%s %d %d\n", retstr, $return, $count) }
            probe syscall.openat { if (filename == "/etc/hostname") printf("%s %d %s\n", filename, flags, flags_str) }
            probe syscall.openat.return { if (retval == -2 && filename == "/nosuch") println(retstr) }
            """, "bash", "-c", "echo hello; read x </etc/hostname; : </nosuch; true");
        Assert.Equal(["write 1 6 hello 1, \"hello\\n\", 6", "6 6 6"], lines[..2]);
        Assert.Equal(["/etc/hostname 0 O_RDONLY", "-2 (ENOENT)"], lines[2..]);
    }

    [Fact]
    public async Task Functions_of_the_kernel_have_parameters_and_results()
    {
        string[] lines = await LinesAsync(
            """
            probe kernel.function("vfs_w*@fs/read_write.c").call { if ($count == 6) printf("%s %d %s\n", probefunc(), $count, d_name($file->f_path->dentry) != "") }
            probe kernel.function("vfs_write").return { if ($count == 6) printf("%s %d %d %d %s\n", ppfunc(), $return, @entry($count), is_return(), pp()) }
            probe kernel.function("nosuch_function") ? { println("never") }
            probe kernel.function("do_exit").return ? { println($$vars) }
            """.Replace("d_name($file->f_path->dentry) != \"\"", "sprint(d_name($file->f_path->dentry) != \"\")", StringComparison.Ordinal), "bash", "-c", "echo hello");
        Assert.Equal(["vfs_write 6 1", "vfs_write 6 6 1 kernel.function(\"vfs_write@fs/read_write.c\").return"], lines[..2]);
    }

    [Fact]
    public async Task Signals_and_faults_say_what_they_are_about()
    {
        string[] lines = await LinesAsync(
            """
            global faults
            probe signal.send { if (sig == 10) printf("%s sends %s to %s\n", execname(), sig_name, pid_name) }
            probe signal.handle { if (sig == 10) printf("%s handles %d\n", execname(), sig) }
            probe vm.pagefault { if ($vma && $vma->vm_start <= $address && $address < $vma->vm_end) faults++ }
            probe vm.pagefault.return { if (fault_type & VM_FAULT_ERROR) println("bad") }
            probe end { println(faults > 10) }
            """, "bash", "-c", "trap : USR1; kill -USR1 $$");
        Assert.Equal(["bash sends SIGUSR1 to bash", "bash handles 10", "1"], lines);
    }

    [Fact]
    public async Task Timers_and_schedulers_tick()
    {
        string[] lines = await LinesAsync(
            """
            global ticks, on, wakes
            probe timer.ms(10) { ticks++ }
            probe timer.profile { p++ }
            probe scheduler.cpu_on { on <<< 1 }
            probe scheduler.wakeup { wakes[task_pid] = local_clock_us() }
            probe end { println(ticks > 3, @count(on) > 2) foreach (p in wakes limit 1) println(p > 0) }
            """, "sleep", "0.1");
        Assert.Equal(["11", "1"], lines);
    }

    [Fact]
    public async Task Exit_ends_the_session_before_the_program()
    {
        (string output, string errors, int? status) = await RunAsync("probe begin { println(\"only\") exit() } probe end { println(\"end\") } probe syscall_any { println(\"call\") }", "sleep", "100");
        Assert.Equal(("only\nend\n", "", 0), (output, errors, status));
    }

    [Fact]
    public async Task An_error_in_a_handler_does_not_touch_the_program()
    {
        (string output, string errors, int? status) = await RunAsync("global n probe syscall.write { n++ println(1 / (n - n)) } probe end { println(\"end\") }", "bash", "-c", "echo out");
        Assert.Equal("", output);
        Assert.StartsWith("ERROR: division by 0 near operator '/' at t.stp:1:", errors, StringComparison.Ordinal);
        Assert.Equal(1, status);
    }

    [Theory]
    [InlineData("probe kernel.function(\"nosuch_*\") { }", "semantic error: while resolving probe point: identifier 'kernel' at t.stp:1:7")]
    [InlineData("probe kernel.function(\"do_exit\") { println($nosuch) }", "semantic error: unable to find local 'nosuch' (alternatives: $code): identifier '$nosuch' at t.stp:1:")]
    [InlineData("probe begin { println(@cast(0, \"task_struct\")->nosuch) }", "semantic error: unable to find member 'nosuch' for struct task_struct")]
    public async Task What_does_not_exist_is_a_mistake(string script, string message)
    {
        (string output, string errors, int? status) = await RunAsync(script, "true");
        Assert.Equal("", output);
        Assert.StartsWith(message, errors, StringComparison.Ordinal);
        Assert.EndsWith("Pass 2: analysis failed.  [man error::pass2]\n", errors, StringComparison.Ordinal);
        Assert.Equal(1, status);
    }

    [Fact]
    public async Task All_system_calls_compile_with_all_variables()
    {
        (_, string errors, int? status) = await RunAsync("probe syscall.* { println(name, argstr) } probe syscall.*.return { println(name, retstr) } probe nd_syscall.* { x = argstr println(x) }", "bash", "-c", "ls / >/dev/null; true");
        Assert.Equal(("", 0), (errors, status));
    }

    [Fact]
    public async Task Arguments_are_shown_as_the_tapset_shows_them()
    {
        string[] lines = await LinesAsync(
            """
            global shown
            probe syscall.* { if (name in shown) printf("%s(%s)\n", name, argstr) }
            probe begin { shown["mkdir"] = shown["rmdir"] = shown["chmod"] = shown["rename"] = shown["kill"] = shown["unlink"] = shown["unlinkat"] = shown["umask"] = 1 }
            """, "perl", "-e", "mkdir 'd', 0750; chmod 0644, 'd'; rename 'd', 'e'; rmdir 'e'; kill 0, 1; umask 022");
        Assert.Equal(
            ["mkdir(\"d\", 0750)", "chmod(\"d\", 0644)", "rename(\"d\", \"e\")", "rmdir(\"e\")", "kill(1, 0)", "umask(022)"], lines.Where(l => !l.StartsWith("umask(00", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_call_under_two_names_fires_once()
    {
        string[] lines = await LinesAsync(
            "global n probe nd_syscall.*, syscall.pread { n[name]++ } probe end { foreach (k in n) if (k == \"pread64\" || k == \"newfstatat\") println(k) println(n[\"pread\"] > 0) }", "true");
        Assert.Equal(["1"], lines);
    }

    [Fact]
    public async Task Sockets_of_this_machine_have_points()
    {
        string[] lines = await LinesAsync(
            """
            probe socket.create.return { printf("%s %d %d\n", sock_fam_num2str(family), type, success) }
            probe socket.sendmsg { printf("%s %d\n", name, size) }
            probe socket.sendmsg.return { printf("%d %d\n", success, size) }
            """, "perl", "-MSocket", "-e", "socketpair(A,B,AF_UNIX,SOCK_STREAM,0); send(A,'hey',0); socket(S,AF_UNIX,SOCK_DGRAM,0)");
        Assert.Equal(["sock_sendmsg 3", "1 3", "LOCAL 2 1"], lines);
    }

    [Fact]
    public async Task Limits_and_handlers_of_a_process_can_be_read()
    {
        string[] lines = await LinesAsync(
            """
            probe syscall.exit_group {
              t = task_current()
              printf("%d %d\n", @cast(t, "task_struct")->signal->rlim[7]->rlim_cur, @cast(t, "task_struct")->signal->rlim[4]->rlim_cur)
              printf("%s %s\n", sa_handler_str(@cast(t, "task_struct")->sighand->action[9]->sa->sa_handler), sa_handler_str(@cast(t, "task_struct")->sighand->action[14]->sa->sa_handler))
            }
            """, "bash", "-c", "ulimit -n 99; trap '' USR1; :");
        Assert.Equal(["99 0", "ignored default"], lines);
    }

    [Fact]
    public async Task Functions_of_libraries_are_found_by_their_name()
    {
        string[] lines = await LinesAsync(
            "probe process(\"/bin/bash\").library(\"libc.so.6\").function(\"getenv\") { println(probefunc(), \" \", user_string(pointer_arg(1)) != \"\") exit() }", "bash", "-c", "true");
        Assert.Equal(["getenv 1"], lines);
    }

    [Fact]
    public async Task The_program_s_memory_is_written_to_in_guru_mode_only()
    {
        const string Script = "probe syscall.write { if (fd == 1) { $buf[0] = 72 $buf[1]++ } }";
        (_, string errors, int? status) = await RunAsync(Script, "true");
        Assert.StartsWith("semantic error: write to target variable not permitted; need stap -g", errors, StringComparison.Ordinal);
        Assert.Equal(1, status);
        (string output, errors, _) = await RunAsync("probe syscall.write { if (fd == 1) { $buf[0] = 72 $buf[1]++ println(user_string_n($buf, 2)) } }", true, "bash", "-c", "echo hello");
        Assert.Equal(("Hf\n", ""), (output, errors));
    }

    [Fact]
    public async Task A_program_that_fails_is_told_of()
    {
        (_, string errors, int? status) = await RunAsync("probe end { }", "false");
        Assert.Equal(("WARNING: Child process exited with status 1\nPass 5: run failed.  [man error::pass5]\n", 1), (errors, status));
    }

    [Fact]
    public async Task Counters_of_the_kernel_fire_and_those_of_a_processor_are_refused()
    {
        (string output, string errors, int? status) = await RunAsync("global f probe perf.sw.page_faults.sample(2) { f++ } probe perf.hw.instructions { println(1) } probe end { println(f > 1) }", "true");
        Assert.Equal(("1\n", "WARNING: probe perf.hw.instructions registration error [man warning::pass5] (rc -2)\n", 0), (output, errors, status));
    }

    [Fact]
    public async Task All_points_of_the_tapset_resolve()
    {
        (_, string errors, int? status) = await RunAsync(
            "probe ioblock.*, ioscheduler.*, irq_handler.*, softirq.*, workqueue.*, vm.*, tty.*, scsi.*, netdev.*, socket.*, signal.*, scheduler.*, kprocess.*, vfs.* { println(name) } probe vfs.*.return, signal.*.return, socket.*.return { println(name) } probe begin { exit() }", "true");
        Assert.Equal(("", 0), (errors, status));
    }

    private static async Task<string[]> LinesAsync(string script, params string[] program)
    {
        (string output, string errors, _) = await RunAsync(script, program);
        Assert.Equal("", errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static Task<(string Output, string Errors, int? Status)> RunAsync(string script, params string[] program) => RunAsync(script, false, program);

    private static async Task<(string Output, string Errors, int? Status)> RunAsync(string script, bool guru, params string[] program)
    {
        using var output = new MemoryStream();
        var errors = new StringWriter();
        var tracer = new StapTracer(new StapOptions { ScriptName = "t.stp", ScriptText = script, HasCommand = true, NoWarnings = true, Guru = guru, Defines = new Dictionary<string, string> { ["MAXACTION"] = "100000" } }, output, errors);
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(tracer);
        if (!tracer.Ended.IsCompleted)
        {
            Task run = sandbox.RunAndCaptureTextAsync(program[0], program[1..], cancellationToken: Cancel);
            await Task.WhenAny(run, tracer.Ended);
        }
        int? status = sandbox.Detach(tracer);
        return (Encoding.Latin1.GetString(output.ToArray()), errors.ToString(), status);
    }
}
