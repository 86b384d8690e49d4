using Kennel.Abi;
using Kennel.Machine;
using Kennel.Probes;
using Kennel.Syscalls;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>
/// A system call that somebody watches, or tampers with. Protocol: the record of its entry; the injector may send a signal, let the task sleep,
/// and answer in the call's place; the call; the injector again; the record of its return, with the arguments that it was made with.
/// </summary>
public sealed partial class LinuxTask
{
    private const int SigReturn = 15;

    // The arguments of the call that it is in; exec and sigreturn leave other registers behind. Filled in while calls are watched.
    private CallArguments _arguments;
    private int _argumentsOf = -1;

    // The call that it was born in, until it has returned from that.
    private int _birthCall = -1;

    private ValueTask WatchedSystemCallAsync()
    {
        NoteArguments();
        if (Kernel.Probes.SyscallEntered.IsEnabled) Kernel.Probes.SyscallEntered.Fire(CallRecord(EventKind.SyscallEntered));
        if (Kernel.Probes.Injector is { } injector) return InjectedSystemCallAsync(injector);
        long entered = Kernel.Probes.Samplers > 0 ? Kernel.Time.Now() : 0;
        ValueTask<SyscallResult> call = Kernel.Probes.AreSyscallFunctionsWatched ? DispatchToldAsync() : DispatchSystemCall();
        if (!call.IsCompletedSuccessfully) return FinishSystemCallAsync(call);
        if (entered != 0 && !HasExited) ServeTimersSince(entered);
        FinishSystemCall(call.Result);
        return default;
    }

    // A timer that fell due inside the call finds the task in it. One that fell due before, in user mode, waits for the tick.
    private void ServeTimersSince(long entered)
    {
        long now = Kernel.Time.Now(), deadline = Kernel.Time.NextDeadline;
        if (deadline >= entered && deadline <= now) Kernel.RunInterrupts(now, Processor);
    }

    // The call as the function that it is.
    private async ValueTask<SyscallResult> DispatchToldAsync()
    {
        KernelFunction[] functions = [.. Kernel.Functions.OfCall(InSyscall)];
        Views.WatchedCalls calls = Kernel.FunctionCalls;
        object?[] arguments = [.. functions.Take(1).SelectMany(f => _arguments.Take(f.Parameters.Count)).Cast<object?>()];
        foreach (KernelFunction function in functions) calls.Enter(function.Id, arguments, isAlias: true);
        SyscallResult result = await DispatchSystemCall();
        if (HasExited) return result; // exit does not return
        foreach (KernelFunction function in functions.Reverse()) calls.Leave(function.Id, arguments, result.Value, null);
        return result;
    }

    private async ValueTask InjectedSystemCallAsync(ISyscallInjector injector)
    {
        Injection injection = injector.Enter(CallRecord(EventKind.SyscallEntered));
        if (injection.Delay > 0) await DelayAsync(injection.Delay);
        if (HasFatalSignal) return; // it dies on its way to user mode, and the call is not made: as ptrace_report_syscall_entry
        // With a tracer, only SIGKILL keeps the call from being made: what else ends the process is taken on the way to user mode.
        if (injection.Signal != 0) Send(SignalInfo.FromKernel((Signal)injection.Signal));
        if (injection.Signal == (int)Signal.SIGKILL) return;
        SyscallResult result = injection.Skip ? new SyscallResult(injection.Result) : await DispatchToldAsync();
        if (HasExited) return;
        KernelEvent record = CallRecord(EventKind.SyscallReturned);
        record.Result = result.Value;
        long delay = injector.Exit(record);
        if (delay > 0) await DelayAsync(delay);
        FinishSystemCall(result);
    }

    private async ValueTask DelayAsync(long nanoseconds) =>
        await Nothing.WaitAsync(this, this, static _ => false, WaitMode.Uninterruptible, Kernel.Time.DeadlineIn(nanoseconds));

    // The registers of a task that exec or sigreturn has changed say what the call was for the program: sigreturn "returns" the old RAX.
    private unsafe void FireReturned(long result)
    {
        if (_argumentsOf != InSyscall) NoteArguments(); // nobody watched when it began
        KernelEvent record = CallRecord(EventKind.SyscallReturned);
        record.Result = InSyscall == SigReturn && SkipSyscallResult ? (long)Cpu->R[CpuState.Rax] : result;
        _argumentsOf = -1;
        Kernel.Probes.SyscallReturned.Fire(record);
    }

    // A child comes out of the call that its parent went into.
    private void FireBirthReturned()
    {
        if (_birthCall < 0) return;
        InSyscall = _birthCall;
        _birthCall = -1;
        FireReturned(0);
        InSyscall = -1;
    }

    private void InheritCall(LinuxTask parent)
    {
        _birthCall = parent.InSyscall;
        _arguments = parent._arguments;
        _argumentsOf = parent._argumentsOf;
    }

    private unsafe void NoteArguments()
    {
        ulong* r = Cpu->R;
        _arguments = new CallArguments(r[CpuState.Rdi], r[CpuState.Rsi], r[CpuState.Rdx], r[CpuState.R10], r[CpuState.R8], r[CpuState.R9]);
        _argumentsOf = InSyscall;
    }

    private KernelEvent CallRecord(EventKind kind)
    {
        KernelEvent record = Kernel.NewRecord(kind);
        record.Number = InSyscall;
        (record.A0, record.A1, record.A2, record.A3, record.A4, record.A5) = _arguments;
        return record;
    }

    private readonly record struct CallArguments(ulong A0, ulong A1, ulong A2, ulong A3, ulong A4, ulong A5)
    {
        public IEnumerable<long> Take(int count) => ((long[])[(long)A0, (long)A1, (long)A2, (long)A3, (long)A4, (long)A5]).Take(count);
    }
}
