using Kennel.Probes;
using Kennel.Tracing.Timeline;

namespace Kennel.Tracing.Tests.Timeline;

/// <summary>Small stories for timelines.</summary>
internal static class Script
{
    public const int SleepR = 'R', SleepS = 'S', SleepZ = 'Z';

    /// <summary>What a timeline of a story is, in a format.</summary>
    public static string Record(TimelineFormat format, Action<FakeMachine> story, TimelineOptions? options = null, int processors = 1)
    {
        var machine = new FakeMachine(processors);
        using var stream = new MemoryStream();
        var tracer = new TimelineTracer(stream, format, options);
        tracer.Attach(machine);
        story(machine);
        Assert.Null(tracer.Detach());
        Assert.Null(tracer.Error);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>A shell makes a child, waits for it; the child execs, sleeps, is woken by the kernel, copies a page, ends, is reaped.</summary>
    public static void ShellAndChild(FakeMachine machine)
    {
        var shell = new FakeTask(12, "bash") { Arguments = ["bash", "-c", "sleep 1"] };
        var child = new FakeTask(13, "bash", parent: shell) { Arguments = ["bash", "-c", "sleep 1"] };
        machine.Fire(EventKind.OnCpu, shell);
        machine.Fire(EventKind.ThreadCreated, shell, target: child);
        machine.Fire(EventKind.ProcessCreated, shell, 0, child);
        machine.Fire(EventKind.FirstWakeup, shell, 500, child);
        shell.Syscall = 61;
        machine.Fire(EventKind.SyscallEntered, shell, number: 61);
        machine.Fire(EventKind.Sleep, shell, number: SleepS, text: "child");
        machine.Fire(EventKind.OffCpu, shell, 0, child, SleepS);
        machine.Fire(EventKind.OnCpu, child);
        machine.Fire(EventKind.PageFaultReturned, child, number: 1);
        child.Name = "sleep";
        child.Arguments = ["sleep", "1"];
        machine.Fire(EventKind.ExecSucceeded, child, 20_000, text: "/bin/sleep");
        child.Syscall = 230;
        machine.Fire(EventKind.OffCpu, child, 5_000, number: SleepS);
        machine.Fire(EventKind.Wakeup, machine.Idle, 1_000_000, child);
        machine.Fire(EventKind.OnCpu, child);
        child.Syscall = -1;
        machine.Fire(EventKind.ThreadExited, child, number: 3 << 8);
        machine.Fire(EventKind.ProcessExited, child, 0, number: 3 << 8);
        machine.Fire(EventKind.SignalSent, child, target: shell, number: 17);
        machine.Fire(EventKind.Wakeup, child, target: shell);
        machine.Fire(EventKind.OffCpu, child, number: SleepZ);
        machine.Fire(EventKind.OnCpu, shell);
        machine.Fire(EventKind.TaskReleased, shell, target: child);
        machine.Fire(EventKind.ProcessFreed, shell, 0, child);
        machine.Fire(EventKind.SyscallReturned, shell, number: 61, result: 13);
        machine.Fire(EventKind.ThreadExited, shell, 9_000, number: 0);
        machine.Fire(EventKind.ProcessExited, shell, 0, number: 0);
        machine.Fire(EventKind.OffCpu, shell, number: SleepZ);
        machine.Fire(EventKind.TaskReleased, machine.Idle, 2000, shell);
    }

    /// <summary>Many processes on several processors: a tree that grows, runs, sleeps, dies, with ids that are used again.</summary>
    public static Action<FakeMachine> Crowd(int processes, int steps, int seed) => machine =>
    {
        var random = new Random(seed);
        var root = new FakeTask(2, "root") { Arguments = ["root"] };
        List<FakeTask> idle = [root];
        var running = new FakeTask?[machine.Processors];
        int nextId = 3, made = 0;
        for (int step = 0; step < steps || made < processes; step++)
        {
            int cpu = random.Next(machine.Processors);
            FakeTask? now = running[cpu];
            if (now == null)
            {
                if (idle.Count == 0) continue;
                int i = random.Next(idle.Count);
                running[cpu] = idle[i];
                machine.Fire(EventKind.OnCpu, idle[i], random.Next(2000), machine.Idle, cpu: cpu);
                idle.RemoveAt(i);
                continue;
            }
            int what = random.Next(10);
            if (what < 3 && made < processes)
            {
                if (nextId > 3 + (processes / 2)) nextId = 3;
                made++;
                bool isThread = random.Next(8) == 0;
                var child = new FakeTask(nextId++, $"worker{made % 7}", isThread ? now.Leader : null, now) { Arguments = ["worker", $"--part={made}"] };
                machine.Fire(EventKind.ThreadCreated, now, random.Next(1000), child, cpu: cpu);
                if (!isThread) machine.Fire(EventKind.ProcessCreated, now, 0, child, cpu: cpu);
                machine.Fire(EventKind.FirstWakeup, now, random.Next(1000), child, cpu: cpu);
                idle.Add(child);
            }
            else if (what < 7)
            {
                machine.Fire(EventKind.Sleep, now, random.Next(1000), number: SleepS, text: "pipe", cpu: cpu);
                machine.Fire(EventKind.OffCpu, now, random.Next(1000), machine.Idle, random.Next(4) == 0 ? SleepR : SleepS, cpu: cpu);
                idle.Add(now);
                running[cpu] = null;
                if (idle.Count > 1) machine.Fire(EventKind.Wakeup, running.FirstOrDefault(t => t != null) ?? machine.Idle, random.Next(500), idle[random.Next(idle.Count)], cpu: cpu);
            }
            else if (what == 7 && now != root && idle.Count > 3)
            {
                machine.Fire(EventKind.ThreadExited, now, random.Next(1000), cpu: cpu);
                machine.Fire(EventKind.ProcessExited, now, 0, cpu: cpu);
                machine.Fire(EventKind.OffCpu, now, random.Next(1000), machine.Idle, SleepZ, cpu: cpu);
                machine.Fire(EventKind.TaskReleased, machine.Idle, random.Next(3000), now, cpu: cpu);
                running[cpu] = null;
            }
            else
            {
                machine.Fire(EventKind.SyscallEntered, now, random.Next(300), number: 0, cpu: cpu);
                machine.Fire(EventKind.SyscallReturned, now, random.Next(3000), number: 0, result: random.Next(3) - 2, cpu: cpu);
            }
        }
    };
}
