using Kennel.Machine;

namespace Kennel.Tests.Tasks;

/// <summary>Registers and memory of the task that runs a <see cref="Script"/>.</summary>
internal sealed unsafe class Guest(ScriptedMachine machine, CpuState* cpu, PageTable memory)
{
    public ScriptedMachine Machine => machine;

    public ulong Rax
    {
        get => cpu->R[CpuState.Rax];
        set => cpu->R[CpuState.Rax] = value;
    }

    public ulong Rdi => cpu->R[CpuState.Rdi];

    public ulong Rsi => cpu->R[CpuState.Rsi];

    public ulong Rdx => cpu->R[CpuState.Rdx];

    /// <summary>Kept over system calls; scripts use it as their variable.</summary>
    public ulong Rbx
    {
        get => cpu->R[CpuState.Rbx];
        set => cpu->R[CpuState.Rbx] = value;
    }

    public ulong Rbp
    {
        get => cpu->R[CpuState.Rbp];
        set => cpu->R[CpuState.Rbp] = value;
    }

    public ulong Rsp
    {
        get => cpu->R[CpuState.Rsp];
        set => cpu->R[CpuState.Rsp] = value;
    }

    public ulong Rip
    {
        get => cpu->Rip;
        set => cpu->Rip = value;
    }

    public CpuState* Cpu => cpu;

    public ulong Load(ulong address) => *(ulong*)Reach(address, PageAccess.Read);

    public int LoadInt(ulong address) => *(int*)Reach(address, PageAccess.Read);

    public void Store(ulong address, ulong value) => *(ulong*)Reach(address, PageAccess.Write) = value;

    public void StoreInt(ulong address, int value) => *(int*)Reach(address, PageAccess.Write) = value;

    public void SetArguments(int number, Argument[] arguments)
    {
        ReadOnlySpan<int> registers = [CpuState.Rdi, CpuState.Rsi, CpuState.Rdx, CpuState.R10, CpuState.R8, CpuState.R9];
        Span<ulong> values = stackalloc ulong[arguments.Length];
        for (int i = 0; i < arguments.Length; i++) values[i] = arguments[i].Of(this);
        for (int i = 0; i < arguments.Length; i++) cpu->R[registers[i]] = values[i];
        cpu->R[CpuState.Rax] = (ulong)number;
    }

    private byte* Reach(ulong address, PageAccess access)
    {
        Pte pte = memory.Walk(address, out bool exclusive);
        bool allowed = access == PageAccess.Write ? memory.IsWritableNow(pte, exclusive) : pte.CanRead;
        if (!pte.IsPresent || !allowed) throw new GuestFault(address, access);
        return memory.Frames.Pointer(pte.Frame) + (address & 0xfff);
    }
}

/// <summary>A step touched memory that is not there.</summary>
internal sealed class GuestFault(ulong address, PageAccess access) : Exception
{
    public ulong Address => address;

    public PageAccess Access => access;
}
