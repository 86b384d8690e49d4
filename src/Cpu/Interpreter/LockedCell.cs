using System.Runtime.Intrinsics.X86;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>
/// The memory operand of a locked instruction: read, then replaced if nobody changed it meanwhile. Where the host has no
/// atomic operation for it (it lies in two pages, or is misaligned on a host that minds), one lock stands in.
/// </summary>
internal unsafe ref struct LockedCell<W> where W : struct, IWidth
{
    private readonly CpuState* _s;
    private readonly ulong _address;
    private readonly byte* _host;
    private readonly object? _gate;

    public LockedCell(CpuState* s, ulong address)
    {
        _s = s;
        _address = address;
        _host = Memory.InPlace(s, address, W.Bytes);
        if (_host == null)
        {
            if (!Memory.CanModify(s, address, W.Bytes))
            {
                IsFaulty = true;
                return;
            }
            if ((address & 0xfff) + (ulong)W.Bytes <= FramePool.FrameSize) _host = MemorySlow.Translate(s, address, PageAccess.Write);
        }
        bool aligned = (address & (ulong)(W.Bytes - 1)) == 0;
        if (_host != null && (aligned || X86Base.IsSupported)) return;
        _gate = Processor.Of(s).Set;
        Monitor.Enter(_gate);
    }

    /// <summary>Whether the operand cannot be written; the fault is set up.</summary>
    public bool IsFaulty { get; }

    public readonly ulong Read()
    {
        if (_host != null) return W.Get(_host);
        W.Load(_s, _address, out ulong value);
        return value;
    }

    public readonly bool TryReplace(ulong old, ulong value)
    {
        if (_gate == null) return W.CompareExchange(_host, old, value);
        if (_host != null) W.Put(_host, value);
        else W.Store(_s, _address, value);
        return true;
    }

    public readonly void Dispose()
    {
        if (_gate != null) Monitor.Exit(_gate);
    }
}
