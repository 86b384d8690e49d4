using System.Text;
using Kennel.Tracing.D;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>D scripts on real programs.</summary>
public sealed class DtraceSessionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_life_of_a_process_comes_in_its_order()
    {
        string[] lines = await RunAsync(
            """
            #pragma D option quiet
            proc:::create { printf("create %s by %s\n", args[0]->pr_pid == pid ? "own" : "other", execname); }
            proc:::lwp-create, proc:::start, proc:::lwp-start, proc:::exec-success, proc:::lwp-exit { printf("%s %s\n", probename, execname); }
            proc:::exec { printf("exec %s %s\n", args[0], execname); }
            proc:::exit { printf("exit %s %d child of %s\n", execname, args[0], stringof(curthread->t_procp->p_parent->p_user.u_comm)); }
            proc:::signal-send /args[2] == SIGCHLD/ { printf("SIGCHLD to %s\n", args[1]->pr_fname); }
            syscall::*fork*:entry, syscall::exece:entry, syscall::waitsys:entry { printf("%s %s\n", probefunc, execname); }
            syscall::*fork*:return /arg1 == 0/ { printf("returns in the child of %d\n", ppid == $target); }
            """,
            "bash", "-c", "/bin/uname >/dev/null; true");
        string[] shell = [.. lines.SkipWhile(l => !l.StartsWith("forksys", StringComparison.Ordinal))];
        AssertOrder(shell, "forksys bash", "lwp-create bash", "create other by bash", "waitsys bash");
        AssertOrder(
            shell, "create other by bash", "start bash", "lwp-start bash", "returns in the child of 1", "exece bash", "exec /bin/uname bash", "exec-success uname", "lwp-exit uname",
            "exit uname 1 child of bash", "SIGCHLD to bash");
        Assert.Equal("exit bash 1 child of init", lines.Last(l => l.StartsWith("exit", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_script_dumps_the_task()
    {
        string[] lines = await RunAsync(
            """
            #pragma D option quiet
            #define PROC curthread->t_procp
            uf_entry_t *files; int number;
            void *vector;
            proc:::exit /execname == "dash" || execname == "sh"/
            {
                printf("exe %s\n", basename(stringof(PROC->p_exec->v_path)));
                printf("cwd %s %s\n", stringof(PROC->p_user.u_cdir->v_path), cwd);
                printf("argc %d %s\n", PROC->p_user.u_argc, curpsinfo->pr_psargs);
                vector = copyin(PROC->p_user.u_argv, 3 * sizeof(uint64_t));
                printf("argv[1] %s\n", copyinstr(((uint64_t *)vector)[1]));
                printf("root %d model %x\n", PROC->p_user.u_rdir == NULL, PROC->p_model);
                files = PROC->p_user.u_finfo.fi_list;
                number = PROC->p_user.u_finfo.fi_nfiles;
                printf("file 9 %s\n", stringof(files[9].uf_file->f_vnode->v_path));
                printf("file 5 %d of %d\n", files[5].uf_file == 0, number >= 64);
                printf("fds %s %s\n", fds[9].fi_name, fds[9].fi_pathname);
                printf("thread %c %d\n", xlate<lwpsinfo_t *>(curthread)->pr_sname, curthread->t_tid == pid);
                printf("ticks %d\n", `nsec_per_tick);
            }
            """,
            "sh", "-c", "cd /usr; exec 9</etc/passwd");
        Assert.Contains(lines[0], (string[])["exe dash", "exe bash", "exe sh"]);
        Assert.Equal(
            [
                "cwd /usr /usr", "argc 3 sh -c cd /usr; exec 9</etc/passwd", "argv[1] -c", "root 1 model 200000", "file 9 /etc/passwd", "file 5 1 of 1", "fds passwd /etc/passwd",
                "thread O 1", "ticks 10000000",
            ],
            lines.Skip(1).Where(l => l.Length > 0));
    }

    [Fact]
    public async Task Calls_are_counted_and_bytes_summed()
    {
        string[] lines = await RunAsync(
            """
            #pragma D option quiet
            #pragma D option aggsortkey
            syscall::write:return /execname == "sh" && arg1 > 0/ { @bytes[execname] = sum(arg1); @n[execname] = count(); @sizes = quantize(arg1); }
            END { printa("%s %@d %@d\n", @bytes, @n); }
            """,
            "sh", "-c", "echo hello; echo hi");
        Assert.Equal("sh 9 2", lines[0]);
        Assert.Contains(lines, l => l.StartsWith("               4 |@@@@@@@@@@@@@@@@@@@@ ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kernel_functions_are_indented_by_their_calls()
    {
        string[] lines = await RunAsync(
            """
            #pragma D option flowindent
            syscall::openat:entry /copyinstr(arg1) == "/etc/hostname"/ { self->on = 1; }
            fbt::do_sys*:entry, fbt::do_filp_open:entry, fbt::do_filp_open:return, fbt::do_sys*:return /self->on/ {}
            syscall::openat:return { self->on = 0; }
            """,
            "cat", "/etc/hostname");
        int outer = Array.FindIndex(lines, l => l.Contains("-> do_sys_openat2", StringComparison.Ordinal)), inner = Array.FindIndex(lines, l => l.Contains("-> do_filp_open", StringComparison.Ordinal));
        Assert.True(outer >= 0 && inner > outer);
        Assert.True(lines[inner].IndexOf("->", StringComparison.Ordinal) > lines[outer].IndexOf("->", StringComparison.Ordinal));
        Assert.Contains(lines.Skip(inner), l => l.Contains("<- do_filp_open", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_faults_have_their_areas()
    {
        string[] lines = await RunAsync(
            """
            #pragma D option quiet
            fbt::as_fault:entry { self->address = args[2]; self->type = args[4]; }
            fbt::as_segat:return /self->address && arg1 != 0/
            {
                this->s = (struct seg *)arg1;
                printf("%s %d %s\n", ((segvn_data_t *)this->s->s_data)->vp ? stringof(((segvn_data_t *)this->s->s_data)->vp->v_path) : "anon",
                    this->s->s_base <= self->address && self->address < this->s->s_base + this->s->s_size, this->s->s_ops == &`segvn_ops ? "segvn" : "other");
            }
            """,
            "true");
        Assert.Contains("anon 1 segvn", lines);
        Assert.Contains(lines, l => l.EndsWith("/true 1 segvn", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Functions_of_libraries_are_watched()
    {
        string[] lines = await RunAsync(
            """
            #pragma D option quiet
            pid$target:libc:write:entry /arg0 == 1/ { self->in = 1; printf("%s %d %s\n", probefunc, arg2, copyinstr(arg1, 3)); @[ustack(1)] = count(); }
            pid$target:libc:write:return /self->in/ { self->in = 0; printf("= %d\n", arg1); }
            """,
            "echo", "hi");
        Assert.Equal(["write 3 hi", "", "= 3"], lines.Take(3));
        Assert.Contains(lines, l => l.Contains("libc.so.6`", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reads_of_the_host_are_io()
    {
        string[] lines = await RunAsync(
            """
            #pragma D option quiet
            io:::start { begun[arg0] = timestamp; }
            io:::start /args[2]->fi_pathname == "/etc/passwd"/ { printf("%s reads %s of %s\n", execname, args[2]->fi_name, args[1]->dev_name); }
            io:::done /begun[arg0] && args[2]->fi_name == "passwd"/ { printf("%d left over, %d\n", args[0]->b_resid == args[0]->b_bcount, args[0]->b_error); }
            """,
            "head", "-c", "1", "/etc/passwd");
        Assert.Contains("head reads passwd of hostfs", lines);
        Assert.Contains("0 left over, 0", lines);
    }

    [Fact]
    public async Task Faults_of_a_script_do_not_reach_the_guest()
    {
        string[] lines = await RunAsync(
            """
            #pragma D option quiet
            syscall:::entry { printf("%d", *(int *)arg0); }
            syscall:::return /1 / errno/ {}
            proc:::exit { printf("still %s\n", execname); }
            """,
            "true");
        Assert.Contains("still true", lines);
    }

    [Fact]
    public async Task Samples_find_a_task_inside_the_call_that_takes_its_time()
    {
        // Megabytes of zeros are the kernel's work; the program only asks for them.
        string text = string.Join('\n', await RunAsync("""
            profile-4999 /execname == "dd" && arg0 != 0 && arg1 == 0/ { @kernel[stringof(execname)] = count(); @stacks[stack(1)] = count(); }
            """, "dd", "if=/dev/zero", "of=/dev/null", "bs=1M", "count=1000"));
        Assert.Matches(@"dd +\d+", text);
        Assert.Contains("__x64_sys_read", text, StringComparison.Ordinal);
    }

    private static async Task<string[]> RunAsync(string script, string program, params string[] arguments)
    {
        var output = new MemoryStream();
        var options = new DtraceOptions { Scripts = [new DtraceScript(script, "test.d")], Settings = [("cpp", null)] };
        using var session = new DtraceSession(options, output, TextWriter.Null);
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(session);
        await sandbox.RunAndCaptureTextAsync(program, arguments, cancellationToken: Cancel);
        sandbox.Detach(session);
        return Encoding.Latin1.GetString(output.ToArray()).Split('\n');
    }

    private static void AssertOrder(string[] lines, params string[] expected)
    {
        int at = 0;
        foreach (string line in expected)
        {
            int found = Array.IndexOf(lines, line, at);
            Assert.True(found >= 0, $"'{line}' is missing behind line {at} of:\n{string.Join('\n', lines)}");
            at = found + 1;
        }
    }
}
