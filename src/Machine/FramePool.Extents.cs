namespace Kennel.Machine;

/// <summary>
/// Extents: aligned runs of frame numbers set apart for one stretch of one address space, so that its pages, however they come one by
/// one, lie in host memory as they lie in the guest's. Only numbers are set apart: a frame that nobody has taken costs nothing.
/// </summary>
/// <remarks>
/// A frame of an extent is taken by its number. What is given back keeps its host memory, to be taken again by the same or the next
/// owner, until there is too much of that.
/// </remarks>
public sealed unsafe partial class FramePool
{
    /// <summary>log2 of <see cref="ExtentFrames"/>.</summary>
    public const int ExtentShift = 14;

    /// <summary>Frames in an extent: 64 MiB.</summary>
    public const int ExtentFrames = 1 << ExtentShift;

    // Extents that could hold all memory this often, as most will be used in part only.
    private const int Generosity = 8;

    // Extents that begin far from the others, for those that have no neighbour yet.
    private const int Stride = 8;

    private const int MostIdle = 1 << 14;

    // What the count of references says of a frame that was given back and still has its host memory.
    private const int IdleFrame = -1;

    private readonly int _firstExtent;
    private readonly Extent[] _extents;
    private int _idle;
    private int _runs = None, _runsUsed; // the extent that runs come from now

    private struct Extent
    {
        public bool IsOwned;

        /// <summary>Frames taken, and frames given back since the memory was last returned to the host.</summary>
        public int InUse, Idle;

        /// <summary>What the last owner called it.</summary>
        public ulong Name;

        public readonly bool IsFree => !IsOwned && InUse == 0;
    }

    /// <summary>One more than the greatest frame number.</summary>
    public int Capacity => _firstExtent + (_extents.Length << ExtentShift);

    /// <summary>Extents that nobody owns, as a share of all of them: 0 to 1.</summary>
    public double FreeExtents { get; private set; } = 1;

    /// <summary>Sets an extent apart; answers its first frame, or <see cref="None"/>.</summary>
    /// <param name="name">What it is for: preferably it goes to whoever had one for the same.</param>
    /// <param name="below">First frame of the extent that should come right before, or <see cref="None"/>.</param>
    /// <param name="above">The same, right behind.</param>
    public int ReserveExtent(ulong name, int below, int above)
    {
        int chosen = below == None ? -1 : IndexOf(below) + 1;
        if (!IsFree(chosen)) chosen = above == None ? -1 : IndexOf(above) - 1;
        if (!IsFree(chosen)) chosen = FindExtent(name);
        if (chosen < 0) return None;
        _extents[chosen].IsOwned = true;
        _extents[chosen].Name = name;
        FreeExtents -= 1.0 / _extents.Length;
        return _firstExtent + (chosen << ExtentShift);
    }

    /// <summary>The owner is done with an extent; frames that others still hold stay.</summary>
    public void ReleaseExtent(int first)
    {
        _extents[IndexOf(first)].IsOwned = false;
        FreeExtents += 1.0 / _extents.Length;
    }

    /// <summary>Takes a certain frame of an extent, with one reference; false if it is in use or the limit is reached.</summary>
    public bool TryTake(int frame, bool zeroed = true)
    {
        if (_references[frame] > 0 || InUse >= Limit - 1) return false;
        ref Extent extent = ref _extents[IndexOf(frame)];
        if (_references[frame] == IdleFrame)
        {
            extent.Idle--;
            _idle--;
            if (zeroed) new Span<byte>(Pointer(frame), FrameSize).Clear();
        }
        extent.InUse++;
        Take(frame);
        return true;
    }

    /// <summary>
    /// Sets a run of frames apart for the pages of one file, to be tried with <see cref="TryTake"/>; answers its first frame, or
    /// <see cref="None"/>. It is never given back: when nothing of its extent is in use, somebody else gets that.
    /// </summary>
    public int ReserveRun(int frames)
    {
        if (frames > ExtentFrames || FreeExtents < 0.75) return None;
        if (_runs == None || _runsUsed + frames > ExtentFrames)
        {
            if (_runs != None) ReleaseExtent(_runs);
            _runs = ReserveExtent(ulong.MaxValue, None, None);
            _runsUsed = 0;
            if (_runs == None) return None;
        }
        int first = _runs + _runsUsed;
        _runsUsed += frames;
        return first;
    }

    /// <summary>Has the host provide neighbouring frames that are about to be written, which is cheaper than a fault for each.</summary>
    public void Populate(int first, int count) => _memory.Populate((long)first << FrameShift, (long)count << FrameShift);

    private int IndexOf(int frame) => (frame - _firstExtent) >> ExtentShift;

    private bool IsFree(int index) => (uint)index < (uint)_extents.Length && _extents[index].IsFree;

    private int FindExtent(ulong name)
    {
        int fresh = -1, apart = -1, any = -1;
        for (int i = 0; i < _extents.Length; i++)
        {
            if (!_extents[i].IsFree) continue;
            if (_extents[i].Name == name) return i;
            any = i;
            if (_extents[i].Name != 0) continue;
            if (i % Stride == Stride / 2 && apart < 0) apart = i;
            else if (fresh < 0) fresh = i;
        }
        return apart >= 0 ? apart : any >= 0 && _extents[any].Name != 0 ? any : fresh;
    }

    private void GiveBack(int frame)
    {
        ref Extent extent = ref _extents[IndexOf(frame)];
        _references[frame] = IdleFrame;
        extent.InUse--;
        extent.Idle++;
        if (++_idle > MostIdle) ReturnIdle();
    }

    // Returns the memory of frames that were given back to the host.
    private void ReturnIdle()
    {
        for (int i = 0; i < _extents.Length; i++)
        {
            if (_extents[i].Idle == 0) continue;
            int frame = _firstExtent + (i << ExtentShift), end = frame + ExtentFrames;
            while (_extents[i].Idle > 0 && frame < end)
            {
                int first = frame;
                for (; frame < end && _references[frame] == IdleFrame; frame++) _references[frame] = 0;
                if (frame > first) _memory.Discard((long)first << FrameShift, (long)(frame - first) << FrameShift);
                _extents[i].Idle -= frame - first;
                frame++;
            }
        }
        _idle = 0;
    }
}
