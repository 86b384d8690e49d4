using System.Runtime.InteropServices;

namespace Kennel.Machine;

/// <summary>
/// The physical memory of the machine: 4 KiB frames out of one reserved range of host memory, each with a count of
/// references. Frame numbers are indexes into that range, so a host address is one shift and one add away.
/// </summary>
/// <remarks>Called under the kernel lock only; <see cref="Pointer"/> and <see cref="References"/> may be called anywhere.</remarks>
public sealed unsafe partial class FramePool : IDisposable
{
    /// <summary>Bytes in a frame, and in a page.</summary>
    public const int FrameSize = 4096;

    /// <summary>log2 of <see cref="FrameSize"/>.</summary>
    public const int FrameShift = 12;

    /// <summary>What <see cref="Allocate"/> answers when the limit is reached.</summary>
    public const int None = -1;

    /// <summary>The frame whose bytes are always zero: mapped where memory is read before it is written. Not counted as in use.</summary>
    public const int Zero = 0;

    // guard-note: everything below is guarded by the kernel lock.
    private readonly byte* _base;
    private readonly int* _references;
    private readonly byte* _flags;
    private readonly byte* _wasWritable;
    private readonly HostMemory _memory;
    private readonly List<Action<int>> _codeListeners = [];
    private int[] _free = new int[256];
    private int _freeCount;
    private int _nextFresh = 1;

    /// <param name="limitBytes">The most memory that the guests may use, in bytes; reserved, not committed.</param>
    public FramePool(long limitBytes)
    {
        Limit = (int)Math.Clamp(limitBytes >> FrameShift, 1, int.MaxValue - 1);
        _firstExtent = (Limit + ExtentFrames - 1) & ~(ExtentFrames - 1);
        int extents = OperatingSystem.IsLinux() ? (int)Math.Min((long)Generosity * _firstExtent, (int.MaxValue >> 1) - _firstExtent) >> ExtentShift : 0;
        if (extents == 0 || !HostMemory.TryReserve(BytesFor(_firstExtent + ((long)extents << ExtentShift)), out _memory!))
        {
            extents = 0;
            _memory = HostMemory.Reserve(BytesFor(_firstExtent));
        }
        _extents = new Extent[extents];
        _base = _memory.Address;
        _references = (int*)(_base + ((long)Capacity << FrameShift));
        _flags = (byte*)(_references + Capacity);
        _wasWritable = _flags + Capacity;
        _references[Zero] = 1 << 30; // never freed, never writable
    }

    /// <summary>The greatest number of frames in use at once.</summary>
    public int Limit { get; }

    /// <summary>Frames in use now.</summary>
    public int InUse { get; private set; }

    /// <summary>The largest <see cref="InUse"/> so far.</summary>
    public int Peak { get; private set; }

    private static long BytesFor(long frames) => (frames << FrameShift) + (frames * (sizeof(int) + 2)) + FrameSize;

    /// <summary>Host address of frame 0.</summary>
    public byte* Base => _base;

    /// <summary>Asked when the pool is full, before an allocation fails: drops frames that can be had again (clean page
    /// cache); answers whether it freed any.</summary>
    public Func<bool>? Reclaim { get; set; }

    /// <summary>Told before a frame that holds decoded code is reused or written by the kernel.</summary>
    public event Action<int> CodeFrameChanged
    {
        add => _codeListeners.Add(value);
        remove => _codeListeners.Remove(value);
    }

    /// <summary>A frame with one reference, or <see cref="None"/>.</summary>
    /// <param name="zeroed">Whether its bytes must be zero; otherwise they are whatever they were.</param>
    public int Allocate(bool zeroed = true)
    {
        while (InUse >= Limit - 1)
        {
            if (Reclaim?.Invoke() != true) return None;
        }
        int frame;
        if (_freeCount > 0)
        {
            frame = _free[--_freeCount];
            if (zeroed) new Span<byte>(Pointer(frame), FrameSize).Clear();
        }
        else
        {
            frame = _nextFresh++; // fresh host memory is zero already
        }
        Take(frame);
        return frame;
    }

    private void Take(int frame)
    {
        _references[frame] = 1;
        _wasWritable[frame] = 0;
        if (++InUse > Peak) Peak = InUse;
    }

    /// <summary>Host address of a frame's first byte.</summary>
    public byte* Pointer(int frame) => _base + ((long)frame << FrameShift);

    /// <summary>How many page-table entries and caches hold the frame.</summary>
    public int References(int frame) => _references[frame];

    /// <summary>Adds a holder.</summary>
    public void AddReference(int frame) => _references[frame]++;

    /// <summary>Removes a holder; the last one frees the frame.</summary>
    public void Release(int frame)
    {
        if (--_references[frame] != 0) return;
        if ((_flags[frame] & (byte)FrameFlags.HasCode) != 0) NotifyCodeChanged(frame);
        InUse--;
        if (frame >= _firstExtent)
        {
            GiveBack(frame);
            return;
        }
        if (_freeCount == _free.Length) Array.Resize(ref _free, _free.Length * 2);
        _free[_freeCount++] = frame;
    }

    /// <summary>Whether an engine holds decoded code of this frame.</summary>
    public bool HasCode(int frame) => (Volatile.Read(ref _flags[frame]) & (byte)FrameFlags.HasCode) != 0;

    /// <summary>Marks that an engine decoded code out of the frame; writes to it must be noticed from now on.</summary>
    public void MarkCode(int frame)
    {
        Volatile.Write(ref _flags[frame], (byte)FrameFlags.HasCode);
        Interlocked.MemoryBarrier(); // between this and WasWritable; the other side is MarkWritable, then HasCode
    }

    /// <summary>Whether a translation that allows stores was ever made for the frame since it was allocated.</summary>
    public bool WasWritable(int frame) => Volatile.Read(ref _wasWritable[frame]) != 0;

    /// <summary>Notes that a translation which allows stores is about to be made, unless <see cref="HasCode"/> says otherwise.</summary>
    public void MarkWritable(int frame)
    {
        if (_wasWritable[frame] != 0) return;
        Volatile.Write(ref _wasWritable[frame], 1);
        Interlocked.MemoryBarrier();
    }

    /// <summary>To be called before anybody but a guest's own store changes a frame's bytes.</summary>
    public void BeforeWrite(int frame)
    {
        if (HasCode(frame)) NotifyCodeChanged(frame);
    }

    private void NotifyCodeChanged(int frame)
    {
        Volatile.Write(ref _flags[frame], 0);
        foreach (Action<int> listener in _codeListeners) listener(frame);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory.Dispose();
    }

    [Flags]
    private enum FrameFlags : byte
    {
        HasCode = 1,
    }
}
