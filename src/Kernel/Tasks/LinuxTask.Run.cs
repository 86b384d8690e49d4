using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Probes;
using Kennel.Scheduling;
using Kennel.Syscalls;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>
/// The loop that is a task: run guest code, see to what it stopped for, deliver signals, and again, until it exits.
/// </summary>
/// <remarks>
/// <see cref="LiveAsync"/> is the task's kernel stack. It starts on whichever virtual CPU picks the new task, and goes
/// on inside the kernel lock; only <see cref="RunUserMode"/> gives the lock up. Where it awaits, the task sleeps: the
/// state machine is parked in the task, and the processor turns to another one. A cloned child gets a fresh loop over
/// copied registers; it never inherits a frame of its parent's.
/// </remarks>
public sealed partial class LinuxTask
{
    /// <summary>What a kernel thread does, or what a new process does in the kernel before it first runs guest code.</summary>
    internal Func<LinuxTask, ValueTask>? Entry { get; init; }

    private ValueTask RunAsync()
    {
        if (Entry != null) return RunEntryAsync();
        // Linux: schedule_tail
        if (SetChildTid != 0) _ = new UserPtr<int>(SetChildTid).TryWrite(Memory, Numbers.Innermost);
        if (Kernel.Watches(EventKind.TaskStarted)) Kernel.Fire(Kernel.Probes.TaskStarted, IsGroupLeader ? 1 : 0);
        if (Kernel.Watches(EventKind.SyscallReturned)) FireBirthReturned();
        return LiveAsync();
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder))]
    private async ValueTask RunEntryAsync()
    {
        try
        {
            await Entry!(this);
            if (Memory == null) await ExitAsync(0);
        }
        catch (Exception bug)
        {
            await OopsAsync(bug);
        }
        await LiveAsync();
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder))]
    private async ValueTask LiveAsync()
    {
        while (!HasExited)
        {
            try
            {
                if (HasWorkBeforeUserMode)
                {
                    await PrepareUserModeAsync(); // signals: may stop the task, change its registers, or end it
                    if (HasExited) break;
                }
                StopReason reason = RunUserMode(out bool tickIsDue);
                if (reason == StopReason.SystemCall) await SystemCallAsync();
                else if (reason == StopReason.Stepped) tickIsDue |= Kernel.HasPending;
                else if (reason != StopReason.Preempted) HandleTrap(reason);
                else tickIsDue = true;
                if (!tickIsDue || HasExited || !Kernel.Scheduler.Tick(Processor!, this)) continue;
                if (Kernel.Watches(EventKind.Preempted)) Kernel.Fire(Kernel.Probes.Preempted);
                if (reason == StopReason.Preempted) NoticeRseq();
                await YieldAsync();
            }
            catch (Exception bug)
            {
                await OopsAsync(bug);
            }
        }
    }

    // Soon back in the kernel; a budget of 1 would be a single step, and end in SIGTRAP.
    private const long LeastBudget = 2;

    // The only place where the kernel lock is given up without sleeping.
    private unsafe StopReason RunUserMode(out bool tickIsDue)
    {
        VirtualCpu cpu = Processor!;
        if (cpu.Machine.PreemptRequested)
        {
            cpu.Machine.ClearPreemption();
            Interlocked.MemoryBarrier(); // what was asked for before is seen by Charge; what comes after asks again
        }
        long budget = Kernel.HasPending ? LeastBudget : Kernel.Scheduler.BudgetFor(cpu);
        bool stepsOver = _steppingOver.Rip != 0 && IsSteppingOver();
        if (stepsOver) budget = 1;
        ulong before = Cpu->Retired;
        Memory!.SettleCode();
        Kernel.SetCurrent(null);
        Kernel.Lock.Exit();
        StopReason reason;
        try
        {
            if (ProbeSet.AreBuilt) Kernel.Probes.Brake?.Invoke();
            reason = Kernel.Engine.Run(cpu.Machine, Cpu, Memory!.Pages, budget);
        }
        finally
        {
            Kernel.Lock.Enter();
            Kernel.SetCurrent(this);
        }
        ulong ran = Cpu->Retired - before;
        Kernel.Time.AddInstructions(ran);
        Accounting.AddUserMode(ran);
        tickIsDue = Kernel.Scheduler.Charge(cpu, this, ran);
        if (stepsOver && reason == StopReason.SingleStep && (Cpu->Eflags & TrapFlag) == 0) reason = StopReason.Stepped;
        return reason;
    }

    private unsafe ValueTask SystemCallAsync()
    {
        int number = (int)Cpu->R[CpuState.Rax];
        Kernel.SystemCalls++;
        InSyscall = number;
        SyscallRegister = Cpu->R[CpuState.Rax];
        if (Kernel.WatchesCalls()) return WatchedSystemCallAsync();
        ValueTask<SyscallResult> call = DispatchSystemCall();
        if (!call.IsCompletedSuccessfully) return FinishSystemCallAsync(call);
        FinishSystemCall(call.Result);
        return default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe ValueTask<SyscallResult> DispatchSystemCall()
    {
        ulong* r = Cpu->R;
        return SyscallTable.Dispatch(
            this, InSyscall, r[CpuState.Rdi], r[CpuState.Rsi], r[CpuState.Rdx], r[CpuState.R10], r[CpuState.R8], r[CpuState.R9]);
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder))]
    private async ValueTask FinishSystemCallAsync(ValueTask<SyscallResult> call) => FinishSystemCall(await call);

    private unsafe void FinishSystemCall(SyscallResult result)
    {
        if (HasExited) return;
        if (Kernel.Watches(EventKind.SyscallReturned)) FireReturned(result.Value);
        if (SkipSyscallResult)
        {
            SkipSyscallResult = false; // exec and sigreturn have loaded registers of their own
            InSyscall = -1;
            return;
        }
        Cpu->R[CpuState.Rax] = (ulong)result.Value;
        // InSyscall stays set until signals were looked at: an ERESTART* result is for PrepareUserModeAsync to resolve.
        if (result.Value is <= -(long)Errno.ERESTARTSYS and >= -(long)Errno.ERESTART_RESTARTBLOCK) MustResolveRestart = true;
        else InSyscall = -1;
    }

    // Errors are values; an exception is a bug of ours. It costs the guest this task, and nobody else anything.
    private async ValueTask OopsAsync(Exception bug)
    {
        Kernel.OopsCount++;
        Kernel.Log.Write($"Oops: {Comm}[{Id}] in system call {InSyscall}: {bug}");
        if (HasExited) return;
        if ((Flags & TaskFlags.Exiting) != 0)
        {
            // Linux: "Fixing recursive fault": what is left of it stays as it is, for ever.
            State = TaskState.Dead;
            return;
        }
        FinishSleep();
        try
        {
            await ExitGroupAsync((int)Signal.SIGKILL);
        }
        catch (Exception second)
        {
            Kernel.Log.Write($"Oops: {Comm}[{Id}] while exiting: {second}");
            State = TaskState.Dead;
        }
    }

    /// <summary>The number of the system call that it is in; -1 in user mode.</summary>
    public int InSyscall { get; internal set; } = -1;

    /// <summary>RAX as the guest set it, for restarting the call (Linux: orig_ax).</summary>
    internal ulong SyscallRegister { get; private set; }

    /// <summary>Set by a system call that loads all registers itself.</summary>
    internal bool SkipSyscallResult { get; set; }

    /// <summary>The last call answered ERESTART*: rewind or turn into EINTR before user mode.</summary>
    internal bool MustResolveRestart { get; set; }
}
