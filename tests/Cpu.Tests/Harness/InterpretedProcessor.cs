using System.Runtime.InteropServices;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>Runs test vectors in one of our engines, in the same surroundings as native.c.</summary>
public sealed unsafe class InterpretedProcessor : IDisposable
{
    private const uint SigTrap = 5, SigIll = 4, SigBus = 7, SigFpe = 8, SigSegv = 11;

    private readonly BareMachine _machine;
    private readonly CpuState* _state = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);

    public InterpretedProcessor(bool translate = false, CpuLevel level = CpuLevel.V2)
    {
        _machine = new BareMachine(translate: translate, level: level);
        _machine.Map(Layout.CodeBase, Layout.CodePages, PageAccess.Read | PageAccess.Write | PageAccess.Execute);
        _machine.Map(Layout.DataBase, Layout.DataPages, PageAccess.Read | PageAccess.Write);
        byte[] filler = new byte[Layout.CodePages * FramePool.FrameSize];
        filler.AsSpan().Fill(0xcc);
        _machine.Write(Layout.CodeBase, filler);
    }

    /// <summary>How many instructions to run at a time; as many as there are if null.</summary>
    public Func<long>? Budget { get; init; }

    /// <summary>Whether to go instruction by instruction.</summary>
    public bool Steps { get; init; }

    public Outcome[] Run(ReadOnlySpan<Vector> vectors)
    {
        var outcomes = new Outcome[vectors.Length];
        for (int i = 0; i < vectors.Length; i++) outcomes[i] = Run(vectors[i]);
        return outcomes;
    }

    public Outcome Run(in Vector vector)
    {
        ulong start = Layout.CodeBase + vector.CodeOffset;
        ReadOnlySpan<byte> code = vector.Code;
        _machine.Write(start, code[..(int)vector.CodeLength]);
        _machine.Write(Layout.WindowBase, vector.Data);
        Load(vector, start);
        StopReason stop;
        do stop = _machine.Run(_state, Budget?.Invoke() ?? 10_000_000);
        while (Budget != null && stop is StopReason.Preempted or StopReason.SingleStep);
        var outcome = new Outcome();
        Store(ref outcome, stop);
        _machine.Read(Layout.WindowBase, outcome.Data);
        Span<byte> filler = stackalloc byte[Layout.CodeSize];
        filler.Fill(0xcc);
        _machine.Write(start, filler[..(int)vector.CodeLength]);
        return outcome;
    }

    private StopReason Step()
    {
        StopReason stop;
        do stop = _machine.Run(_state, 1);
        while (stop == StopReason.SingleStep);
        return stop;
    }

    private void Load(in Vector v, ulong rip)
    {
        _state->Reset();
        for (int i = 0; i < 16; i++) _state->R[i] = v.Gpr[i];
        _state->R[CpuState.GsBase] = Layout.WindowBase;
        _state->Rip = rip;
        _state->Eflags = (uint)v.Rflags;
        FxState.Load(_state, v.Fx);
        ReadOnlySpan<byte> ymm = v.Ymm;
        if (ymm.ContainsAnyExcept((byte)0)) XsaveState.LoadYmm(_state, ymm);
    }

    private void Store(ref Outcome o, StopReason stop)
    {
        _machine.Engine.MaterializeFlags(_state);
        (o.Signal, o.Address) = stop switch
        {
            StopReason.Breakpoint or StopReason.SingleStep => (SigTrap, 0UL),
            StopReason.InvalidOpcode => (SigIll, _state->Rip),
            StopReason.DivideError or StopReason.FloatingPoint => (SigFpe, _state->Rip),
            StopReason.PageFault => (SigSegv, _state->FaultAddress),
            StopReason.GeneralProtection => (SigSegv, 0UL),
            StopReason.StackFault => (SigBus, 0UL),
            _ => ((uint)stop + 1000, 0UL),
        };
        for (int i = 0; i < 16; i++) o.Gpr[i] = _state->R[i];
        o.Rip = _state->Rip;
        o.Rflags = _state->Eflags;
        FxState.Store(_state, ref o.Fx);
        XsaveState.SaveYmm(_state, o.Ymm);
    }

    public void Dispose()
    {
        _machine.Dispose();
        NativeMemory.AlignedFree(_state);
    }
}
