using System.Runtime.InteropServices;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Harness;

/// <summary>
/// A machine with pages of all kinds side by side, where a page fault is mended and the program goes on, as it would with a kernel.
/// </summary>
internal sealed unsafe class FaultingMachine : IDisposable
{
    public const ulong Code = 0x40_0000, Data = 0x7000_0000;
    public const int Pages = 12;
    private const int MostStops = 100;

    // The first two, and the fifth and sixth, lie one behind the other in host memory. '-' is not there at first, 'r' cannot be written, 'x' holds code.
    private const string Kinds = "ww-wwwrrw-xw";

    private readonly BareMachine _machine;
    private readonly CpuState* _state = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);
    private readonly int[] _frames = new int[Pages];
    private readonly byte[] _data = new byte[Pages * FramePool.FrameSize];
    private readonly bool _counts;

    public FaultingMachine(bool translate, bool counts, CpuLevel level = CpuLevel.V2, int roomForCode = int.MaxValue / 2)
    {
        _counts = counts;
        _machine = new BareMachine(memory: 1 << 20, translate: translate, counts: counts, level: level, roomForCode: roomForCode);
        _machine.Map(Code, 2, PageAccess.Read | PageAccess.Execute);
        for (int page = 0; page < Pages; page++)
        {
            if (page is 3 or 8) _machine.Frames.Allocate(); // so that it does not lie behind the one before
            _frames[page] = _machine.Frames.Allocate();
        }
    }

    /// <summary>Sets registers.</summary>
    public delegate void Setup(CpuState* state);

    /// <summary>What happened, a line for each stop.</summary>
    public List<string> Trace { get; } = [];

    public IExecutionEngine Engine => _machine.Engine;

    /// <summary>Runs code from its start on pages filled anew, until it stops by itself: faults are mended, or the instruction left out.</summary>
    public void Run(byte[] code, Setup setup, int seed)
    {
        Trace.Clear();
        for (int page = 0; page < Pages; page++) Show(page, Kinds[page]);
        new Random(seed).NextBytes(_data);
        for (int page = 0; page < Pages; page++)
        {
            if (Kinds[page] != '-') _machine.Write(Data + (ulong)(page * FramePool.FrameSize), _data.AsSpan(page * FramePool.FrameSize, FramePool.FrameSize));
        }
        _machine.Write(Code, code);
        _state->Reset();
        for (int i = 0; i < 16; i++) _state->R[i] = (ulong)i * 0x0101_0101_0101;
        setup(_state);
        _state->Rip = Code;
        while (Trace.Count < MostStops)
        {
            StopReason stop = _machine.Run(_state, 1_000_000);
            _machine.Processors[0].ClearPreemption();
            if (stop == StopReason.Preempted) continue;
            bool goesOn = (stop == StopReason.PageFault && Mend()) || (stop is StopReason.PageFault or StopReason.GeneralProtection && Skip(code));
            Trace.Add(Describe(stop, isLast: !goesOn));
            if (!goesOn) return;
        }
    }

    /// <summary>Asks for the processor and makes it forget what it knows, as other threads do; any thread.</summary>
    public void Disturb(int round)
    {
        switch (round % 4)
        {
            case 0:
                _machine.Processors[0].RequestPreemption();
                break;
            case 1:
                _machine.Processors.FlushWrites();
                break;
            case 2:
                ulong page = Data + (ulong)(round / 4 % Pages * FramePool.FrameSize);
                _machine.Processors.Invalidate(_machine.Memory, page, page + FramePool.FrameSize, code: round % 8 == 2);
                break;
            default:
                _machine.Processors[0].RequestAttention();
                break;
        }
    }

    public void Dispose()
    {
        _machine.Dispose();
        NativeMemory.AlignedFree(_state);
    }

    private bool Mend()
    {
        ulong offset = _state->FaultAddress - Data;
        int page = (int)Math.Min(offset >> FramePool.FrameShift, Pages);
        if (page == Pages || _state->FaultAccess == PageAccess.Execute) return false;
        if (Kinds[page] == 'r' && (offset & 0x800) != 0) return false; // now and then it ends there
        Show(page, 'w');
        return true;
    }

    // As the handler of a signal might: what cannot be mended is left out. Flags that it would have overwritten may not be there (docs/engine.md).
    private bool Skip(byte[] code)
    {
        ulong at = _state->Rip - Code;
        if (at >= (ulong)code.Length) return false;
        _machine.Engine.MaterializeFlags(_state);
        _state->Eflags &= ~0x8d5u;
        _state->Rip += (ulong)Decoder.Create(64, code.AsSpan((int)at).ToArray()).Decode().Length;
        return true;
    }

    private void Show(int page, char kind)
    {
        ulong address = Data + (ulong)(page * FramePool.FrameSize);
        if (kind == '-')
        {
            new Span<byte>(_machine.Frames.Pointer(_frames[page]), FramePool.FrameSize).Clear();
            _machine.Memory.Clear(address, address + FramePool.FrameSize);
            return;
        }
        Pte pte = Pte.For(_frames[page], kind switch
        {
            'r' => PageAccess.Read,
            'x' => PageAccess.Read | PageAccess.Write | PageAccess.Execute,
            _ => PageAccess.Read | PageAccess.Write,
        }, shared: true);
        if (_machine.Memory.Walk(address, out _).Bits == pte.Bits) return;
        _machine.Frames.AddReference(_frames[page]);
        _machine.Memory.Set(address, pte);
    }

    private string Describe(StopReason stop, bool isLast)
    {
        _machine.Engine.MaterializeFlags(_state);
        var hash = new HashCode();
        hash.AddBytes(new ReadOnlySpan<byte>(_state->Xmm, 256));
        hash.AddBytes(new ReadOnlySpan<byte>(_state->YmmHigh, 256));
        hash.Add(_state->Mxcsr);
        string memory = "";
        if (isLast)
        {
            for (int page = 0; page < Pages; page++)
            {
                var content = new HashCode();
                content.AddBytes(new ReadOnlySpan<byte>(_machine.Frames.Pointer(_frames[page]), FramePool.FrameSize));
                memory += $" {content.ToHashCode():x8}";
            }
        }
        string registers = string.Join(' ', new ReadOnlySpan<ulong>(_state->R, 16).ToArray().Select(static r => $"{r:x}"));
        return $"{stop} {_state->Rip:x} {(stop == StopReason.PageFault ? $"{_state->FaultAddress:x} {_state->FaultAccess}" : stop == StopReason.Breakpoint ? $"flags {_state->Eflags & 0x8d5:x}" : "")} " +
            $"{(_counts ? $"retired {_state->Retired}" : "")}: {registers}; {hash.ToHashCode():x8};{memory}";
    }
}
