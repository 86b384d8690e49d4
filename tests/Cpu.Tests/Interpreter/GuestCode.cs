using System.Runtime.InteropServices;
using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>A task of a bare machine: registers, and code and a stack to run.</summary>
internal sealed unsafe class GuestCode : IDisposable
{
    public const ulong Code = 0x40_0000, Data = 0x60_0000, Stack = 0x7000_0000;

    public GuestCode(BareMachine machine, PageTable? table = null)
    {
        Machine = machine;
        Table = table ?? machine.Memory;
        State = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);
        State->Reset();
        State->Rip = Code;
        State->R[CpuState.Rsp] = Stack + 0x1000;
    }

    public BareMachine Machine { get; }

    public PageTable Table { get; }

    public CpuState* State { get; }

    public ref ulong this[int register] => ref State->R[register];

    /// <summary>Maps code (writable too), data and stack.</summary>
    public GuestCode Map(int codePages = 2)
    {
        Machine.Map(Code, codePages, PageAccess.Read | PageAccess.Write | PageAccess.Execute, Table);
        Machine.Map(Data, 2, PageAccess.Read | PageAccess.Write, Table);
        Machine.Map(Stack, 1, PageAccess.Read | PageAccess.Write, Table);
        return this;
    }

    /// <summary>Assembles to an address.</summary>
    public int Assemble(ulong address, Action<Assembler> write)
    {
        byte[] bytes = Bytes(address, write);
        Machine.Write(address, bytes, Table);
        return bytes.Length;
    }

    public static byte[] Bytes(ulong address, Action<Assembler> write)
    {
        var assembler = new Assembler(64);
        write(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), address);
        return stream.ToArray();
    }

    public StopReason Run(long budget = 1_000_000, int processor = 0) =>
        Machine.Engine.Run(Machine.Processors[processor], State, Table, budget);

    public void Dispose() => NativeMemory.AlignedFree(State);
}
