using System.Globalization;
using Kennel.Probes;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>The kernel's objects as scripts read them, against what the same kernel says in /proc.</summary>
public sealed class KernelModelTests
{
    private const int Write = 1;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Linux_fields_are_those_of_proc_pid_stat()
    {
        Dictionary<string, long> seen = [];
        string text = await AtWriteAsync("/proc/self/stat", (model, task) =>
        {
            foreach (string path in (string[])
                ["pid", "real_parent.tgid", "exit_signal", "mm.start_code", "mm.end_code", "mm.start_stack", "mm.arg_start", "mm.arg_end", "mm.env_start", "mm.env_end", "mm.start_brk", "mm.total_vm"])
            {
                seen[path] = Read(model, task, "task_struct", path).Number;
            }
            Assert.Equal("cat", Read(model, task, "task_struct", "comm").Object);
        });
        string[] stat = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        Assert.Equal(long.Parse(text[..text.IndexOf(' ')], CultureInfo.InvariantCulture), seen["pid"]);
        (string, int)[] fields =
        [
            ("real_parent.tgid", 4), ("exit_signal", 38), ("mm.start_code", 26), ("mm.end_code", 27), ("mm.start_stack", 28), ("mm.arg_start", 48), ("mm.arg_end", 49),
            ("mm.env_start", 50), ("mm.env_end", 51), ("mm.start_brk", 47),
        ];
        foreach ((string path, int field) in fields) Assert.Equal(long.Parse(stat[field - 3], CultureInfo.InvariantCulture), seen[path]);
        Assert.Equal(long.Parse(stat[23 - 3], CultureInfo.InvariantCulture), seen["mm.total_vm"] << 12);
    }

    [Fact]
    public async Task Areas_are_those_of_proc_pid_maps()
    {
        var areas = new List<string>();
        string text = await AtWriteAsync("/proc/self/maps", (model, task) =>
        {
            areas.Clear();
            for (object? area = Read(model, task, "task_struct", "mm.mmap").Object; area != null; area = Read(model, area, "vm_area_struct", "vm_next").Object)
            {
                long flags = Read(model, area, "vm_area_struct", "vm_flags").Number;
                string rights = $"{((flags & 1) != 0 ? 'r' : '-')}{((flags & 2) != 0 ? 'w' : '-')}{((flags & 4) != 0 ? 'x' : '-')}{((flags & 8) != 0 ? 's' : 'p')}";
                areas.Add($"{Read(model, area, "vm_area_struct", "vm_start").Number:x8}-{Read(model, area, "vm_area_struct", "vm_end").Number:x8} {rights}");
            }
        });
        Assert.Equal(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => string.Join(' ', l.Split(' ')[..2])), areas);
    }

    [Fact]
    public async Task Solaris_fields_tell_the_same()
    {
        await AtWriteAsync("/etc/hostname", static (model, task) =>
        {
            object process = Read(model, task, "kthread_t", "t_procp").Object!;
            Assert.Equal("cat", Read(model, process, "proc_t", "p_user.u_comm").Object);
            Assert.Equal("cat /etc/hostname", Read(model, process, "psinfo_t", "pr_psargs").Object);
            Assert.Equal(2, Read(model, process, "psinfo_t", "pr_argc").Number);
            Assert.Equal(2, Read(model, process, "psinfo_t", "pr_dmodel").Number);
            Assert.Equal("O", ((char)Read(model, task, "lwpsinfo_t", "pr_sname").Number).ToString());
            Assert.EndsWith("/cat", (string)Read(model, process, "proc_t", "p_exec.v_path").Object!);
            Assert.Equal(task.ThreadId, Read(model, process, "proc_t", "p_tlist.t_tid").Number);
            Assert.Null(Read(model, process, "proc_t", "p_user.u_rdir").Object);
            var list = (KernelArray)Read(model, process, "proc_t", "p_user.u_finfo.fi_list").Object!;
            Assert.Equal(list.Count, Read(model, process, "proc_t", "p_user.u_finfo.fi_nfiles").Number);
            Assert.Equal("/etc/hostname", Read(model, list.Read(3).Object!, "uf_entry_t", "uf_file.f_vnode.v_path").Object);
            Assert.Null(Read(model, list.Read(40).Object!, "uf_entry_t", "uf_file").Object);
            Assert.Equal("/etc/hostname", task.FindFile(3)!.Path);
            Assert.Equal(["cat", "/etc/hostname"], task.Arguments);
        });
    }

    [Fact]
    public async Task Handles_lead_back_to_their_objects()
    {
        await AtWriteAsync("/etc/hostname", static (model, task) =>
        {
            ulong address = model.AddressOf(task);
            Assert.Equal(address, model.AddressOf(task));
            Assert.Equal(0xffff8880ul, address >> 32);
            Assert.Same(task, model.ObjectAt(address + 40, out int offset));
            Assert.Equal(40, offset);
            Assert.Null(model.ObjectAt(0xffff_8880_7000_0000, out _));
            Assert.Null(model.ObjectAt(0x1000, out _));
            Assert.Equal(0ul, model.AddressOf(null));
            Assert.Same(task, model.FindTask(task.ThreadId));
            Assert.Equal(10_000_000, model.FindVariable("nsec_per_tick")!.Read().Number);
        });
    }

    [Fact]
    public async Task Every_field_can_be_read_and_every_type_is_known()
    {
        await AtWriteAsync("/etc/hostname", static (model, task) =>
        {
            var seen = new HashSet<(string, object)>();
            Crawl(model, "task_struct", task, seen, 6);
            Crawl(model, "kthread_t", task, seen, 6);
            Crawl(model, "lwpsinfo_t", task, seen, 3);
            Assert.Contains("dentry", seen.Select(static s => s.Item1));
            Assert.Contains("seg", seen.Select(static s => s.Item1));
            Crawl(model, "segvn_data_t", Read(model, task, "task_struct", "mm.mmap").Object!, seen, 3);
        });
    }

    private static void Crawl(IKernelModel model, string name, object item, HashSet<(string, object)> seen, int depth)
    {
        if (depth == 0 || seen.Count > 3000 || !seen.Add((name, item))) return;
        KernelStruct type = model.FindStruct(name)!;
        foreach (KernelField field in type.Fields)
        {
            FieldValue? value = field.Read(item);
            Assert.True(value != null, $"{name}.{field.Name} of {item}");
            if (value.Value.Object is not { } next || next is string) continue;
            string target = TargetOf(field.Type);
            if (next is KernelArray array)
            {
                for (int i = 0; i < Math.Min(5, array.Count); i++)
                {
                    if (array.Read(i).Object is { } element) Crawl(model, TargetOf(array.ElementType), element, seen, depth - 1);
                }
            }
            else if (model.FindStruct(target) != null)
            {
                Crawl(model, target, next, seen, depth - 1);
            }
            else
            {
                Assert.Contains(target, (string[])["void", "uintptr_t", "pid_namespace", "mnt_namespace", "completion", "sighand_struct", "anon_vma", "hat"]);
            }
        }
    }

    private static FieldValue Read(IKernelModel model, object item, string type, string path)
    {
        FieldValue value = FieldValue.Of(item);
        foreach (string name in path.Split('.'))
        {
            KernelField field = Assert.Single(model.FindStruct(type)!.Fields, f => f.Name == name);
            value = field.Read(value.Object!) ?? throw new InvalidOperationException($"{type}.{name} of {value.Object}");
            type = TargetOf(field.Type);
        }
        return value;
    }

    private static string TargetOf(string type) => (type.StartsWith("struct ", StringComparison.Ordinal) ? type[7..] : type).TrimEnd('*', ' ');

    // Runs cat, and looks when it is about to write what it has read.
    private static async Task<string> AtWriteAsync(string file, Action<IKernelModel, ITracedTask> look)
    {
        Exception? failure = null;
        int looks = 0;
        RecordingTracer? tracer = null;
        tracer = new RecordingTracer(EventKind.SyscallEntered)
        {
            Format = e =>
            {
                if (e.Number != Write || failure != null) return null;
                looks++;
                failure = Xunit.Record.Exception(() => look(tracer!.Target.Model, e.Task));
                return null;
            },
        };
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(tracer);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("cat", [file], cancellationToken: Cancel);
        sandbox.Detach(tracer);
        Assert.Null(failure);
        Assert.NotEqual(0, looks);
        return result.StandardOutput;
    }
}
