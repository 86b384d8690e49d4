namespace Kennel.Time;

/// <summary>The running timers, the earliest first: a binary heap in which each timer knows its place, so that it can be stopped.</summary>
/// <remarks>Timers with the same deadline fire in the order they were started. guard-note: the kernel lock.</remarks>
public sealed class TimerHeap
{
    private KernelTimer[] _heap = new KernelTimer[64];
    private long _sequence;

    /// <summary>How many run.</summary>
    public int Count { get; private set; }

    /// <summary>The earliest deadline; <see cref="long.MaxValue"/> when none runs.</summary>
    public long Earliest => Count == 0 ? long.MaxValue : _heap[0].Deadline;

    internal void Add(KernelTimer timer)
    {
        if (Count == _heap.Length) Array.Resize(ref _heap, Count * 2);
        timer.Sequence = _sequence++;
        Place(timer, Count++);
        Rise(timer.Index);
    }

    internal void Remove(KernelTimer timer)
    {
        int index = timer.Index;
        timer.Index = -1;
        KernelTimer last = _heap[--Count];
        _heap[Count] = null!;
        if (last == timer) return;
        Place(last, index);
        Rise(index);
        Sink(last.Index);
    }

    /// <summary>Takes out the earliest timer if it is due.</summary>
    internal KernelTimer? TakeDue(long now)
    {
        if (Count == 0 || _heap[0].Deadline > now) return null;
        KernelTimer due = _heap[0];
        Remove(due);
        return due;
    }

    private void Rise(int index)
    {
        KernelTimer timer = _heap[index];
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (!IsBefore(timer, _heap[parent])) break;
            Place(_heap[parent], index);
            index = parent;
        }
        Place(timer, index);
    }

    private void Sink(int index)
    {
        KernelTimer timer = _heap[index];
        while (true)
        {
            int child = (index * 2) + 1;
            if (child >= Count) break;
            if (child + 1 < Count && IsBefore(_heap[child + 1], _heap[child])) child++;
            if (!IsBefore(_heap[child], timer)) break;
            Place(_heap[child], index);
            index = child;
        }
        Place(timer, index);
    }

    private void Place(KernelTimer timer, int index)
    {
        _heap[index] = timer;
        timer.Index = index;
    }

    private static bool IsBefore(KernelTimer a, KernelTimer b) =>
        a.Deadline != b.Deadline ? a.Deadline < b.Deadline : a.Sequence < b.Sequence;
}
