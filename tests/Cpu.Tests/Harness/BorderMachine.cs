using System.Runtime.InteropServices;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>
/// A machine with a page of code and pages of data with borders of all kinds: two that lie one behind the other in host memory, a third that
/// does not, nothing, a fourth, and one that may not be written.
/// </summary>
internal sealed unsafe class BorderMachine : IDisposable
{
    public const ulong Code = 0x40_0000, Data = 0x7000_0000, More = Data + (4 * FramePool.FrameSize), ReadOnly = More + FramePool.FrameSize;
    private const int DataPages = 3, MorePages = 2;

    private readonly BareMachine _machine;
    private readonly CpuState* _state = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);
    private readonly byte[] _data = new byte[DataPages * FramePool.FrameSize], _more = new byte[MorePages * FramePool.FrameSize];
    private StopReason _stop;

    public BorderMachine(bool translate)
    {
        _machine = new BareMachine(memory: 1 << 20, translate: translate, counts: true);
        _machine.Map(Code, 1, PageAccess.Read | PageAccess.Execute);
        _machine.Map(Data, 2, PageAccess.Read | PageAccess.Write);
        _machine.Frames.Allocate();
        _machine.Map(Data + (2 * FramePool.FrameSize), 1, PageAccess.Read | PageAccess.Write);
        _machine.Map(More, 1, PageAccess.Read | PageAccess.Write);
        _machine.Map(ReadOnly, 1, PageAccess.Read);
    }

    /// <summary>Sets registers.</summary>
    public delegate void Setup(CpuState* state);

    /// <summary>Runs code on pages filled anew; answers a hash of everything.</summary>
    public ulong Run(byte[] code, Setup setup)
    {
        var random = new Random(7);
        random.NextBytes(_data);
        random.NextBytes(_more);
        _machine.Write(Data, _data);
        _machine.Write(More, _more);
        _machine.Write(Code, code);
        _state->Reset();
        for (int i = 0; i < 16; i++) _state->R[i] = (ulong)i * 0x0101_0101_0101;
        setup(_state);
        _state->Rip = Code;
        _stop = _machine.Run(_state, 10_000);
        _machine.Engine.MaterializeFlags(_state);
        _machine.Read(Data, _data);
        _machine.Read(More, _more);
        ulong hash = (ulong)_stop;
        void Mix(ulong value) => hash = (hash ^ value) * 0x9e37_79b9_7f4a_7c15 + (hash >> 29);
        for (int i = 0; i < 16; i++) Mix(_state->R[i]);
        Mix(_state->Rip);
        Mix(_state->Retired);
        for (int i = 0; i < 6; i++) Mix(_state->Xmm[i]);
        if (_stop == StopReason.Breakpoint) Mix(_state->Eflags & 0x8d5);
        if (_stop == StopReason.PageFault) Mix(_state->FaultAddress);
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(_data)) Mix(word);
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(_more)) Mix(word);
        return hash;
    }

    public string Describe() =>
        $"{_stop} rip {_state->Rip:x} rsp {_state->R[CpuState.Rsp]:x} retired {_state->Retired} flags {_state->Eflags:x} fault {_state->FaultAddress:x}";

    public void Dispose()
    {
        _machine.Dispose();
        NativeMemory.AlignedFree(_state);
    }
}
