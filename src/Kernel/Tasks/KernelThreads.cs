using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Signals;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>kthreadd (pid 2) and its children: tasks without memory that do the kernel's own work (Linux: kernel/kthread.c).</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed class KernelThreads
{
    private readonly Kernel _kernel;
    private readonly WaitQueue _wanted = new();
    private readonly Queue<(string Name, Func<LinuxTask, ValueTask> Body)> _requests = new();

    internal KernelThreads(Kernel kernel)
    {
        _kernel = kernel;
        Daemon = Make("kthreadd", ServeAsync, kernel.Tasks.Idle);
    }

    /// <summary>kthreadd itself.</summary>
    public LinuxTask Daemon { get; }

    /// <summary>Has kthreadd make a thread; it ends when its body does. Inside the kernel lock.</summary>
    public void Create(string name, Func<LinuxTask, ValueTask> body)
    {
        _requests.Enqueue((name, body));
        _wanted.Wake();
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder))]
    private async ValueTask ServeAsync(LinuxTask current)
    {
        while (true)
        {
            // Interruptible for the letter in ps only: no signal gets through to a kernel thread.
            if (await _wanted.WaitAsync(current, _requests, static r => r.Count > 0, WaitMode.Interruptible) != Errno.None) continue;
            (string name, Func<LinuxTask, ValueTask> body) = _requests.Dequeue();
            Make(name, body, current);
        }
    }

    private LinuxTask Make(string name, Func<LinuxTask, ValueTask> body, LinuxTask parent)
    {
        LinuxTask thread = _kernel.NewTask(name, TaskFlags.KernelThread, body);
        thread.Handlers = new SignalHandlers();
        thread.Handlers.IgnoreAll();
        thread.Fs = _kernel.Tasks.Idle.Fs;
        _kernel.Tasks.Attach(thread, parent);
        thread.WakeUpNew();
        return thread;
    }
}
